/// A set of positions in a list of nodes, for fast walks in ascending order.
///
/// A bit for each position and a bit for each word of bits that is not zero: finding the next of ten thousand positions
/// reads at most two words of each kind.
package struct PositionSet: Hashable, Sendable {
    private var words: [UInt64]
    private var summary: [UInt64]
    /// Number of positions in the set.
    package private(set) var count = 0

    /// The empty set of positions less than `capacity`.
    package init(capacity: Int) {
        words = [UInt64](repeating: 0, count: (capacity + 63) / 64)
        summary = [UInt64](repeating: 0, count: (words.count + 63) / 64)
    }

    package var isEmpty: Bool { count == 0 }

    package func contains(_ position: Int) -> Bool { words[position >> 6] & (1 << UInt64(position & 63)) != 0 }

    package mutating func insert(_ position: Int) {
        let word = position >> 6
        let bit: UInt64 = 1 << UInt64(position & 63)
        guard words[word] & bit == 0 else { return }
        words[word] |= bit
        summary[word >> 6] |= 1 << UInt64(word & 63)
        count += 1
    }

    package mutating func remove(_ position: Int) {
        let word = position >> 6
        let bit: UInt64 = 1 << UInt64(position & 63)
        guard words[word] & bit != 0 else { return }
        words[word] &= ~bit
        if words[word] == 0 { summary[word >> 6] &= ~(1 << UInt64(word & 63)) }
        count -= 1
    }

    /// Number of positions that are also in `other`; all when there is no other.
    package func count(in other: PositionSet?) -> Int {
        guard let other else { return count }
        var total = 0
        for index in words.indices { total += (words[index] & other.words[index]).nonzeroBitCount }
        return total
    }

    /// Calls `body` with the positions that are also in `other`, ascending, until it returns false.
    ///
    /// - Returns: whether `body` always returned true.
    package func forEach(in other: PositionSet?, _ body: (Int) -> Bool) -> Bool {
        for (group, bits) in summary.enumerated() {
            var bits = bits
            while bits != 0 {
                let word = group << 6 + bits.trailingZeroBitCount
                bits &= bits - 1
                var positions = words[word] & (other?.words[word] ?? .max)
                while positions != 0 {
                    guard body(word << 6 + positions.trailingZeroBitCount) else { return false }
                    positions &= positions - 1
                }
            }
        }
        return true
    }
}

/// Nodes by how many cores and GPUs they have to give.
///
/// Nodes with the same numbers are in one bucket, so that whether they can serve a request is asked once for all of
/// them. Buckets are ordered by cores, then by GPUs.
package struct CapacityIndex: Sendable {
    package struct Capacity: Hashable, Comparable, Sendable {
        package let cores: Int
        package let gpus: Int

        package init(cores: Int, gpus: Int) {
            self.cores = cores
            self.gpus = gpus
        }

        package static func < (left: Capacity, right: Capacity) -> Bool {
            (left.cores, left.gpus) < (right.cores, right.gpus)
        }
    }

    private let nodeCount: Int
    /// Ascending.
    package private(set) var capacities: [Capacity] = []
    /// The nodes of each capacity; none is empty.
    package private(set) var buckets: [PositionSet] = []

    package init(nodeCount: Int) { self.nodeCount = nodeCount }

    package mutating func insert(_ position: Int, _ capacity: Capacity) {
        let index = index(of: capacity)
        if index == capacities.count || capacities[index] != capacity {
            capacities.insert(capacity, at: index)
            buckets.insert(PositionSet(capacity: nodeCount), at: index)
        }
        buckets[index].insert(position)
    }

    package mutating func remove(_ position: Int, _ capacity: Capacity) {
        let index = index(of: capacity)
        guard index < capacities.count, capacities[index] == capacity else { return }
        buckets[index].remove(position)
        if buckets[index].isEmpty {
            capacities.remove(at: index)
            buckets.remove(at: index)
        }
    }

    /// Sum of `amount` over all nodes that are in `filter`.
    package func total(in filter: PositionSet?, _ amount: (Capacity) -> Int) -> Int {
        var total = 0
        for (index, capacity) in capacities.enumerated() {
            let each = amount(capacity)
            if each > 0 { total = total.addingClamped(each.multipliedClamped(by: buckets[index].count(in: filter))) }
        }
        return total
    }

    private func index(of capacity: Capacity) -> Int {
        var low = 0
        var high = capacities.count
        while low < high {
            let middle = (low + high) / 2
            if capacities[middle] < capacity { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Int {
    /// The product, or the largest number when it is larger.
    package func multipliedClamped(by other: Int) -> Int {
        let (value, isTooLarge) = multipliedReportingOverflow(by: other)
        return isTooLarge ? .max : value
    }

    /// The sum, or the largest number when it is larger.
    package func addingClamped(_ other: Int) -> Int {
        let (value, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? .max : value
    }
}
