extension Hostlist {
    /// The hosts that are also in `other`, sorted, one of each name.
    public func intersection(_ other: Hostlist) -> Hostlist {
        let index = HostIndex(other)
        var result = Hostlist()
        forEachPiece { piece, _ in
            index.forEachOverlap(with: piece) { values, _ in result.append(piece.range(of: values)) }
        }
        result.sortAndRemoveDuplicates()
        return result
    }

    /// The hosts of both lists, sorted, one of each name.
    public func union(_ other: Hostlist) -> Hostlist {
        var result = self
        result.append(contentsOf: other)
        result.sortAndRemoveDuplicates()
        return result
    }

    /// The hosts that are not in `other`, in their order.
    public func subtracting(_ other: Hostlist) -> Hostlist {
        var result = self
        result.removeAll(other)
        return result
    }

    /// The hosts that are in one of the lists but not in both, sorted, one of each name.
    public func symmetricDifference(_ other: Hostlist) -> Hostlist {
        var result = Hostlist()
        for list in [subtracting(other), other.subtracting(self)] {
            list.forEachPiece { piece, _ in result.append(piece.range) }
        }
        result.sortAndRemoveDuplicates()
        return result
    }

    /// Removes for each host of `other` the first host of that name.
    ///
    /// - Returns: how many hosts were removed.
    @discardableResult
    public mutating func remove(_ other: Hostlist) -> Int {
        if HostIndex(other).count < other.count { return remove(eachOf: other) }
        let index = HostIndex(self)
        var positions: [Range<Int>] = []
        other.forEachPiece { piece, _ in
            index.forEachOverlap(with: piece) { values, position in
                positions.append(position..<(position + values.count))
            }
        }
        return remove(positions)
    }

    /// Removes every host whose name is in `other`.
    ///
    /// - Returns: how many hosts were removed.
    @discardableResult
    public mutating func removeAll(_ other: Hostlist) -> Int {
        let index = HostIndex(other)
        var positions: [Range<Int>] = []
        forEachPiece { piece, position in
            index.forEachOverlap(with: piece) { values, _ in
                let first = position + Int(values.lowerBound - piece.values.lowerBound)
                positions.append(first..<(first + values.count))
            }
        }
        return remove(positions)
    }

    /// Removes hosts whose name has occurred before.
    mutating func removeRepeats() {
        let index = HostIndex(self)
        guard index.count < count else { return }
        var positions: [Range<Int>] = []
        forEachPiece { piece, position in
            index.forEachOverlap(with: piece) { values, first in
                let own = position + Int(values.lowerBound - piece.values.lowerBound)
                if own != first { positions.append(own..<(own + values.count)) }
            }
        }
        remove(positions)
    }

    /// Positions of the first host of each name in `other`, in the order of `other`.
    ///
    /// - Returns: the positions, and the names that are not in this list.
    public func positions(of other: Hostlist) -> (found: [Int], missing: Hostlist) {
        let index = HostIndex(self)
        var found: [Int] = []
        var missing = Hostlist()
        for name in other {
            if let position = index.position(of: name) {
                found.append(position)
            } else {
                missing.append(HostRange(name: name))
            }
        }
        return (found, missing)
    }

    /// Calls `body` with every piece and its position, in list order.
    func forEachPiece(_ body: (HostPiece, Int) -> Void) {
        var start = 0
        for range in ranges {
            for piece in range.pieces { body(piece, start + piece.offset) }
            start += range.count
        }
    }

    /// Removes one host for each name in a list that repeats names.
    private mutating func remove(eachOf other: Hostlist) -> Int {
        var wanted: [String: Int] = [:]
        for name in other { wanted[name, default: 0] += 1 }
        var positions: [Range<Int>] = []
        for (position, name) in enumerated() {
            guard let times = wanted[name], times > 0 else { continue }
            wanted[name] = times - 1
            positions.append(position..<(position + 1))
        }
        return remove(positions)
    }

    /// Removes the hosts at disjoint positions, leaving the rest of each range where it was.
    @discardableResult
    private mutating func remove(_ unsorted: [Range<Int>]) -> Int {
        guard !unsorted.isEmpty else { return 0 }
        let holes = unsorted.sorted { $0.lowerBound < $1.lowerBound }
        var result: [HostRange] = []
        var hole = 0
        var start = 0
        for range in ranges {
            let end = start + range.count
            var next = start
            while hole < holes.count, holes[hole].lowerBound < end {
                let lower = Swift.max(holes[hole].lowerBound, start)
                if next < lower { result.append(range.part((next - start)..<(lower - start))) }
                next = Swift.min(holes[hole].upperBound, end)
                // A hole may reach into the range that follows.
                if holes[hole].upperBound > end { break }
                hole += 1
            }
            if next < end { result.append(range.part((next - start)..<(end - start))) }
            start = end
        }
        let before = count
        self = Hostlist(ranges: result)
        return before - count
    }
}

extension HostPiece {
    /// A part of this piece as a range.
    func range(of values: ClosedRange<UInt64>) -> HostRange {
        HostPiece(key: key, values: values, offset: 0).range
    }
}
