extension Hostlist: RandomAccessCollection {
    /// Walks the names in list order.
    public struct Iterator: IteratorProtocol, Sendable {
        private let ranges: [HostRange]
        private var range = 0
        private var offset = 0

        init(_ ranges: [HostRange]) { self.ranges = ranges }

        /// The next name, or nil after the last.
        public mutating func next() -> String? {
            guard range < ranges.count else { return nil }
            let name = ranges[range].name(at: offset)
            offset += 1
            if offset == ranges[range].count {
                range += 1
                offset = 0
            }
            return name
        }
    }

    /// An iterator over the names.
    public func makeIterator() -> Iterator { Iterator(ranges) }

    /// Position of the first host, 0.
    public var startIndex: Int { 0 }

    /// The position behind the last host.
    public var endIndex: Int { count }

    /// The name of the host at `position`.
    ///
    /// - Complexity: logarithmic in the number of ranges.
    public subscript(position: Int) -> String {
        let place = self.place(of: position)
        return ranges[place.range].name(at: place.offset)
    }

    /// The name of the host at `position`, counted from the end when negative, or nil when there is none.
    public func host(at position: Int) -> String? {
        let index = position < 0 ? position &+ count : position
        return indices.contains(index) ? self[index] : nil
    }

    /// The hosts at the given positions as a list of their own.
    ///
    /// - Complexity: linear in the number of ranges.
    public func sublist(_ positions: Range<Int>) -> Hostlist {
        let bounds = positions.clamped(to: 0..<count)
        guard !bounds.isEmpty else { return Hostlist() }
        let first = place(of: bounds.lowerBound)
        let last = place(of: bounds.upperBound - 1)
        var result = Hostlist()
        for index in first.range...last.range {
            let start = index == first.range ? first.offset : 0
            let end = index == last.range ? last.offset + 1 : ranges[index].count
            result.append(ranges[index].part(start..<end))
        }
        return result
    }

    /// The hosts at the given positions, in the order of the positions, as a list of their own.
    ///
    /// - Returns: nil when a position is outside the list.
    public func sublist(at positions: some Sequence<Int>) -> Hostlist? {
        var result = Hostlist()
        for position in positions {
            guard indices.contains(position) else { return nil }
            let place = self.place(of: position)
            result.append(ranges[place.range].part(place.offset..<(place.offset + 1)))
        }
        return result
    }
}

extension Hostlist: Hashable {
    /// Whether both lists name the same hosts in the same order.
    public static func == (left: Hostlist, right: Hostlist) -> Bool {
        guard left.count == right.count else { return false }
        return left.ranges == right.ranges || left.canonicalRanges == right.canonicalRanges
    }

    /// Feeds the names and their order into `hasher`.
    public func hash(into hasher: inout Hasher) { hasher.combine(canonicalRanges) }

    /// Ranges that are the same for every list with the same names in the same order.
    private var canonicalRanges: [HostRange] {
        var result = Hostlist()
        for range in ranges {
            for piece in range.pieces { result.append(piece.range) }
        }
        return result.ranges
    }
}
