public import RFC20R
import RFC22Idset

extension TreePool {
    /// Gives a job what it asks for; see `ResourcePool.allocate(job:_:now:)`.
    ///
    /// The `scheduling` key of the result describes the nodes of the job only.
    ///
    /// - Throws: `AllocationError`; the pool is unchanged then.
    public mutating func allocate(
        job: UInt64, _ request: TreeRequest, now: Double
    ) throws(AllocationError) -> ResourceSet {
        if let text = request.request.unsupported { throw .infeasible(text) }
        let filter = pool.matching(request.request.constraint)
        guard let (shares, slots) = select(request, among: filter) else {
            try checkFeasibility(request)
            throw .insufficient
        }
        let set = pool.book(job: job, shares, slots: slots, duration: request.request.duration, now: now) { set in
            set.scheduling = set.scheduling.map { Self.scheduling($0, of: set.ranks) }
        }
        return set
    }

    /// Finds out whether a request could be served if all nodes were up and free.
    ///
    /// - Throws: `AllocationError.infeasible(_:)` with the text that flux-core's scheduler gives as the reason.
    public mutating func checkFeasibility(_ request: TreeRequest) throws(AllocationError) {
        guard let container = request.container else { return try pool.checkFeasibility(request.request) }
        if let text = request.request.unsupported { throw .infeasible(text) }
        let filter = pool.matching(request.request.constraint)
        let counts = domainCounts(named: container)
        let slots = request.request.slotCount.minimum
        var eligible = 0
        var total = 0
        for position in 0..<pool.resources.nodeCount where filter?.contains(position) ?? true {
            let count = counts[kind(at: position)]
            if count >= slots { eligible += 1 }
            total += count
        }
        if let nodes = request.request.nodeCount {
            guard eligible < nodes.minimum else { return }
            throw .infeasible(
                "unsatisfiable request: need \(nodes.minimum) node(s) with \(slots) exclusive '\(container)' "
                    + "container(s) each, only \(eligible) eligible")
        }
        guard total < slots else { return }
        throw .infeasible(
            "unsatisfiable request: need \(slots) exclusive '\(container)' container(s), only \(total) available")
    }

    /// Chooses nodes for a request; nil when there are not enough.
    private func select(
        _ request: TreeRequest, among filter: PositionSet?
    ) -> (shares: [ResourcePool.Share], slots: Int)? {
        let nodes = request.request.nodeCount
        let slots = request.request.slotCount
        var shares: [ResourcePool.Share] = []
        var taken = 0
        forEachCandidate(request, among: filter) { position in
            if let nodes {
                if let maximum = nodes.maximum, shares.count >= maximum { return false }
                guard var (share, count) = share(of: position, request, atMost: slots.minimum), count >= slots.minimum
                else { return true }
                if request.request.isExclusive {
                    share = ResourcePool.Share(
                        position: position, cores: pool.freeCores(at: position), gpus: pool.freeGPUs(at: position))
                    count = slots.minimum
                }
                shares.append(share)
                taken = taken.addingClamped(count)
            } else {
                let wanted = slots.maximum.map { $0 - taken }
                if let wanted, wanted <= 0 { return false }
                guard let (share, count) = share(of: position, request, atMost: wanted) else { return true }
                shares.append(share)
                taken = taken.addingClamped(count)
            }
            return true
        }
        if let nodes { return shares.count >= nodes.minimum ? (shares, taken) : nil }
        return taken >= slots.minimum ? (shares, taken) : nil
    }

    /// Walks nodes that may serve a request, those with the fewest free cores first, until `body` returns false.
    private func forEachCandidate(
        _ request: TreeRequest, among filter: PositionSet?, _ body: (Int) -> Bool
    ) {
        let index = request.needsWholeNodes ? pool.byFreeWhole : pool.byFree
        // What each node has to have at least, whatever its topology.
        let slots = request.request.nodeCount == nil || request.container != nil ? 1 : request.request.slotCount.minimum
        let cores = slots.multipliedClamped(by: request.request.slotSize)
        let gpus = slots.multipliedClamped(by: request.request.gpusPerSlot)
        for (bucket, capacity) in index.capacities.enumerated() where capacity.cores >= cores && capacity.gpus >= gpus {
            guard index.buckets[bucket].forEach(in: filter, body) else { return }
        }
    }

