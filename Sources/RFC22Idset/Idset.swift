/// A set of small non-negative integers: ranks, task ids, core numbers.
///
/// Stored as ascending ranges that neither overlap nor touch, so a set with a million consecutive ids is one range
/// and costs eight bytes. Membership is a binary search; union, intersection and difference are one pass over the
/// ranges of both sets.
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
public struct Idset: Hashable, Sendable {
    /// The largest id a text may contain, 2147483647.
    ///
    /// Source: flux-core's largest universe; RFC 22 itself gives no limit. The value holds any `UInt32`.
    public static let maximumID: UInt32 = 0x7fff_ffff

    /// The maximal runs of consecutive ids, ascending; between two runs at least one id is missing.
    public internal(set) var ranges: [ClosedRange<UInt32>]

    /// The empty set.
    public init() { ranges = [] }

    /// The ids `range.lowerBound` through `range.upperBound`.
    public init(_ range: ClosedRange<UInt32>) { ranges = [range] }

    /// The ids from `range.lowerBound` up to, but not including, `range.upperBound`; empty for an empty range.
    public init(_ range: Range<UInt32>) { ranges = range.isEmpty ? [] : [ClosedRange(range)] }

    /// Creates a set from ranges that are already ascending, disjoint and not adjacent.
    init(normalized ranges: [ClosedRange<UInt32>]) { self.ranges = ranges }

    /// Number of ids in the set.
    ///
    /// - Complexity: linear in the number of ranges.
    public var count: Int {
        var total = ranges.count
        for range in ranges { total &+= Int(range.upperBound &- range.lowerBound) }
        return total
    }

    /// Whether the set has no ids.
    public var isEmpty: Bool { ranges.isEmpty }

    /// The smallest id, or nil when the set is empty.
    public var first: UInt32? { ranges.first?.lowerBound }

    /// The largest id, or nil when the set is empty.
    public var last: UInt32? { ranges.last?.upperBound }

    /// Whether `id` is a member.
    ///
    /// - Complexity: logarithmic in the number of ranges.
    public func contains(_ id: UInt32) -> Bool {
        let index = firstRange(endingAtOrAfter: id)
        return index < ranges.count && ranges[index].lowerBound <= id
    }

    /// Whether every id of `range` is a member.
    public func contains(_ range: ClosedRange<UInt32>) -> Bool {
        let index = firstRange(endingAtOrAfter: range.lowerBound)
        guard index < ranges.count else { return false }
        return ranges[index].lowerBound <= range.lowerBound && range.upperBound <= ranges[index].upperBound
    }

    /// The smallest member greater than `id`, or nil; `id` itself need not be a member.
    public func next(after id: UInt32) -> UInt32? {
        guard id < .max else { return nil }
        let index = firstRange(endingAtOrAfter: id + 1)
        return index < ranges.count ? Swift.max(ranges[index].lowerBound, id + 1) : nil
    }

    /// The largest member less than `id`, or nil; `id` itself need not be a member.
    public func previous(before id: UInt32) -> UInt32? {
        guard id > 0 else { return nil }
        let index = firstRange(endingAtOrAfter: id)
        if index < ranges.count, ranges[index].lowerBound < id { return id - 1 }
        return index > 0 ? ranges[index - 1].upperBound : nil
    }

    /// Index of the first range whose upper bound is not less than `id`; `ranges.count` when there is none.
    func firstRange(endingAtOrAfter id: UInt32) -> Int {
        ranges.withUnsafeBufferPointer { ranges in
            var low = 0
            var size = ranges.count
            // Halving without a branch in the loop body: the comparison becomes a conditional move.
            while size > 0 {
                let half = size &>> 1
                let isBefore = ranges[low &+ half].upperBound < id
                low = isBefore ? low &+ half &+ 1 : low
                size = isBefore ? size &- half &- 1 : half
            }
            return low
        }
    }
}
