import Client
import FluxJSON
import RFC03Message
import RFC19FLUID
public import Service

extension JobManagerService {
    public static let methods: [String: Method<JobManagerService>] = [
        "submit": .now { try $0.submit($1) },
        "raise": .now(.anyUser) { try $0.raise($1) },
        "raiseall": .now(.anyUser) { try $0.raiseAll($1) },
        "kill": .now(.anyUser) { try $0.kill($1) },
        "killall": .now(.anyUser) { try $0.killAll($1) },
        "urgency": .now(.anyUser) { try $0.setUrgency($1) },
        "update": .waiting(.anyUser) { try await $0.update($1) },
        "memo": .now(.anyUser) { try $0.addMemo($1) },
        "wait": .now { try $0.wait($1) },
        "list": .now { try $0.list($1) },
        "getattr": .waiting(.anyUser) { try await $0.getattr($1) },
        "getinfo": .now(.anyUser) { service, request in try service.getinfo(request) },
        "stats-get": .waiting(.anyUser) { service, request in
            try service.checkPrivacy(request)
            return .json(try await service.statistics() ?? [:])
        },
        "events-journal": .now { try $0.openJournal($1) },
        "events-journal-cancel": .now { service, request in service.cancelJournal(request) },
        "drain": .now { service, request in service.drain(request) },
        "idle": .now { service, request in service.idle(request) },
        "purge": .waiting { try await $0.purge($1) },
        "purge-id": .waiting { try await $0.purgeID($1) },
        "queue-list": .now(.anyUser) { service, _ in
            .json(["queues": .array(service.ledger.queues.names.map { .string($0) })])
        },
        "queue-status": .now(.anyUser) { try $0.queueStatus($1) },
        "queue-enable": .now { try $0.enableQueue($1) },
        "queue-start": .now { try $0.startQueue($1) },
        "alloc-query": .now(.anyUser) { service, _ in service.allocationCounts() },
        "resource-status": .now { service, _ in try service.resourceStatus() },
        "jobtap": .now { try $0.plugins($1) },
        "jobtap-query": .now { try $0.pluginQuery($1) },
        "history.get": .now(.anyUser) { try $0.historySlice($1) },
        "post-event.post": .now { try $0.postEvent($1) },
        "set-batch-timeout": .now { try $0.setBatchTimeout($1) },
        "housekeeping-kill": .now { try $0.killHousekeeping($1) },
        "sched-hello": .now { try $0.schedulerHello($1) },
        "sched-ready": .now { try $0.schedulerReady($1) },
        "exec-hello": .now { try $0.execHello($1) },
    ]

    // MARK: jobs

    private func submit(_ request: Message) throws -> Reply {
        var submissions: [Submission] = []
        for job in try request.fields().array("jobs") { submissions.append(try Submission(json: job)) }
        let id = keep(request)
        change { ledger in
            var errors: [JSON] = []
            for submission in submissions {
                do throws(Refusal) {
                    try ledger.submit(submission)
                } catch {
                    errors.append([submission.id.json, .string(error.text ?? "rejected by plugin")])
                }
            }
            ledger.direct(.answerAfterCommit(id, ["errors": .array(errors)]))
        }
        return .deferred
    }

    private func raise(_ request: Message) throws -> Reply {
        let fields = try request.fields()
        let id = JobID(json: try fields.int("id")), severity = try fields.int("severity")
        let type = try fields.string("type"), note = try fields.optionalString("note")
        let waitStatus = try fields.optionalInt("wait_status")
        try ask { ledger throws(Refusal) in
            try ledger.raise(
                id, type: type, severity: severity, note: note, waitStatus: waitStatus, by: request.requester)
        }
        return .empty
    }

    private func raiseAll(_ request: Message) throws -> Reply {
        let fields = try request.fields()
        let isDryRun = try fields.bool("dry_run"), states = try fields.int("states")
        let severity = try fields.int("severity"), type = try fields.string("type")
        let note = try fields.optionalString("note"), userID = Self.userID(try fields.int("userid"))
        let count = try ask { ledger throws(Refusal) in
            try ledger.raiseAll(
                userID: userID, states: states, type: type, severity: severity, note: note, isDryRun: isDryRun,
                by: request.requester)
        }
        return .json(["count": .int(Int64(count)), "errors": 0])
    }

    /// A user id; -1 stands for everybody.
    private static func userID(_ number: Int64) -> UInt32? {
        let userID = UInt32(truncatingIfNeeded: number)
        return userID == .max ? nil : userID
    }

    private func kill(_ request: Message) throws -> Reply {
        let fields = try request.fields()
        let id = JobID(json: try fields.int("id")), signal = try fields.int("signum")
        try ask { ledger throws(Refusal) in try ledger.kill(id, signal: signal, by: request.requester) }
        return .empty
    }