    /// What one node can contribute, nil when nothing.
    private func share(
        of position: Int, _ request: TreeRequest, atMost limit: Int?
    ) -> (ResourcePool.Share, slots: Int)? {
        let topology = topology(at: position)
        let cores = pool.freeCores(at: position)
        let gpus = pool.freeGPUs(at: position)
        var picker = Picker(cores: cores, gpus: gpus, limit: limit ?? .max)
        if let container = request.container {
            picker.takeWhole(topology.domains(named: container))
        } else if request.request.slotSize == 0 {
            // The node is taken whole by the caller.
            picker.slots = 1
        } else if request.request.gpusPerSlot > 0 {
            picker.takeTogether(topology, size: request.request.slotSize, gpus: request.request.gpusPerSlot)
        } else {
            picker.takeCores(topology, size: request.request.slotSize)
        }
        guard picker.slots > 0 else { return nil }
        let share = ResourcePool.Share(position: position, cores: picker.pickedCores, gpus: picker.pickedGPUs)
        return (share, picker.slots)
    }
}

/// Picks slots from the free resources of one node.
private struct Picker {
    /// What is still free.
    private var cores: Idset
    private var gpus: Idset
    /// The largest number of slots to pick.
    private let limit: Int

    private(set) var pickedCores = Idset()
    private(set) var pickedGPUs = Idset()
    var slots = 0

    init(cores: Idset, gpus: Idset, limit: Int) {
        self.cores = cores
        self.gpus = gpus
        self.limit = limit
    }

    /// Picks domains that are entirely free, each for one slot.
    mutating func takeWhole(_ domains: [Topology.Group]) {
        for domain in domains where slots < limit {
            if domain.cores.isSubset(of: cores), domain.gpus.isSubset(of: gpus) {
                pick(domain.cores, domain.gpus, slots: 1)
            }
        }
    }

    /// Picks slots whose cores and GPUs come from one group, of the finest level first.
    mutating func takeTogether(_ topology: Topology, size: Int, gpus gpusPerSlot: Int) {
        for level in topology.levels {
            for group in level where slots < limit {
                let freeCores = cores.intersection(group.cores)
                let freeGPUs = gpus.intersection(group.gpus)
                let count = min(freeCores.count / size, freeGPUs.count / gpusPerSlot, limit - slots)
                guard count > 0 else { continue }
                pick(freeCores.smallest(count * size), freeGPUs.smallest(count * gpusPerSlot), slots: count)
            }
        }
    }

    /// Picks slots of cores from the finest level that has room for one, from the fullest groups first, so that intact
    /// groups remain for jobs with GPUs.
    mutating func takeCores(_ topology: Topology, size: Int) {
        for level in topology.levels {
            var free = level.map { cores.intersection($0.cores) }.enumerated().map {
                ($0.offset, $0.element, $0.element.count)
            }
            guard free.contains(where: { $0.2 >= size }) else { continue }
            free.sort { ($0.2, $0.0) < ($1.2, $1.0) }
            for (_, group, _) in free where slots < limit {
                // Groups of one level may overlap.
                let group = group.intersection(cores)
                let count = min(group.count / size, limit - slots)
                if count > 0 { pick(group.smallest(count * size), Idset(), slots: count) }
            }
            return
        }
    }

    private mutating func pick(_ pickedCores: Idset, _ pickedGPUs: Idset, slots count: Int) {
        self.pickedCores.formUnion(pickedCores)
        self.pickedGPUs.formUnion(pickedGPUs)
        cores.subtract(pickedCores)
        gpus.subtract(pickedGPUs)
        slots += count
    }
}
