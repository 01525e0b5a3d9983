import Client
import FluxJSON
import KVSClient
import RFC03Message
import RFC18Eventlog
import RFC19FLUID
import RFC21JobStates
import Reactor
import Service

extension JobManagerService {
    static let checkpointKey = "checkpoint.job-manager"

    // MARK: restart

    /// Takes up the jobs that an earlier run of the instance left in the KVS.
    func restart() async throws {
        for id in try await storedJobIDs() { await replay(id) }
        if let bytes = try? await flux.lookup(Self.checkpointKey), let saved = try? JSON(parsing: bytes) {
            if let id = saved["max_jobid"]?.intValue { ledger.largestID = max(ledger.largestID, JobID(json: id)) }
            if let queues = saved["queue"] {
                change { [settings] in $0.restoreQueues(queues, stopAll: settings.stopsQueuesOnRestart) }
            }
        }
        let jobs = ledger.active.count + ledger.inactive.count
        if jobs > 0 {
            context.log(.info, "restart: \(jobs) jobs")
            context.log(.info, "restart: \(ledger.runningCount) running jobs")
        }
        change { $0.resume() }
    }

    /// The ids of all `job.xxxx.xxxx.xxxx.xxxx` directories, smallest first.
    private func storedJobIDs() async throws -> [JobID] {
        var ids: [JobID] = []
        var level = ["job"]
        for depth in 0..<4 {
            var next: [String] = []
            for key in level {
                guard let entries = try await entries(of: key, mayBeAbsent: depth == 0) else { return [] }
                for (name, isDirectory) in entries where isDirectory { next.append("\(key).\(name)") }
            }
            level = next
        }
        for key in level {
            guard let id = try? JobID(parsing: key, as: .kvs) else {
                throw ServiceError(
                    errnum: Errno.invalid, text: "restart failed: could not decode \(key) to job ID")
            }
            ids.append(id)
        }
        return ids.sorted()
    }

    private func entries(of key: String, mayBeAbsent: Bool) async throws -> [(name: String, isDirectory: Bool)]? {
        do {
            return try await flux.directory(key)
        } catch {
            if mayBeAbsent, error.errnum == Errno.noEntry { return nil }
            throw error
        }
    }

    private func replay(_ id: JobID) async {
        guard let stored = await storedJob(id) else {
            await setAside(id, "eventlog cannot be read")
            return
        }
        do {
            try ask { ledger throws(Refusal) in
                try ledger.replay(id, stored.events, jobspec: stored.jobspec, resources: stored.resources)
            }
        } catch {
            await setAside(id, error.text ?? "")
        }
    }

    /// A job that makes no sense must not keep the instance from starting.
    private func setAside(_ id: JobID, _ reason: String) async {
        context.log(.err, "job \(shown(id)) not replayed: \(reason); moved to job-lost+found.job.\(id)")
        guard let object = try? await flux.lookupObject(id.kvs, flags: .treeObject) else { return }
        var transaction = KVSTransaction()
        transaction.put("job-lost+found.job.\(id)", object: object)
        transaction.unlink(id.kvs)
        _ = try? await flux.commit(transaction)
    }

    // MARK: checkpoint

    private var checkpoint: JSON {
        ["version": 1, "max_jobid": ledger.largestID.json, "queue": ledger.queues.saved]
    }

    func saveCheckpoint() async {
        var transaction = KVSTransaction()
        transaction.put(Self.checkpointKey, checkpoint.bytes)
        do {
            try await flux.commit(transaction)
        } catch {
            context.log(.err, "error committing checkpoint: \(error)")
        }
    }

    /// Requests that wait when the module ends.
    func refuseWaiting() {
        for (id, entry) in requests.all where entry.request.topic != "job-manager.submit" {
            flux.respond(to: entry.request, errnum: Errno.noSystem, "job-manager is unloading")
            requests.remove(id)
        }
    }

    // MARK: purge

    static let purgeBatchLimit = 100

    func purge(_ request: Message) async throws -> Reply {
        let fields = try request.fields()
        let age = try fields.number("age_limit"), number = try fields.int("num_limit")
        let batch = try fields.int("batch"), isForced = try fields.bool("force")
        guard age == -1 || age >= 0 else { throw ServiceError(errnum: Errno.invalid, text: "if set, age limit must be >= 0") }
        guard number >= -1 else { throw ServiceError(errnum: Errno.invalid, text: "if set, num limit must be >= 0") }
        guard (1...Int64(Self.purgeBatchLimit)).contains(batch) else {
            let text = "batch must be >= 1 and <= \(Self.purgeBatchLimit)"
            throw ServiceError(errnum: Errno.invalid, text: text)
        }
        let rule = JobLedger.PurgeRule(age: age < 0 ? nil : age, number: number < 0 ? nil : Int(number))
        ledger.now = context.reactor.wallTime
        guard isForced else { return .json(["count": .int(Int64(ledger.purgeableCount(rule)))]) }
        let ids = change { $0.purge(rule, limit: Int(batch)) }
        try await unlink(ids)
        return .json(["count": .int(Int64(ids.count))])
    }

    func purgeID(_ request: Message) async throws -> Reply {
        let fields = try request.fields()
        let number = try fields.int("id"), isForced = try fields.int("force") != 0
        guard number != -1 else { throw ServiceError(errnum: Errno.invalid) }
        let id = JobID(json: number)
        try ask { ledger throws(Refusal) in
            if isForced { try ledger.purge(id) } else { try ledger.checkPurge(id) }
        }
        if isForced { try await unlink([id]) }
        return .json(["count": 1])
    }

    private func unlink(_ ids: [JobID]) async throws {
        guard !ids.isEmpty else { return }
        var transaction = KVSTransaction()
        for id in ids { transaction.unlink(id.kvs) }
        // The largest id must be known after a restart, also when its job is gone.
        if ids.contains(ledger.largestID) { transaction.put(Self.checkpointKey, checkpoint.bytes) }
        publish("job-purge-inactive", ["jobs": .array(ids.map(\.json))], isPrivate: false)
        try await flux.commit(transaction)
    }

    /// Removes inactive jobs that the configuration does not keep; at each heartbeat.
    func purgeByRule() {
        guard settings.purgeRule != .init(), !settings.isPurging else { return }
        let ids = change { [settings] in $0.purge(settings.purgeRule, limit: Self.purgeBatchLimit) }
        guard !ids.isEmpty else { return }
        settings.isPurging = true
        Task {
            do {
                try await self.unlink(ids)
                self.context.log(.debug, "purged \(ids.count) inactive jobs")
            } catch {
                self.context.log(.err, "error committing purge KVS transaction: \(error)")
            }
            self.settings.isPurging = false
        }
    }
}
