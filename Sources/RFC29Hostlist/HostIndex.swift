/// Answers where a name is in a list, in logarithmic time; for asking about many names.
///
/// ```swift
/// let index = HostIndex(try Hostlist(parsing: "node[0-1023],login"))
/// index.position(of: "node17")   // 17
/// index.contains("node1024")     // false
/// ```
public struct HostIndex: Sendable {
    /// Values that stand in a list one after the other.
    struct Segment: Hashable, Sendable {
        var low: UInt64
        var high: UInt64
        /// Position of `low` in the list.
        var position: Int
    }

    /// Names without digits at their end, and their first positions.
    private var names: [String: Int] = [:]
    /// Segments of the names with digits, ascending and disjoint.
    private var table: [HostPiece.Key: [Segment]] = [:]

    /// Indexes a list. Of a name that repeats, the first position counts.
    ///
    /// - Complexity: that of sorting the ranges of the list.
    public init(_ list: Hostlist) {
        list.forEachPiece { piece, position in
            if piece.key.digits == 0 {
                if names[piece.key.stem] == nil { names[piece.key.stem] = position }
            } else {
                let segment = Segment(low: piece.values.lowerBound, high: piece.values.upperBound, position: position)
                table[piece.key, default: []].append(segment)
            }
        }
        for key in Array(table.keys) {
            if let segments = table[key], segments.count > 1 { table[key] = Self.disjoint(segments) }
        }
    }

    /// Position of the first host with this name, or nil.
    public func position(of name: String) -> Int? {
        var result: Int?
        forEachOverlap(with: HostRange.piece(name: name, offset: 0)) { _, position in result = position }
        return result
    }

    /// Whether a host has this name.
    public func contains(_ name: String) -> Bool { position(of: name) != nil }

    /// Number of different names.
    public var count: Int {
        table.values.reduce(names.count) { total, segments in
            segments.reduce(total) { $0 + Int($1.high - $1.low) + 1 }
        }
    }

    /// Calls `body` with the values of `piece` that are in the list and the first position of the lowest, ascending.
    func forEachOverlap(with piece: HostPiece, _ body: (ClosedRange<UInt64>, Int) -> Void) {
        guard piece.key.digits > 0 else {
            if let position = names[piece.key.stem] { body(0...0, position) }
            return
        }
        guard let segments = table[piece.key] else { return }
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].high < piece.values.lowerBound { low = middle + 1 } else { high = middle }
        }
        while low < segments.count, segments[low].low <= piece.values.upperBound {
            let segment = segments[low]
            let first = Swift.max(segment.low, piece.values.lowerBound)
            body(first...Swift.min(segment.high, piece.values.upperBound), segment.position + Int(first - segment.low))
            low += 1
        }
    }

    /// The same values with their first positions, ascending and without overlap.
    private static func disjoint(_ unsorted: [Segment]) -> [Segment] {
        let segments = unsorted.sorted { ($0.low, $0.position) < ($1.low, $1.position) }
        if zip(segments, segments.dropFirst()).allSatisfy({ $0.high < $1.low }) { return segments }

        var result: [Segment] = []
        var active: [Segment] = []
        var opened = 0
        var low = segments[0].low
        while true {
            while opened < segments.count, segments[opened].low <= low {
                active.append(segments[opened])
                opened += 1
            }
            active.removeAll { $0.high < low }
            // Of the segments that hold `low`, the one where it comes first.
            let best = active.min { $0.position + Int(low - $0.low) < $1.position + Int(low - $1.low) }
            guard let best else {
                guard opened < segments.count else { return result }
                low = segments[opened].low
                continue
            }
            let high = opened < segments.count ? Swift.min(best.high, segments[opened].low - 1) : best.high
            result.append(Segment(low: low, high: high, position: best.position + Int(low - best.low)))
            low = high + 1
        }
    }
}
