import FluxJSON
import RFC19FLUID
import RFC21JobStates

extension JobLedger {
    /// Posts an event to a job's eventlog and does all that follows from it.
    mutating func post(
        _ id: JobID, _ name: String, _ context: JSON.Object = [:], commit: Bool = true, at time: Double? = nil
    ) {
        // Events of one moment keep their order in time: readers compare the stamps.
        if time == nil { now += 1e-6 }
        post(id, Posting(name, at: time ?? now, context, isCommitted: commit))
    }

    /// Events that follow from an event wait until all of that event's own consequences are drawn.
    mutating func post(_ id: JobID, _ posting: Posting) {
        guard let job = active[id], !job.isReadOnly else { return }
        active[id]?.postings.append(posting)
        guard !job.isPosting else { return }
        active[id]?.isPosting = true
        while let next = active[id]?.postings.first {
            process(next, of: id)
            guard active[id]?.postings.isEmpty == false else { break }
            active[id]?.postings.removeFirst()
            if active[id]?.isReadOnly == true { active[id]?.postings = [] }
        }
        active[id]?.isPosting = false
    }

    private mutating func process(_ posting: Posting, of id: JobID) {
        guard let old = active[id]?.state else { return }
        var attachment: JSON?
        switch posting.name {
        case "submit": attachment = active[id]?.jobspec
        case "alloc":
            attachment = active[id]?.resources
            active[id]?.wasAllocated = true
        default: break
        }
        do {
            try active[id]?.machine.apply(name: posting.name, context: posting.context, at: posting.timestamp)
        } catch {
            direct(.log(isError: true, "\(id): \(error)"))
            return
        }
        direct(.event(id, posting, attachment: attachment))
        if posting.isCommitted { active[id]?.eventlog.append(posting.json) }
        guard let job = active[id] else { return }
        let wasRunning = old == .run || old == .cleanup
        if job.isRunning != wasRunning { runningCount += job.isRunning ? 1 : -1 }
        if job.machine.isInvalid || job.state == .inactive { active[id]?.isReadOnly = true }
        if posting.name == "start" { releaseDependents(startOf: job) }
        if job.state != old { stateChanged(job) }
        if posting.name == "resource-update", let expiration = posting.context["expiration"]?.numberValue {
            direct(.updateExpiration(id, expiration))
        }
        act(on: id)
    }

    /// What the built-in rules do when a job has entered a state.
    private mutating func stateChanged(_ job: Job) {
        switch job.state {
        case .depend:
            if holdsSubmissions, job.machine.urgency != JobUrgency.hold {
                post(job.id, "urgency", ["userid": .int(Int64(owner)), "urgency": 0])
            }
        case .priority: dependents.forget(job.id)
        case .sched: bypassScheduler(job)
        case .inactive:
            releaseDependents(endOf: job)
            leaveSingletons(job)
        default: break
        }
    }

    /// Takes the next steps that a job's state allows. Doing it twice does nothing more.
    mutating func act(on id: JobID) {
        guard let steps = active[id]?.machine.directives() else { return }
        for step in steps {
            switch step {
            case .post(let event): post(id, event.name, event.context ?? [:])
            case .withdrawRequest(let isFinal):
                withdraw(id, finally: isFinal)
                if isFinal { act(on: id) }
            case .askForPriority: prioritize(id)
            case .requestAllocation: enqueue(id)
            case .requestStart: start(id)
            case .releaseResources:
                if let job = active[id], let resources = job.resources {
                    direct(.release(id, userID: job.userID, resources))
                }
            case .archive: retire(id)
            }
        }
    }

    private mutating func retire(_ id: JobID) {
        guard let job = active[id] else { return }
        if job.machine.flags.contains(.waitable) { notifyWaiters(job) }
        inactive[id] = InactiveJob(job, cleanTime: job.machine.cleanTime ?? now)
        purgeQueue.append(id)
        active[id] = nil
        checkDrained()
    }

    /// The built-in priority rule: the urgency, except for the one that means expedite.
    ///
    /// Source: RFC 30; observed: flux-core 0.88, `.priority-default`.
    private mutating func prioritize(_ id: JobID) {
        guard let job = active[id], job.state == .priority, !job.isQueued("priority") else { return }
        let urgency = job.machine.urgency
        post(id, "priority", [
            "priority": .int(urgency == JobUrgency.expedite ? JobUrgency.maximumPriority : Int64(urgency)),
        ])
    }

    /// Posts an exception and tells everybody who watches exceptions.
    mutating func raise(
        _ id: JobID, type: String, severity: Int64, note: String = "", userID: UInt32? = nil, waitStatus: Int64? = nil
    ) {
        var context: JSON.Object = ["type": .string(type), "severity": .int(severity), "note": .string(note)]
        if let userID { context["userid"] = .int(Int64(userID)) }
        if let waitStatus, waitStatus >= 0 { context["wait_status"] = .int(waitStatus) }
        post(id, "exception", context)
        var message: JSON.Object = ["id": id.json, "type": .string(type), "severity": .int(severity)]
        if let waitStatus, waitStatus >= 0 { message["wait_status"] = .int(waitStatus) }
        direct(.publish(topic: "job-exception", .object(message), isPrivate: true))
    }

}