    private func killAll(_ request: Message) throws -> Reply {
        let fields: JSON.Object, isDryRun: Bool, userID: UInt32?, signal: Int64
        do {
            fields = try request.fields()
            isDryRun = try fields.bool("dry_run")
            userID = Self.userID(try fields.int("userid"))
            signal = try fields.int("signum")
        } catch {
            throw ServiceError(errnum: Errno.proto, text: "error decoding request")
        }
        let count = try ask { ledger throws(Refusal) in
            try ledger.killAll(userID: userID, signal: signal, isDryRun: isDryRun, by: request.requester)
        }
        return .json(["count": .int(Int64(count)), "errors": 0])
    }

    private func setUrgency(_ request: Message) throws -> Reply {
        let fields = try request.fields()
        let id = JobID(json: try fields.int("id")), urgency = try fields.int("urgency")
        let old = try ask { ledger throws(Refusal) in try ledger.setUrgency(id, to: urgency, by: request.requester) }
        return .json(["old_urgency": .int(old)])
    }

    private func addMemo(_ request: Message) throws -> Reply {
        let fields = try request.fields()
        let id = JobID(json: try fields.int("id")), memo = try fields.object("memo")
        let isVolatile = try fields.optionalBool("volatile") ?? false
        try ask { ledger throws(Refusal) in
            try ledger.addMemo(id, memo, isVolatile: isVolatile, by: request.requester)
        }
        return .empty
    }

    private func wait(_ request: Message) throws -> Reply {
        guard let number = (try? request.fields())?["id"]?.intValue else {
            throw ServiceError(errnum: Errno.proto, text: "malformed wait request")
        }
        let token = keep(request)
        do {
            try ask { ledger throws(Refusal) in try ledger.wait(for: number == -1 ? nil : JobID(json: number), token) }
        } catch {
            requests.remove(token)
            throw error
        }
        return .deferred
    }

    private func drain(_ request: Message) -> Reply {
        let token = keep(request)
        change { $0.drain(token) }
        return .deferred
    }

    private func idle(_ request: Message) -> Reply {
        let token = keep(request)
        change { $0.idle(token) }
        return .deferred
    }

    private func postEvent(_ request: Message) throws -> Reply {
        let fields = try request.fields()
        let id = JobID(json: try fields.int("id")), name = try fields.string("name")
        let context = try fields.optionalObject("context") ?? [:]
        guard ledger.active[id] != nil else { throw ServiceError(errnum: Errno.noEntry) }
        change { $0.post(id, name, context) }
        return .empty
    }

    // MARK: questions

    private func list(_ request: Message) throws -> Reply {
        let limit = try request.fields().int("max_entries")
        guard limit >= 0 else { throw ServiceError(errnum: Errno.proto) }
        return .json(["jobs": .array(ledger.list(limit: Int(clamping: limit)))])
    }

    private func getinfo(_ request: Message) throws -> Reply {
        try checkPrivacy(request)
        return .json(["max_jobid": ledger.largestID.json])
    }

    /// In private mode guests learn nothing about the jobs of others, not even how many there are.
    private func checkPrivacy(_ request: Message) throws(ServiceError) {
        guard !settings.isPrivate || !request.roles.isDisjoint(with: [.owner, .admin]) else {
            throw ServiceError(errnum: Errno.perm)
        }
    }

    private func allocationCounts() -> Reply {
        .json([
            "queue_length": .int(Int64(ledger.queue.count)), "alloc_pending": .int(Int64(ledger.pending.count)),
            "running": .int(Int64(ledger.runningCount)),
        ])
    }

    private func historySlice(_ request: Message) throws -> Reply {
        let slice = try request.fields().string("slice")
        guard let ids = ledger.history.slice(slice, userID: request.userID) else {
            throw ServiceError(errnum: Errno.invalid, text: "could not parse python-style slice expression")
        }
        return .json(["jobs": .array(ids.map(\.json))])
    }

    // MARK: queues

    private func queueStatus(_ request: Message) throws -> Reply {
        let name = try request.fields().optionalString("name")
        return .json(try ask { ledger throws(Refusal) in
            try ledger.queues.status(name, schedulerIsOnline: ledger.scheduler.isOnline)
        })
    }

    private func enableQueue(_ request: Message) throws -> Reply {
        let fields = try request.fields()
        let name = try fields.optionalString("name"), isEnabled = try fields.bool("enable")
        let reason = try fields.optionalString("reason"), all = try fields.bool("all")
        try ask { ledger throws(Refusal) in try ledger.enableQueue(name, isEnabled, reason: reason, all: all) }
        return .empty
    }

    private func startQueue(_ request: Message) throws -> Reply {
        let fields = try request.fields()
        let name = try fields.optionalString("name"), isStarted = try fields.bool("start")
        let reason = try fields.optionalString("reason"), all = try fields.bool("all")
        let isPassing = try fields.optionalBool("nocheckpoint") ?? false
        try ask { ledger throws(Refusal) in
            try ledger.startQueue(name, isStarted, reason: reason, all: all, isPassing: isPassing)
        }
        return .empty
    }
}
