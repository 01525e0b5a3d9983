import FluxJSON
import RFC19FLUID
import RFC21JobStates

extension JobLedger {
    /// What has to be asked of others before a job may be changed.
    enum UpdateCheck: Hashable, Sendable {
        case none
        /// Whether any resources of the instance would do for this jobspec.
        case feasibility(JSON)
        /// Whether the scheduler lets a running job end at this time.
        case expiration(Double)
    }

    /// A change of a jobspec that was found right.
    struct Update: Hashable, Sendable {
        let id: JobID
        let requester: Requester
        var changes: JSON.Object
        var isValidated = false
        var check = UpdateCheck.none
    }

    /// Looks at a wanted change.
    ///
    /// - Parameter changes: values by dotted path, `attributes.system.duration`.
    func checkUpdate(_ id: JobID, _ changes: JSON.Object, by requester: Requester) throws(Refusal) -> Update {
        guard changes.allSatisfy({ $0.key.hasPrefix("attributes.") }), !changes.isEmpty else {
            throw Refusal(22, "one or more jobspec updates are invalid")
        }
        let job = try activeJob(
            id, unknown: Refusal(2, "unknown job id"), inactive: Refusal(22, "job is inactive"))
        guard requester.mayTouch(job.userID) else { throw Refusal(1, "guests may only update their own jobs") }
        guard !job.machine.isImmutable || requester.isOwner else {
            throw Refusal(1, "job is immutable due to previous instance owner update")
        }
        var update = Update(id: id, requester: requester, changes: changes)
        var needsValidation = false, needsFeasibility = false
        for (path, value) in changes {
            switch path {
            case "attributes.system.duration" where mayUpdateDuration:
                if try checkDuration(value, of: job, by: requester) { needsValidation = true }
            case "attributes.system.queue" where mayUpdateQueue:
                update.changes["attributes.system.constraints"] = try checkQueue(value, of: job)
                (needsValidation, needsFeasibility) = (true, true)
            default: throw Refusal(22, "update of \(path) not supported")
            }
        }
        if needsValidation { try validate(update.changes, of: job) }
        update.isValidated = needsValidation
        if needsFeasibility {
            update.check = .feasibility(try updatedJobspec(job, update.changes))
        } else if job.isRunning, let duration = changes["attributes.system.duration"]?.numberValue {
            update.check = .expiration(try expiration(of: job, forDuration: duration))
        }
        return update
    }

    /// Returns whether the limits have to be looked at.
    private func checkDuration(_ value: JSON, of job: Job, by requester: Requester) throws(Refusal) -> Bool {
        guard let duration = value.numberValue else { throw Refusal(22, "plugin args unpack failed") }
        guard duration >= 0 else { throw Refusal(22, "duration must not be negative") }
        if job.isRunning, !requester.isOwner || !ownerMayExceedLimits {
            throw Refusal(22, "duration update of running job requires instance owner privileges")
        }
        return !requester.isOwner || !ownerMayExceedLimits
    }

    /// Returns the constraints that the job gets with its new queue.
    private func checkQueue(_ value: JSON, of job: Job) throws(Refusal) -> JSON {
        guard let name = value.stringValue else { throw Refusal(22, "plugin args unpack failed") }
        guard !job.isRunning else { throw Refusal(22, "update of queue for running job not supported") }
        guard job.queue != name else { throw Refusal(22, "job queue is already set to \(name)") }
        guard try queues.queue(name).isEnabled else { throw Refusal(22, "queue \(name) is currently disabled") }
        _ = try queues.queue(job.queue)
        let constraints = job.jobspec["attributes"]?["system"]?["constraints"] ?? [:]
        let expected: JSON = queues.requires(job.queue).map { ["properties": $0] } ?? [:]
        guard constraints == expected else {
            throw Refusal(
                22, "job appears to have non-queue constraints, unable to update queue to \(job.queue ?? "(null)")")
        }
        return queues.requires(name).map { ["properties": $0] } ?? [:]
    }

    private func updatedJobspec(_ job: Job, _ changes: JSON.Object) throws(Refusal) -> JSON {
        do {
            return try job.machine.updated(by: changes)
        } catch {
            throw Refusal(22, "\(error)")
        }
    }

    private func validate(_ changes: JSON.Object, of job: Job) throws(Refusal) {
        var changed = job
        changed.machine.jobspec = try updatedJobspec(job, changes)
        try limits.check(changed, now: now)
    }

    private func expiration(of job: Job, forDuration duration: Double) throws(Refusal) -> Double {
        guard duration > 0 else { return 0 }
        guard let start = job.resources?["execution"]?["starttime"]?.numberValue, start > 0 else {
            throw Refusal(22, "unable to get job starttime")
        }
        guard start + duration > now else { throw Refusal(22, "requested duration places job expiration in the past") }
        return start + duration
    }

    /// Makes a change that all who were asked agreed to.
    mutating func perform(_ update: Update) throws(Refusal) {
        guard let job = active[update.id] else { throw Refusal(22, "job is inactive") }
        var expiration: Double?
        if job.isRunning, let duration = update.changes["attributes.system.duration"]?.numberValue {
            expiration = try self.expiration(of: job, forDuration: duration)
        }
        if !update.isValidated, update.requester.isOwner, update.requester.userID != job.userID {
            post(update.id, "set-flags", ["flags": ["immutable"]])
        }
        post(update.id, "jobspec-update", update.changes)
        if let expiration { post(update.id, "resource-update", ["expiration": .real(expiration)]) }
    }

    /// The instance's own time changed: jobs that end with it are told.
    mutating func extendRunningJobs(to expiration: Double) {
        for id in active.keys.sorted() {
            guard let job = active[id], job.state == .run, (job.duration ?? 0) == 0,
                let old = job.resources?["execution"]?["expiration"]?.numberValue, old >= 0
            else { continue }
            post(id, "resource-update", ["expiration": .real(expiration)])
        }
    }
}
