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
        (add(id...id), id)
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
        let ranges = self.ranges
        let others = other.ranges
        var result: [ClosedRange<UInt32>] = []
        result.reserveCapacity(ranges.count + others.count)
        var i = 0
        var j = 0
        var current = ranges[0].lowerBound <= others[0].lowerBound ? ranges[0] : others[0]
        while i < ranges.count || j < others.count {
            let takeOwn =
                j == others.count
                || (i < ranges.count && ranges[i].lowerBound <= others[j].lowerBound)
            let next = takeOwn ? ranges[i] : others[j]
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
        let ranges = self.ranges
        let others = other.ranges
        var result: [ClosedRange<UInt32>] = []
        result.reserveCapacity(ranges.count)
        var j = 0
        for range in ranges {
            var lower = range.lowerBound
            var isUsedUp = false
            while j < others.count, others[j].upperBound < lower { j += 1 }
            while j < others.count, others[j].lowerBound <= range.upperBound {
                let hole = others[j]
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
        let others = other.ranges
        if others.count <= 4 || others.count < flat.count / 64 {
            for range in others { insert(range) }
        } else {
            self = union(other)
        }
    }

    /// Keeps only the ids that are also in `other`.
    public mutating func formIntersection(_ other: Idset) { self = intersection(other) }

    /// Removes the ids of `other`.
    public mutating func subtract(_ other: Idset) {
        let others = other.ranges
        if others.count <= 4 || others.count < flat.count / 64 {
            for range in others { remove(range) }
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
        let others = other.ranges
        var j = 0
        for range in ranges {
            while j < others.count, others[j].upperBound < range.lowerBound { j += 1 }
            guard j < others.count, others[j].lowerBound <= range.lowerBound,
                range.upperBound <= others[j].upperBound
            else { return false }
        }
        return true
    }

    /// Calls `body` with each maximal common range, ascending, until it returns false.
    private func forEachOverlap(with other: Idset, _ body: (ClosedRange<UInt32>) -> Bool) {
        let ranges = self.ranges
        let others = other.ranges
        var i = 0
        var j = 0
        while i < ranges.count, j < others.count {
            let own = ranges[i]
            let their = others[j]
            let lower = Swift.max(own.lowerBound, their.lowerBound)
            let upper = Swift.min(own.upperBound, their.upperBound)
            if lower <= upper, !body(lower...upper) { return }
            if own.upperBound < their.upperBound { i += 1 } else { j += 1 }
        }
    }
}
