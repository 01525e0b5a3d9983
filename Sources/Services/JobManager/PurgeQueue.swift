import FluxJSON
import RFC19FLUID

/// Inactive jobs in the order of their ends.
struct PurgeQueue: Hashable, Sendable {
    private var ids: [JobID] = []
    private var taken = 0

    var count: Int { ids.count - taken }
    /// The job that ended first.
    var first: JobID? { taken < ids.count ? ids[taken] : nil }
    /// The ids, the one that ended first in front.
    var all: ArraySlice<JobID> { ids[taken...] }

    mutating func append(_ id: JobID) { ids.append(id) }

    mutating func removeFirst() {
        taken += 1
        // Forget the taken part once it is the larger one: constant cost over time.
        if taken > 1024, taken * 2 > ids.count {
            ids.removeFirst(taken)
            taken = 0
        }
    }

    mutating func sort(by time: (JobID) -> Double) {
        ids = all.map { ($0, time($0)) }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
        taken = 0
    }

    mutating func remove(_ id: JobID) { if let place = all.firstIndex(of: id) { ids.remove(at: place) } }
}

extension JobLedger {
    /// Which inactive jobs may go.
    struct PurgeRule: Hashable, Sendable {
        /// Seconds since the end; nil is no limit.
        var age: Double?
        /// How many may stay; nil is no limit.
        var number: Int?

        func isDue(_ job: InactiveJob, count: Int, now: Double) -> Bool {
            if let age, now - job.cleanTime > age { return true }
            if let number, count > number { return true }
            return false
        }
    }

    func purgeableCount(_ rule: PurgeRule) -> Int {
        var count = 0
        for id in purgeQueue.all {
            guard let job = inactive[id], rule.isDue(job, count: purgeQueue.count - count, now: now) else { break }
            count += 1
        }
        return count
    }

    /// Forgets up to `limit` inactive jobs and gives their ids; the owner removes them from the KVS.
    mutating func purge(_ rule: PurgeRule, limit: Int) -> [JobID] {
        var ids: [JobID] = []
        while ids.count < limit, let id = purgeQueue.first, let job = inactive[id],
            rule.isDue(job, count: purgeQueue.count, now: now)
        {
            purgeQueue.removeFirst()
            inactive[id] = nil
            ids.append(id)
        }
        if !ids.isEmpty { history.remove(Set(ids)) }
        return ids
    }

    /// Refuses to forget a job that is active or not known.
    func checkPurge(_ id: JobID) throws(Refusal) {
        guard inactive[id] == nil else { return }
        throw active[id] == nil ? Refusal(2, "id not found") : Refusal(22, "cannot purge active job")
    }

    /// Forgets one inactive job.
    mutating func purge(_ id: JobID) throws(Refusal) {
        try checkPurge(id)
        purgeQueue.remove(id)
        inactive[id] = nil
        history.remove([id])
    }
}
