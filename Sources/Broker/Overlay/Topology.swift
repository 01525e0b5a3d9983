/// The shape of the tree of brokers: who is whose parent.
///
/// Every broker computes the whole tree by itself, so all have to agree on scheme and size.
///
/// Source: broker-protocol 3.3 (observed: flux-core 0.88).
package struct Topology: Hashable, Sendable {
    /// Why a scheme is refused.
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    package let rank: UInt32
    /// Parent of each rank; of rank 0 nothing is stored.
    private let parents: [UInt32]
    private let childLists: [[UInt32]]

    package var size: UInt32 { UInt32(parents.count) }

    /// - Parameters:
    ///   - scheme: `kary:K`, `mincrit[:K]`, `binomial`, or `custom` with `customParents`.
    ///   - rank: the broker that looks at the tree.
    package init(scheme: String, size: UInt32, rank: UInt32, customParents: [UInt32]? = nil) throws(Failure) {
        let parents = try Self.parents(scheme: scheme, size: Int(size), custom: customParents)
        var children = [[UInt32]](repeating: [], count: Int(size))
        for (child, parent) in parents.enumerated().dropFirst() { children[Int(parent)].append(UInt32(child)) }
        self.rank = rank
        self.parents = parents
        self.childLists = children
    }

    package func parent(of rank: UInt32) -> UInt32? { rank == 0 || rank >= size ? nil : parents[Int(rank)] }
    package func children(of rank: UInt32) -> [UInt32] { rank < size ? childLists[Int(rank)] : [] }
    package var parent: UInt32? { parent(of: rank) }
    package var children: [UInt32] { children(of: rank) }

    /// The direct child of this broker through which `target` is reached; nil when it is not below.
    package func nextHop(to target: UInt32) -> UInt32? {
        var current = target
        while let parent = parent(of: current) {
            if parent == rank { return current }
            current = parent
        }
        return nil
    }

    package func level(of rank: UInt32) -> Int {
        var level = 0
        var current = rank
        while let parent = parent(of: current) {
            level += 1
            current = parent
        }
        return level
    }

    package var maxLevel: Int { (0..<size).lazy.map { level(of: $0) }.max() ?? 0 }

    /// How many brokers are below a rank.
    package func descendantCount(of rank: UInt32) -> Int { subtree(of: rank).count - 1 }

    /// A rank and all below it.
    package func subtree(of rank: UInt32) -> [UInt32] {
        var result = [rank]
        var next = 0
        while next < result.count {
            result += children(of: result[next])
            next += 1
        }
        return result
    }

    /// Rank 0 and every rank with children, whose loss takes others along.
    package var criticalRanks: [UInt32] { (0..<size).filter { $0 == 0 || !children(of: $0).isEmpty } }

    private static func parents(scheme: String, size: Int, custom: [UInt32]?) throws(Failure) -> [UInt32] {
        let parts = scheme.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let argument = parts.count > 1 ? String(parts[1]) : nil
        switch parts[0] {
        case "kary":
            let k = try number(argument ?? "", "kary")
            return (0..<size).map { $0 == 0 || k == 0 ? 0 : UInt32(($0 - 1) / k) }
        case "mincrit":
            let k = try argument.map { argument throws(Failure) in try number(argument, "mincrit") } ?? defaultRouters(size)
            return (0..<size).map { $0 <= k || k == 0 ? 0 : UInt32(($0 - k - 1) % k + 1) }
        case "binomial":
            return binomial(size)
        case "custom":
            return custom ?? [UInt32](repeating: 0, count: size)
        default:
            throw Failure(description: "unknown topology scheme '\(parts[0])'")
        }
    }

    private static func number(_ text: String, _ scheme: String) throws(Failure) -> Int {
        guard let k = Int(text), k >= 0 else {
            throw Failure(description: "\(scheme) k value must be an integer >= 0")
        }
        return k
    }

    /// The smallest number of routers that leaves each with no more than 1024 children.
    private static func defaultRouters(_ size: Int) -> Int {
        guard size > 1025 else { return 0 }
        var k = 2
        while (size - 1 - k + k - 1) / k > 1024 { k += 1 }
        return k
    }

    private static func binomial(_ size: Int) -> [UInt32] {
        var parents = [UInt32](repeating: 0, count: size)
        // Rank r hangs below the rank that lacks r's lowest bit.
        for rank in 0..<size where rank > 0 { parents[rank] = UInt32(rank & (rank - 1)) }
        return parents
    }
}
