package import FluxJSON
internal import RFC20R

/// What people are told about jobs that wait.
///
/// Source: the default scheduler of flux-core 0.88, annotations `sched.t_estimate`, `sched.reason_pending`,
/// `sched.jobs_ahead`.
extension AllocationQueue {
    /// A change to the annotations of a job, under `sched`.
    package struct Annotation: Hashable, Sendable {
        package let id: UInt64
        package let change: JSON.Object
    }

    /// Why each job waits and behind how many; only what has changed since the last time.
    package mutating func explain() -> [Annotation] {
        waiting.indices.compactMap { place in
            show(place, ["reason_pending": "insufficient resources", "jobs_ahead": .int(Int64(place))])
        }
    }

    /// When each job will probably start; only what has changed since the last time.
    ///
    /// Jobs are taken through a copy of the pool in their order, none before the one ahead of it. What lies behind a
    /// job without a known end cannot be told, and what was said of it before is taken back.
    ///
    /// - Parameter now: seconds since 1970-01-01 UTC.
    /// - Complexity: a look at each job with resources for each end that has to be waited for.
    package mutating func forecast(now: Double) -> [Annotation] {
        var result: [Annotation] = []
        var future = Future(pool: pool, time: now)
        var isKnown = true
        for place in waiting.indices {
            var estimate: Double?
            if isKnown {
                let request = waiting[place].request
                switch future.start(job: waiting[place].id, request) {
                case .at(let time):
                    estimate = time
                    isKnown = request.duration > 0
                case .unknown: isKnown = false
                case .never: break
                }
            }
            if let change = show(place, estimate.map { ["t_estimate": .real($0)] } ?? [:]) { result.append(change) }
        }
        return result
    }

    private mutating func show(_ place: Int, _ new: JSON.Object) -> Annotation? {
        let old = waiting[place].shown
        guard new != old else { return nil }
        waiting[place].shown = new
        var change: JSON.Object = [:]
        for (key, value) in new where old[key] != value { change[key] = value }
        for (key, _) in old where new[key] == nil { change[key] = .null }
        return Annotation(id: waiting[place].id, change: change)
    }
}

/// A pool that is led through the times at which jobs end.
private struct Future {
    enum Start {
        /// Seconds since 1970-01-01 UTC.
        case at(Double)
        /// No known end of another job frees enough.
        case unknown
        /// The scheduler will refuse the job.
        case never
    }

    var pool: ResourcePool
    var time: Double

    mutating func start(job: UInt64, _ request: ResourceRequest) -> Start {
        while true {
            do throws(AllocationError) {
                _ = try pool.allocate(job: job, request, now: time)
                return .at(time)
            } catch {
                if case .infeasible = error { return .never }
                guard let end = pool.nextEnd(after: 0) else { return .unknown }
                time = max(time, end)
                pool.free(endingBy: time)
            }
        }
    }
}
