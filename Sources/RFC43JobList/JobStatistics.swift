public import FluxJSON
public import RFC21JobStates

/// How many jobs are where: the answer of `job-list.job-stats`, for the instance or one queue.
public struct JobStatistics: Hashable, Sendable {
    private var counts: [JobState: Int64] = [:]
    private var results: [JobResult: Int64] = [:]
    /// Inactive jobs that are known no more.
    public private(set) var purged: Int64 = 0

    public init() {}

    /// A job went from one state to another; NEW is not counted.
    ///
    /// - Parameters:
    ///   - old: the state it had.
    ///   - new: the state it has.
    ///   - result: how it ended, when `new` is INACTIVE.
    public mutating func move(from old: JobState, to new: JobState, result: JobResult? = nil) {
        if old != .new { counts[old, default: 0] -= 1 }
        if new != .new { counts[new, default: 0] += 1 }
        if new == .inactive, let result { results[result, default: 0] += 1 }
    }

    /// A job is counted here no more, for instance because it went to another queue.
    public mutating func remove(_ state: JobState, result: JobResult? = nil) {
        if state != .new { counts[state, default: 0] -= 1 }
        if state == .inactive, let result { results[result, default: 0] -= 1 }
    }

    /// An inactive job was purged.
    public mutating func purge(result: JobResult) {
        remove(.inactive, result: result)
        purged += 1
    }

    /// Jobs in a state.
    public subscript(state: JobState) -> Int64 { counts[state] ?? 0 }
    /// Inactive jobs with a result.
    public subscript(result: JobResult) -> Int64 { results[result] ?? 0 }

    /// The answer, with the name of the queue when there is one.
    public func json(queue: String? = nil) -> JSON {
        let states: [JobState] = [.depend, .priority, .sched, .run, .cleanup, .inactive]
        var members = JSON.Object(states.map { ($0.name(.longLower), .int(self[$0])) })
        members["total"] = .int(states.reduce(0) { $0 + self[$1] })
        var fields: JSON.Object = [
            "job_states": .object(members), "successful": .int(self[.completed]), "failed": .int(self[.failed]),
            "canceled": .int(self[.canceled]), "timeout": .int(self[.timeout]), "inactive_purged": .int(purged),
        ]
        if let queue { fields["name"] = .string(queue) }
        return .object(fields)
    }
}
