import FluxJSON
import RFC19FLUID
import RFC20R
import RFC22Idset
import RFC23FSD
import Service

/// Resources that ended jobs gave back and that are cleaned before the scheduler gets them.
///
/// A value: it is told which nodes are done and says which resources may go.
///
/// Source: observed: flux-core 0.88, `[job-manager.housekeeping]`.
struct Housekeeping: Sendable {
    /// What the configuration wants.
    struct Rule: Hashable, Sendable {
        let command: [String]
        /// Seconds after the first node was done; 0 releases each node at once, nil all together.
        let releaseAfter: Double?
    }

    /// The resources of one job that ended.
    struct Allocation: Sendable {
        let userID: UInt32
        let priority: Int64
        let submitTime: Double
        let startTime: Double
        /// What the scheduler has not got back yet.
        var remaining: ResourceSet
        /// Nodes that are not done.
        var pending: Idset
        /// Nodes that the scheduler got back.
        var released = Idset()
        var isTimerArmed = false
        var isTimeUp = false
    }

    /// Resources for the scheduler.
    struct Release: Hashable, Sendable {
        let resources: JSON
        let isFinal: Bool
    }

    var rule: Rule?
    private(set) var allocations: [JobID: Allocation] = [:]

    /// Reads `[job-manager.housekeeping]`.
    static func rule(configuration: JSON) throws(ServiceError) -> Rule? {
        guard let table = configuration["job-manager"]?["housekeeping"] else { return nil }
        guard let entries = table.objectValue else {
            throw ServiceError(errnum: 22, text: "job-manager.housekeeping: must be a table")
        }
        let known = ["command", "release-after", "use-systemd-unit", "exit-on-first-error"]
        let others = entries.keys.filter { !known.contains($0) }
        guard others.isEmpty else {
            throw ServiceError(
                errnum: 22,
                text: "job-manager.housekeeping: \(others.count) object item(s) left unpacked: "
                    + others.joined(separator: ", "))
        }
        var releaseAfter: Double?
        if let value = entries["release-after"] {
            guard let text = value.stringValue, let duration = try? FluxDuration(parsing: text) else {
                throw ServiceError(errnum: 22, text: "job-manager.housekeeping.release-after FSD parse error")
            }
            releaseAfter = duration.seconds
        }
        if let value = entries["command"] {
            let words = value.arrayValue?.compactMap(\.stringValue) ?? []
            guard !words.isEmpty, words.count == value.arrayValue?.count else {
                throw ServiceError(errnum: 22, text: "error creating housekeeping command")
            }
            return Rule(command: words, releaseAfter: releaseAfter)
        }
        guard let imp = configuration["exec"]?["imp"]?.stringValue else {
            throw ServiceError(
                errnum: 22, text: "job-manager.housekeeping implies IMP but exec.imp is undefined")
        }
        return Rule(command: [imp, "run", "housekeeping"], releaseAfter: releaseAfter)
    }

    /// Takes the resources of a job. Gives the brokers on which the command is to run.
    mutating func begin(_ id: JobID, _ allocation: Allocation) -> Idset {
        allocations[id] = allocation
        return allocation.pending
    }

    /// What has to be done after a node was done.
    struct Step: Hashable, Sendable {
        var release: Release?
        /// Seconds until ``timeIsUp(_:)``.
        var timer: Double?
        var isDone = false
    }

    /// The command ended on a node, however.
    mutating func finished(_ id: JobID, rank: UInt32) -> Step? {
        guard var allocation = allocations[id], allocation.pending.contains(rank) else { return nil }
        allocation.pending.remove(rank)
        allocations[id] = allocation
        var step = Step()
        let after = rule?.releaseAfter
        if allocation.pending.isEmpty || after == 0 || allocation.isTimeUp { step.release = release(id) }
        if !allocation.isTimerArmed, let after, after > 0, !allocation.pending.isEmpty {
            allocations[id]?.isTimerArmed = true
            step.timer = after
        }
        if allocation.pending.isEmpty {
            step.isDone = true
            allocations[id] = nil
        }
        return step
    }

    /// The nodes that are done go now, the others as they are.
    mutating func timeIsUp(_ id: JobID) -> Release? {
        guard allocations[id] != nil else { return nil }
        allocations[id]?.isTimeUp = true
        return release(id)
    }

    private mutating func release(_ id: JobID) -> Release? {
        guard var allocation = allocations[id] else { return nil }
        let done = allocation.remaining.ranks.subtracting(allocation.pending)
        guard !done.isEmpty else { return nil }
        let resources = allocation.remaining.select(ranks: done)
        _ = allocation.remaining.remove(ranks: done)
        allocation.released.formUnion(done)
        allocations[id] = allocation
        return Release(resources: resources.json, isFinal: allocation.pending.isEmpty)
    }

    /// A scheduler that starts cannot be told of a part of an allocation: such jobs are let go.
    mutating func dropPartial() -> [(id: JobID, allocation: Allocation)] {
        let partial = allocations.filter { !$0.value.released.isEmpty }.sorted { $0.key < $1.key }
        for (id, _) in partial { allocations[id] = nil }
        return partial.map { ($0.key, $0.value) }
    }

    /// The state for stats-get.
    ///
    /// - Parameter shown: how a job's id is shown.
    func json(shown: (JobID) -> String) -> JSON {
        var running = JSON.Object()
        for (id, allocation) in allocations.sorted(by: { $0.key < $1.key }) {
            running[shown(id)] = [
                "t_start": .real(allocation.startTime), "pending": .string("\(allocation.pending)"),
                "allocated": .string("\(allocation.remaining.ranks)"),
            ]
        }
        return [
            "running": .object(running),
            "config": [
                "release-after": .real(rule?.releaseAfter ?? -1),
                "command": .string(rule?.command.joined(separator: " ") ?? ""),
            ],
        ]
    }
}
