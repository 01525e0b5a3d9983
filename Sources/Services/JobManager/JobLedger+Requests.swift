import FluxJSON
import RFC19FLUID
import RFC21JobStates

extension JobLedger {
    // MARK: exceptions and signals

    mutating func raise(
        _ id: JobID, type: String, severity: Int64, note: String?, waitStatus: Int64?, by requester: Requester
    ) throws(Refusal) {
        try Self.check(type: type, severity: severity)
        let job = try activeJob(
            id, unknown: Refusal(2, "unknown job id"), inactive: Refusal(2, "job is inactive"))
        guard requester.mayTouch(job.userID) else {
            throw Refusal(1, "guests can only raise exceptions on their own jobs")
        }
        raise(
            id, type: type, severity: severity, note: note ?? "", userID: requester.userID, waitStatus: waitStatus)
    }

    /// Raises an exception on all jobs of a user (nil: of everybody) in certain states; returns how many that are.
    mutating func raiseAll(
        userID: UInt32?, states: Int64, type: String, severity: Int64, note: String?, isDryRun: Bool,
        by requester: Requester
    ) throws(Refusal) -> Int {
        guard requester.isOwner || userID == requester.userID else {
            throw Refusal(1, "guests can only raise exceptions on their own jobs")
        }
        try Self.check(type: type, severity: severity)
        let targets = active.values
            .filter { Int64($0.state.rawValue) & states != 0 && (userID == nil || $0.userID == userID) }.map(\.id).sorted()
        if !isDryRun {
            for id in targets {
                raise(id, type: type, severity: severity, note: note ?? "", userID: requester.userID)
            }
        }
        return targets.count
    }

    private static func check(type: String, severity: Int64) throws(Refusal) {
        guard (0...7).contains(severity) else { throw Refusal(71, "invalid exception severity") }
        let isSpace = type.utf8.contains { $0 == 0x20 || (9...13).contains($0) || $0 == UInt8(ascii: "=") }
        guard !type.isEmpty, !isSpace else { throw Refusal(71, "invalid exception type") }
    }

    mutating func kill(_ id: JobID, signal: Int64, by requester: Requester) throws(Refusal) {
        guard (1...64).contains(signal) else { throw Refusal(22, "Invalid signal number") }
        let job = try activeJob(
            id, unknown: Refusal(22, "unknown job id"), inactive: Refusal(22, "job is inactive"))
        guard requester.mayTouch(job.userID) else {
            throw Refusal(1, "guests may only send signals to their own jobs")
        }
        guard job.isRunning else { throw Refusal(22, "job is not running") }
        publishKill(id, signal)
    }

    mutating func killAll(
        userID: UInt32?, signal: Int64, isDryRun: Bool, by requester: Requester
    ) throws(Refusal) -> Int {
        guard requester.isOwner || userID == requester.userID else {
            throw Refusal(1, "guests can only kill their own jobs")
        }
        guard (1...64).contains(signal) else { throw Refusal(22, "Invalid signal number") }
        let targets = active.values
            .filter { $0.isRunning && (userID == nil || $0.userID == userID) }.map(\.id).sorted()
        if !isDryRun { for id in targets { publishKill(id, signal) } }
        return targets.count
    }

    private mutating func publishKill(_ id: JobID, _ signal: Int64) {
        direct(.publish(topic: "shell-\(id.value).kill", ["signum": .int(signal)], isPrivate: false))
    }

    // MARK: urgency, memo

    /// Returns the urgency that the job had before.
    mutating func setUrgency(_ id: JobID, to urgency: Int64, by requester: Requester) throws(Refusal) -> Int64 {
        guard (0...31).contains(urgency) else { throw Refusal(22, "urgency value is out of range") }
        let job = try activeJob(id, unknown: Refusal(22, "unknown job"), inactive: Refusal(22, "job is inactive"))
        guard requester.mayTouch(job.userID) else {
            throw Refusal(1, "guests can only reprioritize their own jobs")
        }
        guard requester.isOwner || urgency <= max(16, Int64(job.machine.urgency)) else {
            throw Refusal(1, "guests can only adjust urgency <= default")
        }
        guard !job.machine.holdsResources else {
            throw Refusal(22, "urgency cannot be changed once resources are allocated")
        }
        post(id, "urgency", ["userid": .int(Int64(requester.userID)), "urgency": .int(urgency)])
        return Int64(job.machine.urgency)
    }

    mutating func addMemo(
        _ id: JobID, _ memo: JSON.Object, isVolatile: Bool, by requester: Requester
    ) throws(Refusal) {
        let job = try activeJob(
            id, unknown: Refusal(2, "unknown job id"), inactive: Refusal(2, "job is inactive"))
        guard requester.mayTouch(job.userID) else {
            throw Refusal(1, "guests can only add a memo to their own jobs")
        }
        post(id, "memo", memo, commit: !isVolatile)
    }

    // MARK: questions

    /// All active jobs: first those in line for the scheduler, in order, then the others, then those that ended and
    /// were not waited for.
    func list(limit: Int) -> [JSON] {
        let inLine = queue.all.compactMap { active[$0.id] }
        let others = active.values.filter { $0.queuedPlace == nil }.sorted { $0.id < $1.id }
        let all = inLine + others
        return (limit == 0 ? all : Array(all.prefix(limit))).map(\.summary) + waiters.zombieSummaries
    }

    /// Attributes of one active job.
    func attributes(_ names: [JSON], of job: Job) throws(Refusal) -> JSON {
        var answer = JSON.Object()
        for name in names {
            switch name.stringValue {
            case "jobspec"?: answer["jobspec"] = job.jobspec
            case "R"?:
                guard let resources = job.resources else { throw Refusal(2, "R is NULL") }
                answer["R"] = resources
            case "eventlog"?: answer["eventlog"] = .array(job.eventlog)
            case nil: throw Refusal(71, "attribute list contains non-string")
            case let name?: throw Refusal(2, "unknown attr \(name)")
            }
        }
        return .object(answer)
    }
}

extension Job {
    /// The job as job-manager.list shows it.
    var summary: JSON {
        var summary: JSON.Object = [
            "id": id.json, "userid": .int(Int64(userID)), "urgency": .int(Int64(machine.urgency)),
            "priority": .int(priority), "t_submit": .real(machine.submitTime),
            "state": .int(Int64(state.rawValue)),
        ]
        if !machine.annotations.isEmpty { summary["annotations"] = .object(machine.annotations) }
        if !machine.dependencies.isEmpty {
            summary["dependencies"] = .array(machine.dependencies.map { .string($0) })
        }
        return .object(summary)
    }
}
