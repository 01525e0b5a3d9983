package import FluxJSON
package import RFC20R
package import RFC27ResourceAllocation

/// The jobs that wait for resources, and the decision who gets what: strictly by priority, then by age.
///
/// A job that can never have what it asks for is denied; one that cannot have it now holds back those behind it.
///
/// Source: the default scheduler of flux-core 0.88 (job-protocol 4.6).
package struct AllocationQueue {
    package enum Decision: Sendable {
        /// `annotations` is what to change in those of the job, under `sched`.
        case grant(id: UInt64, resources: ResourceSet, annotations: JSON.Object)
        case deny(id: UInt64, note: String)
    }

    struct Waiting {
        let id: UInt64
        var priority: UInt32
        let request: ResourceRequest
        /// What the job manager was told about the job, under `sched`.
        var shown: JSON.Object = [:]

        func precedes(_ other: Waiting) -> Bool {
            priority != other.priority ? priority > other.priority : id < other.id
        }
    }

    package private(set) var pool: ResourcePool
    /// In the order of service.
    var waiting: [Waiting] = []
    /// Nothing has changed since the head of the queue could not be served.
    private var isBlocked = false

    package init(pool: ResourcePool) { self.pool = pool }

    package var count: Int { waiting.count }

    /// Adds a job.
    ///
    /// - Throws: the reason for which its jobspec is denied.
    package mutating func add(_ request: AllocRequest) throws(ResourceRequest.ParseError) {
        let job = Waiting(
            id: request.id, priority: request.priority, request: try ResourceRequest(jobspec: request.jobspec))
        insert(job)
    }

    private mutating func insert(_ job: Waiting) {
        var low = 0
        var high = waiting.count
        while low < high {
            let middle = (low + high) / 2
            if waiting[middle].precedes(job) { low = middle + 1 } else { high = middle }
        }
        if low == 0 { isBlocked = false }
        waiting.insert(job, at: low)
    }

    /// - Returns: false when the job does not wait here.
    package mutating func remove(_ id: UInt64) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return false }
        waiting.remove(at: index)
        if index == 0 { isBlocked = false }
        return true
    }

    package mutating func prioritize(_ entries: [PrioritizeRequest.Entry]) {
        for entry in entries {
            guard let index = waiting.firstIndex(where: { $0.id == entry.id }) else { continue }
            var job = waiting.remove(at: index)
            job.priority = entry.priority
            insert(job)
        }
        isBlocked = false
    }

    /// Changes the pool; whoever waits may be served afterwards.
    package mutating func update<Result>(
        _ body: (inout ResourcePool) throws -> Result
    ) rethrows -> Result {
        isBlocked = false
        return try body(&pool)
    }

    /// Refuses everybody who waits.
    package mutating func denyAll(note: String) -> [Decision] {
        defer { waiting = [] }
        return waiting.map { .deny(id: $0.id, note: note) }
    }

    /// Serves from the head of the queue until somebody has to wait.
    ///
    /// - Parameter now: seconds since 1970-01-01 UTC.
    package mutating func schedule(now: Double) -> [Decision] {
        var result: [Decision] = []
        var served = 0
        while !isBlocked, served < waiting.count {
            let job = waiting[served]
            do throws(AllocationError) {
                let resources = try pool.allocate(job: job.id, job.request, now: now)
                var annotations: JSON.Object = [:]
                for (key, _) in job.shown { annotations[key] = .null }
                annotations["resource_summary"] = .string(resources.description)
                result.append(.grant(id: job.id, resources: resources, annotations: annotations))
                served += 1
            } catch {
                switch error {
                case .infeasible(let text):
                    result.append(.deny(id: job.id, note: text))
                    served += 1
                case .insufficient: isBlocked = true
                }
            }
        }
        waiting.removeFirst(served)
        return result
    }
}
