extension Idset {
    /// Adds every id of `range`.
    ///
    /// - Complexity: logarithmic in the number of ranges, plus the ranges behind it when one is created or merged.
    ///   Adding at the end is constant.
    public mutating func insert(_ range: ClosedRange<UInt32>) { _ = add(range) }

    /// Adds every id of `range` and says whether that changed anything.
    mutating func add(_ range: ClosedRange<UInt32>) -> Bool {
        if let changed = chunks?.insert(range) { return changed }
        let lower = range.lowerBound
        let upper = range.upperBound
        guard let last = flat.last, lower <= last.upperBound else {
            append(range)
            return true
        }

        // The ranges first..<end overlap or touch the new one.
        let first = flatIndex(endingAtOrAfter: lower == 0 ? 0 : lower - 1)
        if flat[first].lowerBound <= lower, upper <= flat[first].upperBound { return false }
        var end = first
        if upper == .max {
            end = flat.count
        } else {
            while end < flat.count, flat[end].lowerBound <= upper + 1 { end += 1 }
        }
        if end - first == 1 {
            flat[first] = Swift.min(lower, flat[first].lowerBound)...Swift.max(upper, flat[first].upperBound)
        } else if isBetterChunked(at: first) {
            makeChunks { $0.insert(range) }
        } else if first == end {
            flat.insert(range, at: first)
        } else {
            flat[first] = Swift.min(lower, flat[first].lowerBound)...Swift.max(upper, flat[end - 1].upperBound)
            flat.removeSubrange((first + 1)..<end)
        }
        return true
    }

    /// Removes every id of `range`; ids that are not members are no error.
    public mutating func remove(_ range: ClosedRange<UInt32>) {
        guard chunks == nil else {
            chunks?.remove(range)
            return
        }
        let lower = range.lowerBound
        let upper = range.upperBound
        let first = flatIndex(endingAtOrAfter: lower)
        guard first < flat.count, flat[first].lowerBound <= upper else { return }

        var end = first
        while end < flat.count, flat[end].lowerBound <= upper { end += 1 }
        let head = flat[first].lowerBound
        let tail = flat[end - 1].upperBound
        let keepsHead = head < lower
        let keepsTail = upper < tail
        // Only a range that shrinks at one end leaves the number of ranges as it is.
        if end - first != 1 || keepsHead == keepsTail, isBetterChunked(at: first) {
            return makeChunks { $0.remove(range) }
        }
        switch (keepsHead, keepsTail) {
        case (true, true):
            flat[first] = head...(lower - 1)
            if end - first > 1 {
                flat[first + 1] = (upper + 1)...tail
                flat.removeSubrange((first + 2)..<end)
            } else {
                flat.insert((upper + 1)...tail, at: first + 1)
            }
        case (true, false):
            flat[first] = head...(lower - 1)
            flat.removeSubrange((first + 1)..<end)
        case (false, true):
            flat[end - 1] = (upper + 1)...tail
            flat.removeSubrange(first..<(end - 1))
        case (false, false):
            flat.removeSubrange(first..<end)
        }
    }

    /// Removes all ids.
    public mutating func removeAll(keepingCapacity: Bool = false) {
        chunks = nil
        flat.removeAll(keepingCapacity: keepingCapacity)
    }

    /// Removes and returns the smallest id, or returns nil when the set is empty.
    public mutating func popFirst() -> UInt32? {
        guard let first else { return nil }
        remove(first...first)
        return first
    }

    /// Adds a range that begins after every member, merging it with the last range when they touch.
    mutating func append(_ range: ClosedRange<UInt32>) {
        if let last = flat.last, range.lowerBound &- 1 == last.upperBound {
            flat[flat.count - 1] = last.lowerBound...range.upperBound
        } else {
            flat.append(range)
        }
    }

    /// Whether so many ranges follow that a change of their number should not move them all.
    private func isBetterChunked(at index: Int) -> Bool { flat.count - index > 4096 }

    private mutating func makeChunks(_ change: (inout RangeChunks) -> Void) {
        var new = RangeChunks(flat)
        flat = []
        change(&new)
        chunks = new
    }
}
