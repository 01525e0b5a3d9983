import FluxJSON
public import RFC20R
import RFC22Idset

/// A resource pool that knows how cores and GPUs of a node belong together.
///
/// Slots with GPUs get cores and GPUs from the same domain where that is possible, slots without GPUs go where the
/// fewest cores are left, and whole domains (`socket{x}`) can be asked for. Nodes are taken best fit: those with the
/// fewest free cores first.
///
/// ```swift
/// var tree = try TreePool(inventory)      // inventory.scheduling describes the nodes
/// let r = try tree.allocate(job: id, TreeRequest(jobspec: jobspec), now: now)
/// try tree.pool.free(job: id, r, isFinal: true)
/// ```
///
/// Source: RFC 49; choices are those of flux-core 0.88's TreePool.
public struct TreePool: Sendable {
    /// The resources, what is free, and the jobs: for everything that does not depend on topology.
    public var pool: ResourcePool

    /// The distinct descriptions of nodes: a large cluster has only a few.
    private var topologies: [Topology] = []
    /// For each rank the number of its description.
    private var kinds: [Int] = []

    /// Reads the topology from the `scheduling` key of the resources.
    ///
    /// Ranks in it may be those of the enclosing instance: the smallest becomes 0, the next 1 and so on.
    ///
    /// - Throws: ``TreePoolError`` when the topology is missing or does not describe the nodes of the set.
    public init(_ resources: ResourceSet) throws(TreePoolError) {
        guard let scheduling = resources.scheduling?.objectValue else { throw .noScheduling }
        guard let children = scheduling["children"]?.arrayValue, !children.isEmpty else { throw .noChildren }
        var kindOfRank: [UInt32: Int] = [:]
        var kindOfLevels: [[[Topology.Group]]: Int] = [:]
        for entry in children {
            let ranks = try Self.ranks(of: entry)
            guard !ranks.isEmpty, let topo = entry["topo"], topo.objectValue?.isEmpty == false else { continue }
            let topology = try Topology(topo: topo)
            guard !topology.levels.isEmpty else { continue }
            guard ranks.count <= ResourceSet.maximumNodeCount else {
                throw .rankCount(described: ranks.count, nodes: resources.nodeCount)
            }
            let kind = kindOfLevels[topology.levels] ?? topologies.count
            if kind == topologies.count {
                kindOfLevels[topology.levels] = kind
                topologies.append(topology)
            }
            for rank in ranks { kindOfRank[rank] = kind }
        }
        guard !kindOfRank.isEmpty else { throw .noGroups }
        guard kindOfRank.count == resources.nodeCount else {
            throw .rankCount(described: kindOfRank.count, nodes: resources.nodeCount)
        }
        guard resources.ranks == Idset(0..<UInt32(resources.nodeCount)) else { throw .ranksNotFromZero }
        let described = kindOfRank.keys.sorted()
        kinds = described.map { kindOfRank[$0] ?? 0 }
        var renumbered = resources
        renumbered.scheduling = .object(try Self.scheduling(scheduling, renumberingRanks: described))
        pool = ResourcePool(renumbered)
    }

    /// The description of a node.
    public func topology(rank: UInt32) -> Topology? {
        rank < kinds.count ? topologies[kinds[Int(rank)]] : nil
    }

    func topology(at position: Int) -> Topology { topologies[kinds[Int(pool.rank(at: position))]] }

    /// Number of domains with a name on the nodes of each description.
    func domainCounts(named name: String) -> [Int] { topologies.map { $0.domains(named: name).count } }

    func kind(at position: Int) -> Int { kinds[Int(pool.rank(at: position))] }

    // MARK: the scheduling key

    private static func ranks(of entry: JSON) throws(TreePoolError) -> Idset {
        guard let value = entry["ranks"] else { return Idset() }
        guard let text = value.stringValue, let ranks = try? Idset(parsing: text) else {
            throw .idset(value.stringValue ?? value.text, key: "ranks")
        }
        return ranks
    }

    private static func scheduling(
        _ scheduling: JSON.Object, renumberingRanks described: [UInt32]
    ) throws(TreePoolError) -> JSON.Object {
        let numbers = Dictionary(uniqueKeysWithValues: zip(described, 0..<UInt32(described.count)))
        return try changed(scheduling) { Idset($0.compactMap { numbers[$0] }) }
    }

    /// The scheduling key of a part of the nodes: entries of other nodes are left out.
    static func scheduling(_ scheduling: JSON, of ranks: Idset) -> JSON {
        guard let object = scheduling.objectValue, let part = try? changed(object, { $0.intersection(ranks) }) else {
            return scheduling
        }
        return .object(part)
    }

    private static func changed(
        _ scheduling: JSON.Object, _ change: (Idset) -> Idset
    ) throws(TreePoolError) -> JSON.Object {
        var entries: [JSON] = []
        for entry in scheduling["children"]?.arrayValue ?? [] {
            let ranks = change(try ranks(of: entry))
            guard !ranks.isEmpty, var object = entry.objectValue else { continue }
            object["ranks"] = .string(ranks.description)
            entries.append(.object(object))
        }
        var result = scheduling
        result["children"] = .array(entries)
        return result
    }
}
