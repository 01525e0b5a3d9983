import FluxJSON
import RFC14Jobspec
import RFC16JobSchema
import RFC18Eventlog
import RFC19FLUID
import RFC21JobStates
import RFC39Signature
import RFC43JobList

/// Operations of the vectors in `rfc16-job-schema`: the record of a job that really ran.
///
/// A case has no input, so the record it expects is taken apart and put together again: attributes of job-list from
/// eventlog, jobspec and R; the jobspec from J; the state from a replay; the id in its two forms.
enum RFC16Operations: Operations {
    static let folder = "rfc16-job-schema"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        op == "job-record" ? .object(input) : nil  // `matches` sees the record
    }

    static func matches(_ op: String, expected: JSON, actual: JSON) -> Bool? {
        guard op == "job-record" else { return nil }
        return (try? complaints(expected).isEmpty) ?? false
    }

    /// What is wrong with the record; empty when all of it can be derived.
    static func complaints(_ record: JSON) throws -> [String] {
        let fields = try record.requireObject()
        var complaints: [String] = []
        let log = try Eventlog(parsing: fields.string("eventlog"))
        let original = try fields.value("jobspec.original")
        let listed = try fields.object("job-list")
        let id = try JobID(parsing: try fields.object("id").string("dec"))

        if try id.f58 != fields.object("id").string("f58") { complaints.append("id") }
        if JobKey.jobID(inPath: JobKey.R.path(of: id)) != id { complaints.append("key") }

        let signed = try SignedPayload.unwrapNone(try fields.string("J"))
        if try JSON(parsing: signed.payload) != original { complaints.append("J") }
        var machine = JobMachine(jobspec: Jobspec.redacted(original), resources: fields["R"])
        var job = JobRecord(id: id.value)
        job.jobspec = Jobspec.redacted(original)
        for entry in log.entries {
            try machine.apply(name: entry.name, context: entry.context, at: entry.timestamp)
            job.apply(entry, resources: entry.name == "alloc" ? fields["R"] : nil)
        }
        if machine.state != .inactive || machine.result != job.result { complaints.append("state") }
        if try fields.value("jobspec") != machine.jobspec { complaints.append("jobspec") }  // with updates applied
        if fields["R"] != machine.resources { complaints.append("R") }
        for log in ["guest.exec.eventlog", "guest.output", "guest.input"] {
            guard let text = fields[log]?.stringValue else { continue }
            if try Eventlog(parsing: text).text != text { complaints.append(log) }
        }
        let difference = Comparison.difference(expected: .object(listed), actual: job.json(JobAttribute.allCases))
        if let difference { complaints.append("job-list: \(difference)") }
        if let status = job.waitStatus, let attach = fields["attach"]?["exit_code"]?.intValue,
            status & 0x7f == 0, status >> 8 != attach
        {
            complaints.append("exit code")
        }
        return complaints
    }
}
