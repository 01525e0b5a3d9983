extension Idset: BidirectionalCollection {
    /// A place in the set: an id, or the end.
    public struct Index: Comparable, Hashable, Sendable {
        let id: UInt32
        let isEnd: Bool

        /// Orders places by the ids they stand for; the end comes last.
        public static func < (left: Index, right: Index) -> Bool {
            left.isEnd != right.isEnd ? right.isEnd : left.id < right.id
        }
    }

    /// Walks the ids in ascending order without allocating.
    public struct Iterator: IteratorProtocol, Sendable {
        private let ranges: [ClosedRange<UInt32>]
        private var range = 0
        // 64 bits, so that the id after UInt32.max can be represented.
        private var following: UInt64 = 1
        private var upper: UInt64 = 0

        init(_ ranges: [ClosedRange<UInt32>]) { self.ranges = ranges }

        /// The next id, or nil after the last.
        public mutating func next() -> UInt32? {
            if following > upper {
                guard range < ranges.count else { return nil }
                following = UInt64(ranges[range].lowerBound)
                upper = UInt64(ranges[range].upperBound)
                range &+= 1
            }
            defer { following &+= 1 }
            return UInt32(truncatingIfNeeded: following)
        }
    }

    /// An iterator over the ids, ascending.
    public func makeIterator() -> Iterator { Iterator(ranges) }

    /// The place of the smallest id.
    public var startIndex: Index { Index(id: first ?? UInt32.max, isEnd: isEmpty) }

    /// The place behind the largest id.
    public var endIndex: Index { Index(id: .max, isEnd: true) }

    /// The id at a place.
    public subscript(position: Index) -> UInt32 {
        precondition(!position.isEnd && contains(position.id), "index out of range")
        return position.id
    }

    /// The place of the next greater id.
    public func index(after index: Index) -> Index {
        guard let id = next(after: index.id) else { return endIndex }
        return Index(id: id, isEnd: false)
    }

    /// The place of the next smaller id.
    public func index(before index: Index) -> Index {
        let id = index.isEnd ? last : previous(before: index.id)
        guard let id else { preconditionFailure("index out of range") }
        return Index(id: id, isEnd: false)
    }

    /// The place of `id`, or nil when it is not a member.
    public func firstIndex(of id: UInt32) -> Index? { contains(id) ? Index(id: id, isEnd: false) : nil }

    /// How many members are smaller than `id`; for a member this is its position.
    ///
    /// - Complexity: linear in the number of ranges before it.
    public func countOfMembers(below id: UInt32) -> Int {
        var total = 0
        for range in ranges {
            if range.upperBound < id {
                total += Int(range.upperBound - range.lowerBound) + 1
            } else {
                return range.lowerBound < id ? total + Int(id - range.lowerBound) : total
            }
        }
        return total
    }

    /// The member at `position`, counted from 0 in ascending order, or nil when there are not that many.
    ///
    /// - Complexity: linear in the number of ranges before it.
    public func member(at position: Int) -> UInt32? {
        guard position >= 0 else { return nil }
        var left = position
        for range in ranges {
            let size = Int(range.upperBound - range.lowerBound) + 1
            if left < size { return range.lowerBound + UInt32(left) }
            left -= size
        }
        return nil
    }

    /// The `limit` smallest members.
    public func smallest(_ limit: Int) -> Idset {
        var left = limit
        var result: [ClosedRange<UInt32>] = []
        for range in ranges where left > 0 {
            let size = Int(range.upperBound - range.lowerBound) + 1
            result.append(range.lowerBound...(range.lowerBound + UInt32(Swift.min(size, left) - 1)))
            left -= size
        }
        return Idset(normalized: result)
    }

    /// Number of steps between two places.
    public func distance(from start: Index, to end: Index) -> Int { position(of: end) - position(of: start) }

    private func position(of index: Index) -> Int { index.isEnd ? count : countOfMembers(below: index.id) }
}
