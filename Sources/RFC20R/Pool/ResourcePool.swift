public import RFC22Idset
package import RFC31Constraint

/// The resources of an instance and who has them: what a scheduler asks.
///
/// Takes nodes worst fit, as flux-core's default scheduler does: the node with the most free cores first, then the most
/// free GPUs, then the lowest rank.
///
/// ```swift
/// var pool = ResourcePool(inventory)
/// pool.markDown(notYetUp)
/// let r = try pool.allocate(job: id, request, now: now)   // throws .insufficient or .infeasible
/// try pool.free(job: id)
/// ```
///
/// - Complexity: allocating and freeing touch the nodes of the job and one bucket for each combination of free cores and
///   GPUs that occurs; neither the number of jobs nor that of other nodes matters. A copy of the pool shares memory with
///   the original until one of them changes.
/// - Source: observed on flux-core 0.88, `sched-simple`.
public struct ResourcePool: Sendable {
    /// All nodes, up or down, with their properties. Its expiration is that of the instance.
    public private(set) var resources: ResourceSet

    /// Resources of each node that no job has.
    private var freeCores: [Idset]
    private var freeGPUs: [Idset]
    /// How many these are.
    private var freeCapacity: [CapacityIndex.Capacity]
    private var totalCapacity: [CapacityIndex.Capacity]

    /// Nodes that are up, by what is free.
    package private(set) var byFree: CapacityIndex
    /// Those of them of which all cores are free.
    package private(set) var byFreeWhole: CapacityIndex
    /// All nodes, by what they have.
    package private(set) var byTotal: CapacityIndex
    /// For constraints seen lately the nodes that satisfy them.
    private var matches: [Constraint: PositionSet] = [:]

    /// Allocations by job.
    var allocations: [UInt64: Allocation] = [:]

    /// What a job has.
    public struct Allocation: Hashable, Sendable {
        /// The resources that the job has not yet given back.
        public internal(set) var resources: ResourceSet
        /// Seconds since 1970-01-01 UTC when the job will have ended; 0 when that is not known.
        public internal(set) var endTime: Double
    }

    /// A pool with all of the resources free; nodes that are marked down in the set are down.
    public init(_ resources: ResourceSet) {
        self.resources = resources
        let count = resources.nodeCount
        let capacities = (0..<resources.catalog.entries.count).map {
            CapacityIndex.Capacity(cores: resources.catalog.coreCounts[$0], gpus: resources.catalog.gpuCounts[$0])
        }
        freeCores = resources.kinds.map { resources.catalog[$0].cores }
        freeGPUs = resources.kinds.map { resources.catalog[$0].gpus }
        totalCapacity = resources.kinds.map { capacities[Int($0)] }
        freeCapacity = totalCapacity
        byFree = CapacityIndex(nodeCount: count)
        byFreeWhole = CapacityIndex(nodeCount: count)
        byTotal = CapacityIndex(nodeCount: count)
        for position in 0..<count {
            byTotal.insert(position, totalCapacity[position])
            if !resources.downRanks.contains(resources.rankList[position]) { enter(position) }
        }
    }

    // MARK: nodes

    /// Lets jobs use nodes; ranks that are not in the pool are ignored.
    public mutating func markUp(_ ranks: Idset) {
        for rank in resources.downRanks.intersection(ranks) {
            if let position = resources.position(of: rank) { enter(position) }
        }
        resources.markUp(ranks)
    }

    /// Keeps jobs from using nodes; jobs that have them keep them.
    public mutating func markDown(_ ranks: Idset) {
        for rank in resources.ranks.subtracting(resources.downRanks).intersection(ranks) {
            if let position = resources.position(of: rank) { leave(position) }
        }
        resources.markDown(ranks)
    }

    /// Removes nodes that the instance has lost.
    public mutating func remove(ranks: Idset) {
        var left = resources
        guard left.remove(ranks: ranks) > 0 else { return }
        var pool = ResourcePool(left)
        for position in left.rankList.indices {
            guard let old = resources.position(of: left.rankList[position]) else { continue }
            pool.setFree(position, freeCores[old], freeGPUs[old])
        }
        pool.allocations = allocations
        self = pool
    }

    /// Gives nodes a property.
    public mutating func setProperty(_ name: String, ranks: Idset) throws(ResourceError) {
        try resources.setProperty(name, ranks: ranks)
        matches = [:]
    }

    /// Takes a property from nodes.
    public mutating func removeProperty(_ name: String, ranks: Idset) {
        resources.removeProperty(name, ranks: ranks)
        matches = [:]
    }

    /// When the instance's resources cease to be valid, in seconds since 1970-01-01 UTC; 0 for never.
    public var expiration: Double {
        get { resources.expiration }
        set { resources.expiration = newValue }
    }

    // MARK: free resources

    package func freeCores(at position: Int) -> Idset { freeCores[position] }
    package func freeGPUs(at position: Int) -> Idset { freeGPUs[position] }
    package func freeCapacity(at position: Int) -> CapacityIndex.Capacity { freeCapacity[position] }
    package func totalCapacity(at position: Int) -> CapacityIndex.Capacity { totalCapacity[position] }
    package func rank(at position: Int) -> UInt32 { resources.rankList[position] }

    /// Takes resources of a node out of the pool.
    package mutating func take(_ position: Int, cores: Idset, gpus: Idset) {
        setFree(
            position, freeCores[position].subtracting(cores),
            gpus.isEmpty ? freeGPUs[position] : freeGPUs[position].subtracting(gpus))
    }

    /// Puts resources of a node back; what the node does not have is ignored.
    mutating func giveBack(_ position: Int, _ children: ResourceSet.Children) {
        let all = resources.catalog[resources.kinds[position]]
        setFree(
            position, freeCores[position].union(children.cores.intersection(all.cores)),
            freeGPUs[position].union(children.gpus.intersection(all.gpus)))
    }

    private mutating func setFree(_ position: Int, _ cores: Idset, _ gpus: Idset) {
        let isUp = !resources.downRanks.contains(resources.rankList[position])
        if isUp { leave(position) }
        freeCores[position] = cores
        freeGPUs[position] = gpus
        freeCapacity[position] = CapacityIndex.Capacity(cores: cores.count, gpus: gpus.count)
        if isUp { enter(position) }
    }

    /// Enters a node that is up into the indexes.
    private mutating func enter(_ position: Int) {
        let free = freeCapacity[position]
        byFree.insert(position, free)
        if free.cores == totalCapacity[position].cores { byFreeWhole.insert(position, free) }
    }

    private mutating func leave(_ position: Int) {
        let free = freeCapacity[position]
        byFree.remove(position, free)
        if free.cores == totalCapacity[position].cores { byFreeWhole.remove(position, free) }
    }

    // MARK: constraints

    /// The nodes that satisfy a constraint, nil when there is none.
    package mutating func matching(_ constraint: Constraint?) -> PositionSet? {
        guard let constraint else { return nil }
        if let known = matches[constraint] { return known }
        var set = PositionSet(capacity: resources.nodeCount)
        for rank in resources.ranks(matching: constraint) {
            if let position = resources.position(of: rank) { set.insert(position) }
        }
        if matches.count >= 64 { matches = [:] }
        matches[constraint] = set
        return set
    }
}
