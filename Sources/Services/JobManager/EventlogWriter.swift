import FluxJSON
import RFC19FLUID

/// Events that wait to be committed, and answers that wait for them.
///
/// What is posted in one turn of the reactor is one commit; while that is under way the next one fills. So a lone job
/// waits for no timer, and a thousand jobs share a few commits.
struct EventlogWriter: Sendable {
    private var jobs: [JobID] = []
    private var lines: [JobID: [UInt8]] = [:]
    /// Answers that go out when the events posted before them are stored.
    private(set) var answers: [(request: RequestID, payload: JSON?)] = []
    var isCommitting = false
    var isFlushScheduled = false
    /// Seconds; a test may slow the writer down, but not for new jobs: nobody may start them unstored.
    var delay = 0.0
    private(set) var isUrgent = false

    var isEmpty: Bool { jobs.isEmpty && answers.isEmpty }

    mutating func append(_ entry: JSON, to id: JobID, isUrgent: Bool) {
        if isUrgent { self.isUrgent = true }
        if lines[id] == nil { jobs.append(id) }
        entry.append(to: &lines[id, default: []])
        lines[id]?.append(UInt8(ascii: "\n"))
    }

    mutating func answer(_ request: RequestID, _ payload: JSON?) { answers.append((request, payload)) }

    /// Takes everything out: the new bytes of each eventlog, and the answers.
    mutating func take() -> (lines: [(JobID, [UInt8])], answers: [(request: RequestID, payload: JSON?)]) {
        let taken = (jobs.map { ($0, lines[$0] ?? []) }, answers)
        jobs.removeAll(keepingCapacity: true)
        lines.removeAll(keepingCapacity: true)
        answers = []
        isUrgent = false
        return taken
    }
}
