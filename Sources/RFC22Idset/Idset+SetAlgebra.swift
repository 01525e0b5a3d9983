extension Idset: SetAlgebra, ExpressibleByArrayLiteral {
    /// The ids of a sequence in any order; repeated ids count once.
    ///
    /// - Complexity: linear for ascending ids, otherwise that of sorting.
    public init(_ ids: some Sequence<UInt32>) {
        self.init()
        var isAscending = true
        var rest: [UInt32] = []
        for id in ids {
            if isAscending, last.map({ $0 < id }) ?? true {
                append(id...id)
            } else {
                isAscending = false
                rest.append(id)
            }
        }
        guard !rest.isEmpty else { return }
        rest.sort()
        var others = Idset()
        for id in rest where others.last != id { others.append(id...id) }
        formUnion(others)
    }

    /// A set of the listed ids.
    public init(arrayLiteral ids: UInt32...) { self.init(ids) }

    /// Adds `id`; `inserted` is false when it was a member already.
    @discardableResult
    public mutating func insert(_ id: UInt32) -> (inserted: Bool, memberAfterInsert: UInt32) {
        if contains(id) { return (false, id) }
        insert(id...id)
        return (true, id)
    }

    /// Adds `id` and returns it when it was a member already.
    @discardableResult
    public mutating func update(with id: UInt32) -> UInt32? { insert(id).inserted ? nil : id }

    /// Removes `id` and returns it, or returns nil when it was not a member.
    @discardableResult
    public mutating func remove(_ id: UInt32) -> UInt32? {
        guard contains(id) else { return nil }
        remove(id...id)
        return id
    }

    /// The ids in either set.
    public func union(_ other: Idset) -> Idset {
        if isEmpty { return other }
        if other.isEmpty { return self }
        var result: [ClosedRange<UInt32>] = []
        result.reserveCapacity(ranges.count + other.ranges.count)
        var i = 0, j = 0
        var current = ranges[0].lowerBound <= other.ranges[0].lowerBound ? ranges[0] : other.ranges[0]
        while i < ranges.count || j < other.ranges.count {
            let takeOwn = j == other.ranges.count
                || (i < ranges.count && ranges[i].lowerBound <= other.ranges[j].lowerBound)
            let next = takeOwn ? ranges[i] : other.ranges[j]
            if takeOwn { i += 1 } else { j += 1 }
            // `next` begins at or after `current`; they merge when nothing lies between them.
            if next.lowerBound == 0 || next.lowerBound - 1 <= current.upperBound {
                current = current.lowerBound...Swift.max(current.upperBound, next.upperBound)
            } else {
                result.append(current)
                current = next
            }
        }
        result.append(current)
        return Idset(normalized: result)
    }

    /// The ids in both sets.
    public func intersection(_ other: Idset) -> Idset {
        var result: [ClosedRange<UInt32>] = []
        forEachOverlap(with: other) { overlap in
            result.append(overlap)
            return true
        }
        return Idset(normalized: result)
    }

    /// The ids of this set that are not in `other`.
    public func subtracting(_ other: Idset) -> Idset {
        if isEmpty || other.isEmpty { return self }
        var result: [ClosedRange<UInt32>] = []
        result.reserveCapacity(ranges.count)
        var j = 0
        for range in ranges {
            var lower = range.lowerBound
            var isUsedUp = false
            while j < other.ranges.count, other.ranges[j].upperBound < lower { j += 1 }
            while j < other.ranges.count, other.ranges[j].lowerBound <= range.upperBound {
                let hole = other.ranges[j]
                if lower < hole.lowerBound { result.append(lower...(hole.lowerBound - 1)) }
                guard hole.upperBound < range.upperBound else {
                    isUsedUp = true
                    break
                }
                lower = hole.upperBound + 1
                j += 1
            }
            if !isUsedUp { result.append(lower...range.upperBound) }
        }
        return Idset(normalized: result)
    }

    /// The ids in exactly one of the sets.
    public func symmetricDifference(_ other: Idset) -> Idset {
        subtracting(other).union(other.subtracting(self))
    }

    /// Adds the ids of `other`.
    public mutating func formUnion(_ other: Idset) {
        if other.ranges.count <= 4 || other.ranges.count < ranges.count / 64 {
            for range in other.ranges { insert(range) }
        } else {
            self = union(other)
        }
    }

    /// Keeps only the ids that are also in `other`.
    public mutating func formIntersection(_ other: Idset) { self = intersection(other) }

    /// Removes the ids of `other`.
    public mutating func subtract(_ other: Idset) {
        if other.ranges.count <= 4 || other.ranges.count < ranges.count / 64 {
            for range in other.ranges { remove(range) }
        } else {
            self = subtracting(other)
        }
    }

    /// Keeps the ids in exactly one of the sets.
    public mutating func formSymmetricDifference(_ other: Idset) { self = symmetricDifference(other) }

    /// Whether the sets have no id in common.
    public func isDisjoint(with other: Idset) -> Bool {
        var isDisjoint = true
        forEachOverlap(with: other) { _ in
            isDisjoint = false
            return false
        }
        return isDisjoint
    }

    /// Whether every id of this set is in `other`.
    public func isSubset(of other: Idset) -> Bool {
        var j = 0
        for range in ranges {
            while j < other.ranges.count, other.ranges[j].upperBound < range.lowerBound { j += 1 }
            guard j < other.ranges.count, other.ranges[j].lowerBound <= range.lowerBound,
                range.upperBound <= other.ranges[j].upperBound
            else { return false }
        }
        return true
    }

    /// Calls `body` with each maximal common range, ascending, until it returns false.
    private func forEachOverlap(with other: Idset, _ body: (ClosedRange<UInt32>) -> Bool) {
        var i = 0, j = 0
        while i < ranges.count, j < other.ranges.count {
            let own = ranges[i], their = other.ranges[j]
            let lower = Swift.max(own.lowerBound, their.lowerBound), upper = Swift.min(own.upperBound, their.upperBound)
            if lower <= upper, !body(lower...upper) { return }
            if own.upperBound < their.upperBound { i += 1 } else { j += 1 }
        }
    }
}
