import FluxJSON
import RFC19FLUID
import RFC21JobStates

/// A job as job-ingest hands it over.
struct Submission: Payload, Hashable {
    let id: JobID
    let userID: UInt32
    let urgency: Int32
    /// Seconds since 1970-01-01 UTC.
    let submitTime: Double
    let flags: JobFlags
    /// Without the environment.
    let jobspec: JSON

    init(json: JSON) throws(PayloadError) {
        let fields = try json.requireObject()
        id = JobID(UInt64(bitPattern: try fields.int("id")))
        userID = UInt32(truncatingIfNeeded: try fields.int("userid"))
        urgency = Int32(truncatingIfNeeded: try fields.int("urgency"))
        submitTime = try fields.number("t_submit")
        flags = JobFlags(rawValue: Int32(truncatingIfNeeded: try fields.int("flags")))
        jobspec = try fields.value("jobspec")
    }

    var json: JSON {
        [
            "id": id.json, "userid": .int(Int64(userID)), "urgency": .int(Int64(urgency)),
            "t_submit": .real(submitTime), "flags": .int(Int64(flags.rawValue)), "jobspec": jobspec,
        ]
    }
}

extension JobLedger {
    /// Accepts a job, or refuses it with words for its submitter; a job that is refused leaves no trace but in the
    /// journal.
    mutating func submit(_ submission: Submission) throws(Refusal) {
        let id = submission.id
        try queues.checkSubmission(to: submission.jobspec["attributes"]?["system"]?["queue"]?.stringValue)
        guard active[id] == nil, inactive[id] == nil else { throw Refusal(17, "hash insert failed") }
        active[id] = Job(id: id, machine: JobMachine(jobspec: submission.jobspec))
        // Until the job is accepted nothing of it is stored: its first events wait here.
        let mark = directiveCount
        let event = JobEvent.submit(
            userID: Int64(submission.userID), urgency: submission.urgency, flags: submission.flags)
        post(id, "submit", event.context ?? [:], at: submission.submitTime)
        do {
            if let job = active[id] {
                try limits.check(job, now: now)
                try checkBypass(job)
                try addDependencies(job)
            }
        } catch {
            withdrawSubmission(id, mark)
            throw error
        }
        if let job = active[id] {
            joinSingletons(job)
            history.add(id, userID: job.userID, submitTime: job.machine.submitTime)
            if job.machine.flags.contains(.waitable) { waiters.waitableCount += 1 }
        }
        largestID = max(largestID, id)
        post(id, "validate")
    }

    /// Takes a refused job out again. The readers of the journal hear of it; the eventlog never existed.
    private mutating func withdrawSubmission(_ id: JobID, _ mark: Int) {
        post(id, "invalidate", commit: false)
        makeUncommitted(id, from: mark)
        dependents.forget(id)
        active[id] = nil
    }
}
