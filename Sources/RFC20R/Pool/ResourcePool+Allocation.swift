package import RFC22Idset

/// Why a job did not get resources.
public enum AllocationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not now; worth another try when resources were freed or nodes came up.
    case insufficient
    /// Never; the text says what is missing.
    case infeasible(String)

    /// One sentence for a person.
    public var description: String {
        switch self {
        case .insufficient: "insufficient resources"
        case .infeasible(let text): text
        }
    }
}

extension ResourcePool {
    /// Resources of one node for one job.
    package struct Share {
        package let position: Int
        package let cores: Idset
        package let gpus: Idset

        package init(position: Int, cores: Idset, gpus: Idset) {
            self.position = position
            self.cores = cores
            self.gpus = gpus
        }
    }

    /// Gives a job what it asks for.
    ///
    /// The set has `starttime` `now`, and as `expiration` the end of the job or, when its duration is unlimited, that of
    /// the instance. Properties whose names begin with `+` are left out (RFC 20).
    ///
    /// - Parameters:
    ///   - job: the job that gets it, by which it is freed.
    ///   - request: what the jobspec wants.
    ///   - now: seconds since 1970-01-01 UTC.
    /// - Throws: ``AllocationError``; the pool is unchanged then.
    public mutating func allocate(
        job: UInt64, _ request: ResourceRequest, now: Double
    ) throws(AllocationError) -> ResourceSet {
        if let text = request.unsupported { throw .infeasible(text) }
        let filter = matching(request.constraint)
        guard let (shares, slots) = select(request, among: filter) else {
            try checkFeasibility(request)
            throw .insufficient
        }
        return book(job: job, shares, slots: slots, duration: request.duration, now: now)
    }

    /// Chooses nodes for a request; nil when there are not enough.
    private func select(_ request: ResourceRequest, among filter: PositionSet?) -> (shares: [Share], slots: Int)? {
        guard let nodes = request.nodeCount else { return selectSlots(request, among: filter) }
        let slots = request.slotCount.minimum
        let cores = slots.multipliedClamped(by: request.slotSize)
        let gpus = slots.multipliedClamped(by: request.gpusPerSlot)
        let index = request.isExclusive ? byFreeWhole : byFree
        let fits: (CapacityIndex.Capacity) -> Bool =
            request.isExclusive
            ? { $0.cores >= request.slotSize && $0.gpus >= request.gpusPerSlot }
            : { $0.cores >= cores && $0.gpus >= gpus }
        guard index.total(in: filter, { fits($0) ? 1 : 0 }) >= nodes.minimum else { return nil }
        var shares: [Share] = []
        forEachBucket(of: index, from: filter) { capacity, position in
            guard fits(capacity) else { return .nextBucket }
            if let maximum = nodes.maximum, shares.count >= maximum { return .stop }
            let free = freeCores(at: position)
            let freeGPUs = freeGPUs(at: position)
            shares.append(
                request.isExclusive
                    ? Share(position: position, cores: free, gpus: freeGPUs)
                    : Share(position: position, cores: free.smallest(cores), gpus: freeGPUs.smallest(gpus)))
            return .nextNode
        }
        return (shares, slots.multipliedClamped(by: shares.count))
    }

    private func selectSlots(
        _ request: ResourceRequest, among filter: PositionSet?
    ) -> (shares: [Share], slots: Int)? {
        let slotsOf: (CapacityIndex.Capacity) -> Int = { capacity in
            let byCores = capacity.cores / max(1, request.slotSize)
            return request.gpusPerSlot > 0 ? min(byCores, capacity.gpus / request.gpusPerSlot) : byCores
        }
        guard byFree.total(in: filter, slotsOf) >= request.slotCount.minimum else { return nil }
        var shares: [Share] = []
        var slots = 0
        forEachBucket(of: byFree, from: filter) { capacity, position in
            let available = slotsOf(capacity)
            guard available > 0 else { return .nextBucket }
            let wanted = request.slotCount.maximum.map { $0 - slots } ?? available
            guard wanted > 0 else { return .stop }
            let taken = min(available, wanted)
            shares.append(
                Share(
                    position: position, cores: freeCores(at: position).smallest(taken * request.slotSize),
                    gpus: freeGPUs(at: position).smallest(taken * request.gpusPerSlot)))
            slots += taken
            return .nextNode
        }
        return (shares, slots)
    }

    private enum Step {
        case nextNode, nextBucket, stop
    }

    /// Walks nodes in the order of worst fit.
    private func forEachBucket(
        of index: CapacityIndex, from filter: PositionSet?, _ body: (CapacityIndex.Capacity, Int) -> Step
    ) {
        for bucket in index.capacities.indices.reversed() {
            var step = Step.nextNode
            _ = index.buckets[bucket].forEach(in: filter) { position in
                step = body(index.capacities[bucket], position)
                return step == .nextNode
            }
            if step == .stop { return }
        }
    }

    /// Takes shares out of the pool and notes them for the job, after `change` has had a look at the new set.
    package mutating func book(
        job: UInt64, _ shares: [Share], slots: Int, duration: Double, now: Double,
        change: (inout ResourceSet) -> Void = { _ in }
    ) -> ResourceSet {
        var set = ResourceSet()
        var last: (cores: Idset, gpus: Idset, kind: Int32)?
        for share in shares.sorted(by: { $0.position < $1.position }) {
            take(share.position, cores: share.cores, gpus: share.gpus)
            let kind: Int32
            if let last, last.cores == share.cores, last.gpus == share.gpus {
                kind = last.kind
            } else {
                kind = set.catalog.kind(of: ResourceSet.Children(cores: share.cores, gpus: share.gpus))
                last = (share.cores, share.gpus, kind)
            }
            let rank = rank(at: share.position)
            let host = resources.hosts[share.position]
            set.appendNode(rank, kind, host.isEmpty ? "rank\(rank)" : host)
        }
        set.properties = jobProperties(of: set)
        set.scheduling = resources.scheduling
        set.nslots = slots
        set.starttime = now
        set.expiration = duration > 0 ? now + duration : expiration
        change(&set)
        allocations[job] = Allocation(resources: set, endTime: set.expiration)
        return set
    }

    /// The properties of a job's nodes that describe the hardware.
    private func jobProperties(of set: ResourceSet) -> [String: Idset] {
        let ranks = set.ranks
        return resources.properties.reduce(into: [:]) { result, property in
            guard property.key.utf8.first != UInt8(ascii: "+") else { return }
            let common = property.value.intersection(ranks)
            if !common.isEmpty { result[property.key] = common }
        }
    }
}
