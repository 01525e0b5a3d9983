/// A set of small non-negative integers: ranks, task ids, core numbers.
///
/// Stored as ascending ranges that neither overlap nor touch, so a set with a million consecutive ids is one range
/// and costs eight bytes. Membership is a binary search; union, intersection and difference are one pass over the
/// ranges of both sets. Sets with thousands of ranges are kept in chunks while single ids come and go.
///
/// ```swift
/// var ranks = try Idset(parsing: "0-3,7")
/// ranks.insert(4)
/// ranks.contains(7)          // true
/// ranks.description          // "0-4,7"
/// ranks.formatted(.ranges.bracketed)   // "[0-4,7]"
/// ```
///
/// Source: RFC 22. Where the RFC is silent the set behaves as flux-core's idset library does.
public struct Idset: Sendable {
    /// The largest id a text may contain, 2147483647.
    ///
    /// Source: flux-core's largest universe; RFC 22 itself gives no limit. The value holds any `UInt32`.
    public static let maximumID: UInt32 = 0x7fff_ffff

    /// The maximal runs of consecutive ids, ascending; between two runs at least one id is missing.
    public var ranges: [ClosedRange<UInt32>] { chunks?.flattened ?? flat }

    /// The ranges, unless there are ``chunks``.
    var flat: [ClosedRange<UInt32>]
    /// The ranges of a large set that is being changed in the middle.
    var chunks: RangeChunks?

    /// The empty set.
    public init() { flat = [] }

    /// The ids `range.lowerBound` through `range.upperBound`.
    public init(_ range: ClosedRange<UInt32>) { flat = [range] }

    /// The ids from `range.lowerBound` up to, but not including, `range.upperBound`; empty for an empty range.
    public init(_ range: Range<UInt32>) { flat = range.isEmpty ? [] : [ClosedRange(range)] }

    /// Creates a set from ranges that are already ascending, disjoint and not adjacent.
    init(normalized ranges: [ClosedRange<UInt32>]) { flat = ranges }

    /// Number of ids in the set.
    ///
    /// - Complexity: linear in the number of ranges.
    public var count: Int {
        if let chunks { return chunks.count }
        var total = flat.count
        for range in flat { total &+= Int(range.upperBound &- range.lowerBound) }
        return total
    }

    /// Whether the set has no ids.
    public var isEmpty: Bool { chunks?.isEmpty ?? flat.isEmpty }

    /// The smallest id, or nil when the set is empty.
    public var first: UInt32? { chunks == nil ? flat.first?.lowerBound : chunks?.first }

    /// The largest id, or nil when the set is empty.
    public var last: UInt32? { chunks == nil ? flat.last?.upperBound : chunks?.last }

    /// Whether `id` is a member.
    ///
    /// - Complexity: logarithmic in the number of ranges.
    public func contains(_ id: UInt32) -> Bool {
        guard let range = range(endingAtOrAfter: id) else { return false }
        return range.lowerBound <= id
    }

    /// Whether every id of `range` is a member.
    public func contains(_ range: ClosedRange<UInt32>) -> Bool {
        guard let own = self.range(endingAtOrAfter: range.lowerBound) else { return false }
        return own.lowerBound <= range.lowerBound && range.upperBound <= own.upperBound
    }

    /// The smallest member greater than `id`, or nil; `id` itself need not be a member.
    public func next(after id: UInt32) -> UInt32? {
        guard id < .max, let range = range(endingAtOrAfter: id + 1) else { return nil }
        return Swift.max(range.lowerBound, id + 1)
    }

    /// The largest member less than `id`, or nil; `id` itself need not be a member.
    public func previous(before id: UInt32) -> UInt32? {
        guard id > 0 else { return nil }
        if let range = range(endingAtOrAfter: id), range.lowerBound < id { return id - 1 }
        guard let chunks else {
            let index = flatIndex(endingAtOrAfter: id)
            return index > 0 ? flat[index - 1].upperBound : nil
        }
        guard let place = chunks.range(endingAtOrAfter: id)?.place else { return chunks.last }
        return chunks.range(before: place)?.upperBound
    }

    /// The first range whose upper bound is not less than `id`, or nil.
    func range(endingAtOrAfter id: UInt32) -> ClosedRange<UInt32>? {
        if let chunks { return chunks.range(endingAtOrAfter: id)?.range }
        let index = flatIndex(endingAtOrAfter: id)
        return index < flat.count ? flat[index] : nil
    }

    /// Index in ``flat`` of the first range whose upper bound is not less than `id`; `flat.count` when there is none.
    func flatIndex(endingAtOrAfter id: UInt32) -> Int { flat.partitionPoint { $0.upperBound < id } }
}

extension Idset: Hashable {
    /// Whether both sets have the same ids.
    public static func == (left: Idset, right: Idset) -> Bool { left.ranges == right.ranges }

    /// Feeds the ids into `hasher`.
    public func hash(into hasher: inout Hasher) { hasher.combine(ranges) }
}
