import FluxJSON
import KVSClient
import RFC03Message
import RFC14Jobspec
import RFC19FLUID

/// Submissions that travel together: one commit, one request to job-manager.
struct Batch {
    private(set) var requests: [(id: JobID, request: Message)] = []
    private(set) var transaction = KVSTransaction()
    private(set) var jobs: [JSON] = []

    var isEmpty: Bool { requests.isEmpty }
    var count: Int { requests.count }

    /// - Parameters:
    ///   - jobspec: complete, with the environment; what is stored has none.
    ///   - submitTime: seconds since 1970-01-01 UTC.
    mutating func add(
        _ id: JobID, _ submission: SubmitRequest, jobspec: JSON, submitTime: Double, request: Message
    ) {
        let redacted = Jobspec.redacted(jobspec)
        transaction.put("\(id.kvs).J", Array(submission.signed.utf8))
        transaction.put("\(id.kvs).jobspec", redacted.bytes)
        jobs.append([
            "id": .int(Int64(bitPattern: id.value)), "userid": .int(Int64(submission.userID)),
            "urgency": .int(submission.urgency), "t_submit": .real(submitTime), "flags": .int(submission.flags),
            "jobspec": redacted,
        ])
        requests.append((id, request))
    }
}
