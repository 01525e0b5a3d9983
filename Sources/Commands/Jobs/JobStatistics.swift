internal import Client
internal import CommandKit
internal import FluxJSON

/// How many jobs an instance has, by state and result.
struct JobStatistics: Hashable, Sendable {
    /// Jobs that wait for dependencies, priority or resources.
    let pending: Int64
    let running: Int64
    let successful: Int64
    /// Jobs that failed, were canceled or timed out.
    let failed: Int64
    let inactive: Int64
    let total: Int64
    /// Ended jobs that were forgotten.
    let purged: Int64

    var active: Int64 { total - inactive }

    /// `1 running, 2 completed, 0 failed, 3 pending`.
    var shortText: String { "\(running) running, \(successful) completed, \(failed) failed, \(pending) pending" }

    /// Asks an instance.
    ///
    /// - Parameter queues: only the jobs of these, when there are any.
    /// - Throws: ``Client/RPCError``; ``CommandKit/CommandError`` when a queue has no statistics.
    init(_ flux: Handle, queues: [String] = []) async throws {
        let all = try await flux.query("job-list.job-stats")
        var sources = [all]
        if !queues.isEmpty {
            sources = try queues.map { name throws(CommandError) in
                let queue = (all["queues"]?.arrayValue ?? []).first { $0["name"]?.stringValue == name }
                guard let queue else { throw CommandError("no stats available for queue \(name)") }
                return queue
            }
        }
        func sum(_ names: String...) -> Int64 {
            sources.reduce(0) { total, source in
                names.reduce(total) { $0 + (source[$1] ?? source["job_states"]?[$1] ?? 0).clampedInteger }
            }
        }
        pending = sum("depend", "priority", "sched")
        running = sum("run", "cleanup")
        successful = sum("successful")
        failed = sum("failed", "canceled", "timeout")
        inactive = sum("inactive")
        total = sum("total")
        purged = sum("inactive_purged")
    }
}

extension JSON {
    /// A count; 0 for anything that is none.
    fileprivate var clampedInteger: Int64 { min(max(intValue ?? 0, 0), 1 << 40) }
}
