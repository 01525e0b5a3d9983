public import FluxJSON
public import RFC22Idset

/// A set of specific resources: which cores and GPUs of which nodes.
///
/// Nodes are ordered by rank. Nodes with the same resources share one description, so that 10,000 nodes cost a rank, a
/// number and a host name each.
///
/// ```swift
/// let set = try ResourceSet(json: JSON(parsing: text))
/// set.nodeCount                  // 4
/// set.description                // "rank[0-3]/core[0-7],gpu[0-1]"
/// set.hostnames                  // ["n0", "n1", "n2", "n3"]
/// set.select(ranks: [0, 1]).json.text
/// ```
///
/// Source: RFC 20, *R* version 1; the results of operations are those of flux-core's librlist.
public struct ResourceSet: Sendable {
    /// Ranks of the nodes, ascending.
    var rankList: [UInt32] = []
    /// For each node the number of its resources in `catalog`.
    var kinds: [Int32] = []
    /// For each node the name of its host, empty when it is not known.
    var hosts: [String] = []
    var catalog = Catalog()

    /// Property names and the ranks of the nodes that have them; no set is empty.
    ///
    /// Names that begin with `+` describe the instance rather than the hardware and are not passed on to jobs.
    public internal(set) var properties: [String: Idset] = [:]
    /// Ranks of nodes that are marked down. Not part of *R*.
    public internal(set) var downRanks = Idset()
    /// What a scheduler added for itself, opaque to everybody else.
    public var scheduling: JSON?
    /// Number of slots of an allocation; nil for sets that are not allocations.
    public var nslots: Int?
    /// Seconds since 1970-01-01 UTC from which on the set is valid; 0 when unset.
    public var starttime: Double = 0
    /// Seconds since 1970-01-01 UTC at which the set ceases to be valid; 0 when unset.
    public var expiration: Double = 0

    /// The largest number of nodes in a set. A text of a few bytes could name two thousand million.
    public static let maximumNodeCount = 1 << 22

    /// The empty set.
    public init() {}

    /// One node of a set.
    public struct Node: Hashable, Sendable {
        /// Rank of the node's broker, the *execution target*.
        public let rank: UInt32
        /// Name of the host, nil when it is not known.
        public let hostname: String?
        /// Resources of the node.
        public let children: Children
        /// Whether the node is not marked down.
        public let isUp: Bool
    }

    /// Number of nodes, also of those without resources.
    public var nodeCount: Int { rankList.count }
    /// Whether there are no nodes.
    public var isEmpty: Bool { rankList.isEmpty }
    /// Number of cores of all nodes.
    public var coreCount: Int { kinds.reduce(0) { $0 + catalog.coreCounts[Int($1)] } }
    /// Number of GPUs of all nodes.
    public var gpuCount: Int { kinds.reduce(0) { $0 + catalog.gpuCounts[Int($1)] } }
    /// Ranks of all nodes.
    public var ranks: Idset { Idset(rankList) }

    /// Number of resources of a type: `core`, `gpu`, `node` or another name.
    public func count(of type: String) -> Int {
        if type == "node" { return nodeCount }
        let counts = catalog.entries.map { $0[type].count }
        return kinds.reduce(0) { $0 + counts[Int($1)] }
    }

    /// The nodes in the order of their ranks.
    public var nodes: [Node] { rankList.indices.map(node(at:)) }

    /// The node with a rank, or nil.
    ///
    /// - Complexity: logarithmic in the number of nodes.
    public func node(rank: UInt32) -> Node? { position(of: rank).map(node(at:)) }

    /// Host names in the order of ranks, or nil when one of them is not known.
    public var hostnames: [String]? { hosts.contains("") ? nil : hosts }

    /// Adds the resources of one node.
    ///
    /// - Throws: ``ResourceError`` when the set already has one of the resources; `hostname` of a node that is already
    ///   in the set is ignored.
    public mutating func insert(rank: UInt32, hostname: String?, children: Children) throws(ResourceError) {
        guard let position = position(of: rank) else {
            let position = insertionPoint(for: rank)
            rankList.insert(rank, at: position)
            kinds.insert(catalog.kind(of: children), at: position)
            hosts.insert(hostname ?? "", at: position)
            return
        }
        let old = catalog[kinds[position]]
        guard old.isDisjoint(with: children) else { throw ResourceError(.overlap(rank: rank)) }
        kinds[position] = catalog.kind(of: old.union(children))
    }

    /// Whether both sets have the same resources of the same ranks, whatever else is known about them.
    public func hasSameResources(as other: ResourceSet) -> Bool {
        rankList == other.rankList && zip(kinds, other.kinds).allSatisfy { catalog[$0] == other.catalog[$1] }
    }

    // MARK: positions

    func node(at position: Int) -> Node {
        let rank = rankList[position]
        let host = hosts[position]
        return Node(
            rank: rank, hostname: host.isEmpty ? nil : host, children: catalog[kinds[position]],
            isUp: !downRanks.contains(rank))
    }

    /// The place of `rank` in the list of nodes, or nil.
    package func position(of rank: UInt32) -> Int? {
        // Ranks mostly are 0 ..< count.
        if rank < rankList.count, rankList[Int(rank)] == rank { return Int(rank) }
        let position = insertionPoint(for: rank)
        return position < rankList.count && rankList[position] == rank ? position : nil
    }

    /// The first place whose rank is not less than `rank`.
    func insertionPoint(for rank: UInt32) -> Int {
        if let last = rankList.last, last < rank { return rankList.count }
        var low = 0
        var high = rankList.count
        while low < high {
            let middle = (low + high) / 2
            if rankList[middle] < rank { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension ResourceSet: Hashable {
    /// Same nodes, hosts, resources, properties, states, times and scheduling data.
    public static func == (left: ResourceSet, right: ResourceSet) -> Bool {
        left.rankList == right.rankList && left.hosts == right.hosts
            && zip(left.kinds, right.kinds).allSatisfy { left.catalog[$0] == right.catalog[$1] }
            && left.properties == right.properties && left.downRanks == right.downRanks
            && left.scheduling == right.scheduling && left.nslots == right.nslots
            && left.starttime == right.starttime && left.expiration == right.expiration
    }

    /// Hashes the nodes and times.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(rankList)
        hasher.combine(hosts)
        hasher.combine(starttime)
        hasher.combine(expiration)
    }
}
