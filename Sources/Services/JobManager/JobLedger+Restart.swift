import FluxJSON
import RFC19FLUID
import RFC21JobStates

extension JobLedger {
    /// Takes up a job from its stored eventlog. Nothing follows from its events until ``resume()``.
    mutating func replay(_ id: JobID, _ events: [JSON], jobspec: JSON?, resources: JSON?) throws(Refusal) {
        guard var jobspec else { throw Refusal(22, "failed to decode jobspec") }
        jobspec.remove(at: "attributes.system.environment")
        var job = Job(id: id, machine: JobMachine(jobspec: jobspec, resources: resources))
        for (index, event) in events.enumerated() {
            let name = event["name"]?.stringValue ?? "", time = event["timestamp"]?.numberValue ?? 0
            if index == 0 {
                guard name == "submit" else { throw Refusal(22, "first event is \(name) not submit") }
            }
            do {
                try job.machine.apply(name: name, context: event["context"]?.objectValue, at: time)
                // Before version 1 there was no validate event.
                if index == 0, event["context"]?["version"] == nil {
                    try job.machine.apply(name: "validate", context: nil, at: time)
                }
            } catch {
                throw Refusal(22, "could not apply \(name): \(error)")
            }
            if name == "alloc" { job.wasAllocated = true }
        }
        guard job.state != .new else { throw Refusal(22, "job state (NEW) is invalid after replay") }
        largestID = max(largestID, id)
        history.add(id, userID: job.userID, submitTime: job.machine.submitTime)
        if job.state == .inactive {
            inactive[id] = InactiveJob(job, cleanTime: job.machine.cleanTime ?? 0)
            purgeQueue.append(id)
            if job.machine.flags.contains(.waitable) {
                waiters.zombies[id] = Waiters.Zombie(
                    isSuccess: job.result == .completed, text: job.endText, summary: job.summary)
            }
            return
        }
        job.eventlog = events
        active[id] = job
        if job.isRunning { runningCount += 1 }
        if job.machine.flags.contains(.waitable) { waiters.waitableCount += 1 }
        joinSingletons(job)
    }

    /// Lets the jobs that were taken up go on.
    mutating func resume() {
        purgeQueue.sort { [inactive] in inactive[$0]?.cleanTime ?? 0 }
        for id in active.keys.sorted() {
            guard let job = active[id] else { continue }
            if job.state == .depend { restoreDependencies(job) }
            if job.state == .sched {
                post(id, "flux-restart")
            } else {
                if job.state == .run, job.machine.flags.contains(.debug) { post(id, "debug.exec-reattach-start") }
                act(on: id)
            }
        }
    }

    /// What a job waits for is asked again of the jobspec: meanwhile the other jobs may have ended.
    private mutating func restoreDependencies(_ job: Job) {
        do {
            try addDependencies(job)
        } catch {
            raise(job.id, type: "dependency", severity: 0, note: error.text ?? "")
        }
    }
}
