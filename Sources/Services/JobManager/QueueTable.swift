import FluxJSON

/// The queues of RFC 33 and whether they accept and start jobs.
///
/// Without configured queues there is one without a name, enabled and started; named queues begin enabled and stopped.
struct QueueTable: Hashable, Sendable {
    struct Queue: Hashable, Sendable {
        var isEnabled = true
        var disableReason: String?
        var isStarted: Bool
        /// What a restart finds: as started or stopped last without `nocheckpoint`.
        var startsAfterRestart: Bool
        var stopReason: String?
        /// Properties that a job's nodes must have.
        var requires: JSON?
        /// The queue that this virtual queue belongs to.
        var parent: String?

        init(isStarted: Bool) {
            self.isStarted = isStarted
            startsAfterRestart = isStarted
        }
    }

    private var anonymous = Queue(isStarted: true)
    private var named: [String: Queue] = [:]

    var hasNames: Bool { !named.isEmpty }
    var names: [String] { named.keys.sorted() }

    func queue(_ name: String?) throws(Refusal) -> Queue {
        if let name {
            guard let queue = named[name] else { throw Refusal(22, "'\(name)' is not a valid queue") }
            return queue
        }
        guard named.isEmpty else { throw Refusal(22, "a named queue is required") }
        return anonymous
    }

    private mutating func change(_ name: String?, _ body: (inout Queue) -> Void) {
        if let name {
            if var queue = named[name] {
                body(&queue)
                named[name] = queue
            }
        } else if named.isEmpty {
            body(&anonymous)
        } else {
            for name in names { change(name, body) }
        }
    }

    /// Whether jobs of a queue may be given to the scheduler: a virtual queue needs its parent started too.
    func isStarted(_ name: String?) -> Bool {
        guard let name else { return named.isEmpty && anonymous.isStarted }
        guard let queue = named[name] else { return false }
        return queue.isStarted && (queue.parent.flatMap { named[$0]?.isStarted } ?? true)
    }

    /// The properties that jobs of a queue get; those of the parent for a virtual queue.
    func requires(_ name: String?) -> JSON? {
        guard let name, let queue = named[name] else { return nil }
        return queue.parent.flatMap { named[$0] }?.requires ?? queue.requires
    }

    /// Whether starting or stopping `name` (nil: all) concerns jobs of `jobQueue`.
    func covers(_ name: String?, jobQueue: String?) -> Bool {
        guard let name else { return true }
        guard let jobQueue else { return false }
        if name == jobQueue { return true }
        return named[name]?.parent == nil && named[jobQueue]?.parent == name
    }

    /// What keeps a job from being submitted to a queue.
    func checkSubmission(to name: String?) throws(Refusal) {
        let queue = try queue(name)
        guard !queue.isEnabled else { return }
        let place = name.map { " to \($0)" } ?? ""
        throw Refusal(22, "job submission\(place) is disabled: \(queue.disableReason ?? "(null)")")
    }

    // MARK: administration

    /// - Parameter name: nil means the queue without a name, or all queues.
    mutating func enable(_ name: String?, _ isEnabled: Bool, reason: String?) throws(Refusal) {
        if name != nil { _ = try queue(name) }
        change(name) {
            $0.isEnabled = isEnabled
            $0.disableReason = isEnabled ? nil : reason
        }
    }

    mutating func start(_ name: String?, _ isStarted: Bool, reason: String?, isPassing: Bool) throws(Refusal) {
        if name != nil { _ = try queue(name) }
        change(name) {
            $0.isStarted = isStarted
            $0.stopReason = isStarted ? nil : reason
            if !isPassing { $0.startsAfterRestart = isStarted }
        }
    }

