extension Idset {
    /// Adds every id of `range`.
    ///
    /// - Complexity: logarithmic in the number of ranges, plus the ranges behind it when one is created or merged.
    ///   Adding at the end is constant.
    public mutating func insert(_ range: ClosedRange<UInt32>) {
        let lower = range.lowerBound, upper = range.upperBound
        guard let last = ranges.last, lower <= last.upperBound else { return append(range) }

        // The ranges first..<end overlap or touch the new one.
        let first = firstRange(endingAtOrAfter: lower == 0 ? 0 : lower - 1)
        var end = first
        if upper == .max {
            end = ranges.count
        } else {
            while end < ranges.count, ranges[end].lowerBound <= upper + 1 { end += 1 }
        }
        guard first < end else { return ranges.insert(range, at: first) }

        ranges[first] = Swift.min(lower, ranges[first].lowerBound)...Swift.max(upper, ranges[end - 1].upperBound)
        if end - first > 1 { ranges.removeSubrange((first + 1)..<end) }
    }

    /// Removes every id of `range`; ids that are not members are no error.
    public mutating func remove(_ range: ClosedRange<UInt32>) {
        let lower = range.lowerBound, upper = range.upperBound
        let first = firstRange(endingAtOrAfter: lower)
        guard first < ranges.count, ranges[first].lowerBound <= upper else { return }

        var end = first
        while end < ranges.count, ranges[end].lowerBound <= upper { end += 1 }
        let head = ranges[first].lowerBound, tail = ranges[end - 1].upperBound
        switch (head < lower, upper < tail) {
        case (true, true):
            ranges[first] = head...(lower - 1)
            if end - first > 1 {
                ranges[first + 1] = (upper + 1)...tail
                ranges.removeSubrange((first + 2)..<end)
            } else {
                ranges.insert((upper + 1)...tail, at: first + 1)
            }
        case (true, false):
            ranges[first] = head...(lower - 1)
            ranges.removeSubrange((first + 1)..<end)
        case (false, true):
            ranges[end - 1] = (upper + 1)...tail
            ranges.removeSubrange(first..<(end - 1))
        case (false, false):
            ranges.removeSubrange(first..<end)
        }
    }

    /// Removes all ids.
    public mutating func removeAll(keepingCapacity: Bool = false) {
        ranges.removeAll(keepingCapacity: keepingCapacity)
    }

    /// Removes and returns the smallest id, or returns nil when the set is empty.
    public mutating func popFirst() -> UInt32? {
        guard let first else { return nil }
        remove(first...first)
        return first
    }

    /// Adds a range that begins after every member, merging it with the last range when they touch.
    mutating func append(_ range: ClosedRange<UInt32>) {
        if let last = ranges.last, range.lowerBound &- 1 == last.upperBound {
            ranges[ranges.count - 1] = last.lowerBound...range.upperBound
        } else {
            ranges.append(range)
        }
    }
}
