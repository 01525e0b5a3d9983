import FluxJSON
import RFC19FLUID
import RFC21JobStates

extension JobLedger {
    mutating func enableQueue(_ name: String?, _ isEnabled: Bool, reason: String?, all: Bool) throws(Refusal) {
        guard isEnabled || reason != nil else { throw Refusal(22, "reason is required for disable") }
        try checkAll(name, all)
        try queues.enable(name, isEnabled, reason: reason)
    }

    mutating func startQueue(
        _ name: String?, _ isStarted: Bool, reason: String?, all: Bool, isPassing: Bool
    ) throws(Refusal) {
        try checkAll(name, all)
        try queues.start(name, isStarted, reason: reason, isPassing: isPassing)
        applyQueue(name, isStarted)
    }

    private func checkAll(_ name: String?, _ all: Bool) throws(Refusal) {
        if name == nil, queues.hasNames, !all {
            throw Refusal(22, "Use --all to apply this command to all queues")
        }
    }

    /// Gives the jobs of a queue to the scheduler, or takes them back.
    private mutating func applyQueue(_ name: String?, _ isStarted: Bool) {
        for job in active.values.sorted(by: { $0.id < $1.id }) where queues.covers(name, jobQueue: job.queue) {
            if isStarted {
                enqueue(job.id)
            } else if job.state == .sched {
                withdraw(job.id, finally: false)
            }
        }
    }

    /// After a restart: queues that were stopped hold their jobs back.
    mutating func restoreQueues(_ entries: JSON, stopAll: Bool) {
        queues.restore(entries)
        for name in queues.hasNames ? queues.names.map(Optional.some) : [nil] {
            guard let queue = try? queues.queue(name) else { continue }
            if queue.isStarted, stopAll {
                try? queues.start(name, false, reason: "Automatically stopped due to restart", isPassing: false)
            }
            if !queues.isStarted(name) { applyQueue(name, false) }
        }
    }
}
