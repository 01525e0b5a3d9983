extension Hostlist {
    /// Sorts by prefix, number of digits and number; repeated names stay.
    ///
    /// - Complexity: that of sorting the ranges, plus one step for each name that occurs several times.
    public mutating func sort() {
        guard ranges.count > 1 else { return }
        let sorted = sortedRanges
        var result = Hostlist()
        var index = 0
        while index < sorted.count {
            // A cluster: ranges of one prefix, each beginning before those in front of it have ended.
            var end = index + 1
            if var last = sorted[index].numbers?.upperBound {
                while end < sorted.count, sorted[end].sharesBrackets(with: sorted[index]),
                    sorted[end].hasCompatibleWidth(with: sorted[index]),
                    let next = sorted[end].numbers, next.lowerBound <= last
                {
                    last = Swift.max(last, next.upperBound)
                    end += 1
                }
            }
            result.append(cluster: sorted[index..<end])
            index = end
        }
        self = result
    }

    /// The hosts sorted; repeated names stay.
    public func sorted() -> Hostlist {
        var result = self
        result.sort()
        return result
    }

    /// Sorts, and keeps only one host of each name.
    ///
    /// - Complexity: that of sorting the ranges.
    public mutating func sortAndRemoveDuplicates() {
        guard ranges.count > 1 else { return }
        var result: [HostRange] = []
        var mayRepeat = false
        for range in sortedRanges {
            if range.mayOverlapOtherPrefixes { mayRepeat = true }
            guard var last = result.last, hasSameBytes(last.prefix, range.prefix) else {
                result.append(range)
                continue
            }
            guard last.hasCompatibleWidth(with: range) else {
                mayRepeat = true
                result.append(range)
                continue
            }
            guard let own = last.numbers, let next = range.numbers else { continue }
            if own.upperBound < next.lowerBound, next.lowerBound - own.upperBound > 1 {
                result.append(range)
            } else {
                last.numbers = own.lowerBound...Swift.max(own.upperBound, next.upperBound)
                result[result.count - 1] = last
            }
        }
        self = Hostlist(ranges: result)
        if mayRepeat { removeRepeats() }
    }

    /// The hosts sorted, one of each name.
    public func unique() -> Hostlist {
        var result = self
        result.sortAndRemoveDuplicates()
        return result
    }

    /// The ranges by prefix, names without number first, number of digits, and number; equal ones keep their order.
    private var sortedRanges: [HostRange] {
        // Prefixes are few, so they are compared once and not for each pair of ranges.
        var numberOfPrefix: [String: Int] = [:]
        var prefixes: [String] = []
        let numbers = ranges.map { range in
            if let last = prefixes.last, hasSameBytes(last, range.prefix) { return prefixes.count - 1 }
            let number = numberOfPrefix[range.prefix, default: prefixes.count]
            if number == prefixes.count {
                prefixes.append(range.prefix)
                numberOfPrefix[range.prefix] = number
            }
            return number
        }
        var rankOfNumber = [Int](repeating: 0, count: prefixes.count)
        let order = prefixes.indices.sorted { prefixes[$0].utf8.lexicographicallyPrecedes(prefixes[$1].utf8) }
        for (rank, number) in order.enumerated() { rankOfNumber[number] = rank }

        let keys = ranges.indices.map { index in
            SortKey(rank: rankOfNumber[numbers[index]], range: ranges[index], index: index)
        }
        return keys.sorted().map { ranges[$0.index] }
    }

    /// Appends overlapping ranges so that the names come out in order, each as often as it occurs.
    private mutating func append(cluster: ArraySlice<HostRange>) {
        guard cluster.count > 1, let first = cluster.first, first.numbers != nil else {
            for range in cluster { append(range) }
            return
        }
        let lows = cluster.compactMap { $0.numbers?.lowerBound }
        let highs = cluster.compactMap { $0.numbers?.upperBound }.sorted()
        let width = cluster.map(\.width).max() ?? 0
        // Sweep over the numbers; between two boundaries every number occurs equally often.
        var low = lows[0]
        var opened = 0
        var closed = 0
        while closed < highs.count {
            while opened < lows.count, lows[opened] == low { opened += 1 }
            let boundary = opened < lows.count ? Swift.min(highs[closed], lows[opened] - 1) : highs[closed]
            let times = opened - closed
            if times == 1 {
                append(HostRange(prefix: first.prefix, numbers: low...boundary, width: width))
            } else if times > 1 {
                for number in low...boundary {
                    for _ in 0..<times {
                        append(HostRange(prefix: first.prefix, numbers: number...number, width: width))
                    }
                }
            }
            while closed < highs.count, highs[closed] == boundary { closed += 1 }
            guard closed < highs.count else { return }
            low = boundary + 1
        }
    }
}

/// What ranges are sorted by.
private struct SortKey: Comparable {
    let rank: Int
    /// 0 for a name without number.
    let digits: Int
    let low: UInt64
    let index: Int

    init(rank: Int, range: HostRange, index: Int) {
        self.rank = rank
        self.index = index
        low = range.numbers?.lowerBound ?? 0
        digits = range.numbers.map { Swift.max(range.width, $0.lowerBound.decimalWidth) } ?? 0
    }

    static func < (left: SortKey, right: SortKey) -> Bool {
        if left.rank != right.rank { return left.rank < right.rank }
        if left.digits != right.digits { return left.digits < right.digits }
        return left.low != right.low ? left.low < right.low : left.index < right.index
    }
}
