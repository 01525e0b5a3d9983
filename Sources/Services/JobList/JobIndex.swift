import FluxJSON
import RFC18Eventlog
import RFC21JobStates
import RFC43JobList

/// All jobs that are known, by what is asked of them most.
struct JobIndex: Sendable {
    /// Jobs that have not ended.
    private var active: [UInt64: JobRecord] = [:]
    private var pending: Set<UInt64> = []
    private var running: Set<UInt64> = []
    private var ended = EndedJobs()
    private(set) var statistics = JobStatistics()
    private(set) var queueStatistics: [String: JobStatistics] = [:]

    var pendingCount: Int { pending.count }
    var runningCount: Int { running.count }
    var endedCount: Int { ended.count }

    subscript(id: UInt64) -> JobRecord? { active[id] ?? ended[id] }

    /// Queues that are shown also without jobs.
    mutating func know(queues: [String]) {
        for name in queues where queueStatistics[name] == nil { queueStatistics[name] = JobStatistics() }
    }

    /// Takes one message of the journal. Returns whether the state of the job is another one now.
    mutating func receive(id: UInt64, events: [JSON], jobspec: JSON?, resources: JSON?) -> Bool {
        // What is told of a job after its end changes nothing any more.
        if ended[id] != nil { return false }
        var record = active[id] ?? JobRecord(id: id)
        let old = record.state, oldQueue = record.queue
        if let jobspec { record.jobspec = jobspec }
        for event in events {
            guard let name = event["name"]?.stringValue else { continue }
            if name == "invalidate" {
                forget(id)
                return false
            }
            record.apply(
                name: name, context: event["context"]?.objectValue, at: event["timestamp"]?.numberValue ?? 0,
                resources: name == "alloc" ? resources : nil)
        }
        count(record, from: old, oldQueue: oldQueue)
        active[id] = record
        place(record, from: old)
        return record.state != old
    }

    private mutating func count(_ record: JobRecord, from old: JobState, oldQueue: String?) {
        statistics.move(from: old, to: record.state, result: record.result)
        if old != .new, oldQueue != record.queue, let oldQueue { queueStatistics[oldQueue]?.remove(old) }
        guard let queue = record.queue else { return }
        let isNewHere = oldQueue != record.queue
        queueStatistics[queue, default: JobStatistics()].move(
            from: isNewHere ? .new : old, to: record.state, result: record.result)
    }

    private mutating func place(_ record: JobRecord, from old: JobState) {
        guard record.state != old else { return }
        switch record.state {
        case .new: break
        case .depend, .priority, .sched: pending.insert(record.id)
        case .run, .cleanup:
            pending.remove(record.id)
            running.insert(record.id)
        case .inactive:
            pending.remove(record.id)
            running.remove(record.id)
            if ended.add(record) { active[record.id] = nil }
        }
    }

    private mutating func forget(_ id: UInt64) {
        if let record = active.removeValue(forKey: id) { statistics.remove(record.state) }
        pending.remove(id)
        running.remove(id)
    }

    /// Forgets inactive jobs that job-manager has forgotten.
    mutating func purge(_ ids: Set<UInt64>) {
        for id in ids {
            guard let record = ended[id] ?? active.removeValue(forKey: id) else { continue }
            let result = record.result ?? .failed
            statistics.purge(result: result)
            if let queue = record.queue { queueStatistics[queue]?.purge(result: result) }
        }
        ended.remove(ids)
    }

    // MARK: questions

    /// The jobs that match, in the order of RFC 43: waiting, running, ended.
    ///
    /// - Parameters:
    ///   - limit: how many at most; 0 for all.
    ///   - since: inactive jobs that ended at this time or before are left out.
    func query(
        _ constraint: JobConstraint, limit: Int, since: Double, in environment: JobConstraint.Environment,
        _ meter: inout ComparisonMeter
    ) throws(JobListError) -> [JobRecord] {
        var found: [JobRecord] = []
        if constraint.mayMatch(.pending) {
            let jobs = pending.compactMap { active[$0] }.sorted(by: JobOrder.pending)
            try collect(jobs, constraint, limit, environment, &meter, into: &found)
        }
        if constraint.mayMatch(.running) {
            let jobs = running.compactMap { active[$0] }.sorted(by: JobOrder.running)
            try collect(jobs, constraint, limit, environment, &meter, into: &found)
        }
        guard constraint.mayMatch(.inactive) else { return found }
        try ended.forEachFromLatest { job throws(JobListError) in
            guard limit == 0 || found.count < limit, job.inactiveTime > since else { return false }
            if try constraint.matches(job, &meter, in: environment) { found.append(job) }
            return true
        }
        return found
    }

    private func collect(
        _ jobs: [JobRecord], _ constraint: JobConstraint, _ limit: Int, _ environment: JobConstraint.Environment,
        _ meter: inout ComparisonMeter, into found: inout [JobRecord]
    ) throws(JobListError) {
        for job in jobs {
            guard limit == 0 || found.count < limit else { return }
            if try constraint.matches(job, &meter, in: environment) { found.append(job) }
        }
    }
}
