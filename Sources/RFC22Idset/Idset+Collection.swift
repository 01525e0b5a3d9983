extension Idset: BidirectionalCollection {
    /// A place in the set: a range and an id in it.
    public struct Index: Comparable, Hashable, Sendable {
        let range: Int
        let id: UInt32

        /// Orders places by the ids they stand for; the end comes last.
        public static func < (left: Index, right: Index) -> Bool {
            (left.range, left.id) < (right.range, right.id)
        }
    }

    /// Walks the ids in ascending order without allocating.
    public struct Iterator: IteratorProtocol, Sendable {
        private let ranges: [ClosedRange<UInt32>]
        private var range = 0
        // 64 bits, so that the id after UInt32.max can be represented.
        private var next_: UInt64 = 1
        private var upper: UInt64 = 0

        init(_ ranges: [ClosedRange<UInt32>]) { self.ranges = ranges }

        /// The next id, or nil after the last.
        public mutating func next() -> UInt32? {
            if next_ > upper {
                guard range < ranges.count else { return nil }
                next_ = UInt64(ranges[range].lowerBound)
                upper = UInt64(ranges[range].upperBound)
                range &+= 1
            }
            defer { next_ &+= 1 }
            return UInt32(truncatingIfNeeded: next_)
        }
    }

    /// An iterator over the ids, ascending.
    public func makeIterator() -> Iterator { Iterator(ranges) }

    /// The place of the smallest id.
    public var startIndex: Index { Index(range: 0, id: ranges.first?.lowerBound ?? 0) }

    /// The place behind the largest id.
    public var endIndex: Index { Index(range: ranges.count, id: 0) }

    /// The id at a place.
    public subscript(position: Index) -> UInt32 {
        precondition(position.range < ranges.count && ranges[position.range].contains(position.id), "index out of range")
        return position.id
    }

    /// The place of the next greater id.
    public func index(after index: Index) -> Index {
        if index.id < ranges[index.range].upperBound { return Index(range: index.range, id: index.id + 1) }
        let next = index.range + 1
        return next < ranges.count ? Index(range: next, id: ranges[next].lowerBound) : endIndex
    }

    /// The place of the next smaller id.
    public func index(before index: Index) -> Index {
        if index.range < ranges.count, index.id > ranges[index.range].lowerBound {
            return Index(range: index.range, id: index.id - 1)
        }
        return Index(range: index.range - 1, id: ranges[index.range - 1].upperBound)
    }

    /// The place of `id`, or nil when it is not a member.
    public func firstIndex(of id: UInt32) -> Index? {
        let range = firstRange(endingAtOrAfter: id)
        guard range < ranges.count, ranges[range].lowerBound <= id else { return nil }
        return Index(range: range, id: id)
    }

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

    private func position(of index: Index) -> Int {
        var total = 0
        for range in ranges[..<index.range] { total += Int(range.upperBound - range.lowerBound) + 1 }
        return index.range < ranges.count ? total + Int(index.id - ranges[index.range].lowerBound) : total
    }
}