    /// The answer to job-manager.queue-status.
    func status(_ name: String?, schedulerIsOnline: Bool) throws(Refusal) -> JSON {
        let queue = try queue(name)
        var isStarted = isStarted(name), reason = queue.stopReason
        var blocked: String?
        if !schedulerIsOnline {
            isStarted = false
            blocked = queue.isStarted ? "scheduler" : nil
            reason = "Scheduler is offline"
        } else if !isStarted, queue.isStarted, let parent = queue.parent {
            blocked = "parent"
            reason = "parent queue '\(parent)' is stopped"
        }
        var status: JSON.Object = ["enable": .bool(queue.isEnabled), "start": .bool(isStarted)]
        status["parent"] = queue.parent.map { .string($0) }
        status["blocked"] = blocked.map { .string($0) }
        if !queue.isEnabled { status["disable_reason"] = queue.disableReason.map { .string($0) } }
        if !isStarted { status["stop_reason"] = reason.map { .string($0) } }
        return .object(status)
    }

    // MARK: configuration and checkpoint

    /// Takes the `[queues]` table; what administrators set on queues that stay is kept.
    mutating func configure(_ table: JSON.Object) throws(Refusal) {
        for (name, entry) in table {
            guard entry.objectValue != nil else { throw Refusal(22, "queue \(name): configuration must be a table") }
            if let hosts = entry["hosts"] {
                guard hosts.stringValue != nil else { throw Refusal(22, "queue '\(name)': 'hosts' must be a string") }
                guard entry["requires"] == nil else {
                    throw Refusal(22, "queue '\(name)': 'hosts' and 'requires' cannot both be configured")
                }
            }
            guard let parent = entry["parent"] else { continue }
            guard let parent = parent.stringValue else { throw Refusal(22, "queue '\(name)': 'parent' must be a string") }
            // What a virtual queue shares with its parent, only the parent may say.
            let owned: (key: String, value: JSON?)? = [
                ("requires", entry["requires"]), ("hosts", entry["hosts"]), ("policy.scheduler", entry["policy"]?["scheduler"]),
            ].first { $0.1 != nil }
            if let owned {
                throw Refusal(22, "queue '\(name)': a virtual queue must not set '\(owned.key)'")
            }
            guard parent != name else { throw Refusal(22, "queue '\(name)': parent queue is itself") }
            guard let other = table[parent] else {
                throw Refusal(22, "queue '\(name)': parent queue '\(parent)' is not configured")
            }
            guard other["parent"] == nil else {
                throw Refusal(22, "queue '\(name)': parent queue '\(parent)' is itself a virtual queue")
            }
        }
        var queues: [String: Queue] = [:]
        for (name, entry) in table {
            var queue = named[name] ?? Queue(isStarted: false)
            queue.requires = entry["hosts"] == nil ? entry["requires"] : [.string("+" + name)]
            queue.parent = entry["parent"]?.stringValue
            queues[name] = queue
        }
        if !named.isEmpty, queues.isEmpty { anonymous = Queue(isStarted: true) }
        named = queues
    }

    /// The queues as the checkpoint keeps them.
    var saved: JSON {
        func entry(_ name: String?, _ queue: Queue) -> JSON {
            var entry: JSON.Object = ["enable": .bool(queue.isEnabled), "start": .bool(queue.startsAfterRestart)]
            entry["name"] = name.map { .string($0) }
            if !queue.isEnabled { entry["disable_reason"] = queue.disableReason.map { .string($0) } }
            if !queue.startsAfterRestart { entry["stop_reason"] = queue.stopReason.map { .string($0) } }
            return .object(entry)
        }
        if named.isEmpty { return .array([entry(nil, anonymous)]) }
        return .array(named.sorted { $0.key < $1.key }.map { entry($0.key, $0.value) })
    }

    /// Takes back what ``saved`` gave; queues that are not configured any more are skipped.
    mutating func restore(_ entries: JSON) {
        for entry in entries.arrayValue ?? [] {
            let name = entry["name"]?.stringValue
            guard (try? queue(name)) != nil else { continue }
            let isEnabled = entry["enable"]?.boolValue ?? true
            try? enable(name, isEnabled, reason: (entry["disable_reason"] ?? entry["reason"])?.stringValue)
            if let isStarted = entry["start"]?.boolValue {
                try? start(name, isStarted, reason: entry["stop_reason"]?.stringValue, isPassing: false)
            }
        }
    }
}
