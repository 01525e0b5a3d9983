public import RFC22Idset

/// Why resources could not be given back or noted.
public enum PoolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// An allocation has nodes that the pool does not have.
    case unknownRanks(Idset)
    /// Nodes are given back that the job does not have.
    case notAllocated(Idset)
    /// What is given back last is not what the job has left; both in short form.
    case mismatch(got: String, expected: String)

    /// One sentence for a person.
    public var description: String {
        switch self {
        case .unknownRanks(let ranks): "allocation contains ranks not in resource pool: \(ranks)"
        case .notAllocated(let ranks): "free: R contains ranks not in job allocation: \(ranks)"
        case .mismatch(let got, let expected): "free: final R mismatch: got \(got), expected \(expected)"
        }
    }
}

extension ResourcePool {
    /// What a job has, nil when it has nothing.
    public func allocation(of job: UInt64) -> Allocation? { allocations[job] }

    /// Number of jobs that have resources.
    public var jobCount: Int { allocations.count }

    /// Notes an allocation that was made before this pool existed.
    ///
    /// - Throws: ``PoolError/unknownRanks(_:)`` when the pool lacks one of the nodes; the job cannot go on then.
    public mutating func register(job: UInt64, _ set: ResourceSet) throws(PoolError) {
        let unknown = set.ranks.subtracting(resources.ranks)
        guard unknown.isEmpty else { throw .unknownRanks(unknown) }
        for (rank, kind) in zip(set.rankList, set.kinds) {
            guard let position = resources.position(of: rank) else { continue }
            take(position, cores: set.catalog[kind].cores, gpus: set.catalog[kind].gpus)
        }
        allocations[job] = Allocation(resources: set, endTime: set.expiration)
    }

    /// Takes everything back that a job has. A job that has nothing is no error.
    public mutating func free(job: UInt64) {
        guard let allocation = allocations.removeValue(forKey: job) else { return }
        giveBack(allocation.resources)
    }

    /// Takes back the nodes of `set`, whole, and with `isFinal` forgets the job. A job that has nothing is no error.
    ///
    /// - Throws: ``PoolError`` when the job does not have one of the nodes, or when a final set is not all it has left;
    ///   the pool is unchanged then.
    public mutating func free(job: UInt64, _ set: ResourceSet, isFinal: Bool) throws(PoolError) {
        guard let allocation = allocations[job] else { return }
        let ranks = set.ranks
        let held = allocation.resources.ranks
        let extra = ranks.subtracting(held)
        guard extra.isEmpty else { throw .notAllocated(extra) }
        if isFinal {
            guard set.hasSameResources(as: allocation.resources) else {
                throw .mismatch(got: set.description, expected: allocation.resources.description)
            }
            free(job: job)
            return
        }
        giveBack(allocation.resources.select(ranks: ranks))
        allocations[job]?.resources = allocation.resources.select(ranks: held.subtracting(ranks))
    }

    private mutating func giveBack(_ set: ResourceSet) {
        for (rank, kind) in zip(set.rankList, set.kinds) {
            // The instance may have lost the node meanwhile.
            if let position = resources.position(of: rank) { giveBack(position, set.catalog[kind]) }
        }
    }

    /// Changes the time at which a job is expected to end; 0 when that is not known.
    public mutating func setEndTime(_ endTime: Double, ofJob job: UInt64) { allocations[job]?.endTime = endTime }

    /// The earliest end of a job after `time`, nil when no end is known.
    ///
    /// - Complexity: linear in the number of jobs with resources.
    public func nextEnd(after time: Double) -> Double? {
        var result: Double?
        for allocation in allocations.values where allocation.endTime > time {
            result = min(result ?? .infinity, allocation.endTime)
        }
        return result
    }

    /// Takes back what jobs have whose end is known and not later than `time`: a look into the future on a copy.
    public mutating func free(endingBy time: Double) {
        for (job, allocation) in allocations where allocation.endTime > 0 && allocation.endTime <= time {
            free(job: job)
        }
    }

    /// The resources that jobs have, with their properties.
    public var allocated: ResourceSet {
        var set = ResourceSet()
        for position in 0..<resources.nodeCount {
            let all = resources.catalog[resources.kinds[position]]
            let cores = all.cores.subtracting(freeCores(at: position))
            let gpus = all.gpus.subtracting(freeGPUs(at: position))
            guard !cores.isEmpty || !gpus.isEmpty else { continue }
            let kind = set.catalog.kind(of: ResourceSet.Children(cores: cores, gpus: gpus))
            set.appendNode(rank(at: position), kind, resources.hosts[position])
        }
        set.properties = resources.properties(of: set.ranks)
        set.starttime = resources.starttime
        set.expiration = resources.expiration
        return set
    }

    /// The nodes that are down.
    public var down: ResourceSet { resources.down }
}
