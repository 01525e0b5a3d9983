import FluxJSON
import RFC18Eventlog

/// The `exec.eventlog` of one job on its way into the job's namespace: what comes in one turn is one commit.
struct GuestLog {
    private var pending: [UInt8] = []
    /// Commits that are not answered yet.
    var underWay = 0
    var isFlushScheduled = false
    /// Blobref of the namespace's root after the last commit.
    var root = ""
    /// Called once everything is stored.
    var whenStored: (@Sendable () -> Void)?

    var isEmpty: Bool { pending.isEmpty }

    mutating func append(_ name: String, _ context: JSON.Object, at time: Double) {
        let entry = Eventlog.Entry(timestamp: time, name: name, context: context.isEmpty ? nil : context)
        entry.append(to: &pending)
    }

    mutating func take() -> [UInt8] {
        defer { pending = [] }
        return pending
    }
}
