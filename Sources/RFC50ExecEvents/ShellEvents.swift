public import FluxJSON

/// Context of `shell-exit`: the end of the first shell.
public struct ShellExit: Hashable, Sendable, Payload {
    /// Rank of the broker that it ran on.
    public var rank: Int64
    /// Status of waitpid(2).
    public var waitStatus: Int32
    /// Ranks whose shells were still there, as an idset; nil when not known.
    public var activeRanks: String?

    /// Creates one from its members.
    public init(rank: Int64, waitStatus: Int32, activeRanks: String? = nil) {
        self.rank = rank
        self.waitStatus = waitStatus
        self.activeRanks = activeRanks
    }

    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        rank = try object.int("rank")
        waitStatus = try object.int("wait_status", as: Int32.self)
        activeRanks = try object.optionalString("active_ranks")
    }

    public var json: JSON {
        var object: JSON.Object = ["rank": .int(rank), "wait_status": .int(Int64(waitStatus))]
        if let activeRanks { object["active_ranks"] = .string(activeRanks) }
        return .object(object)
    }
}

/// Context of `shell.init`: how to reach the first shell.
public struct ShellInit: Hashable, Sendable, Payload {
    /// Service of the first shell, `USERID-shell-JOBID`.
    public var service: String
    /// Rank of the broker that it runs on.
    public var leaderRank: Int64
    /// Number of shells.
    public var size: Int64
    /// Further members, such as `pty` and `capture` of an interactive job.
    public var other: JSON.Object

    /// Creates one from its members.
    public init(service: String, leaderRank: Int64, size: Int64, other: JSON.Object = [:]) {
        self.service = service
        self.leaderRank = leaderRank
        self.size = size
        self.other = other
    }

    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        service = try object.string("service")
        leaderRank = try object.int("leader-rank")
        size = try object.int("size")
        other = object.removing(["service", "leader-rank", "size"])
    }

    public var json: JSON {
        .object(other.after(["service": .string(service), "leader-rank": .int(leaderRank), "size": .int(size)]))
    }
}

/// Context of `shell.start`: where the tasks are.
public struct ShellStart: Hashable, Sendable, Payload {
    /// The taskmap in the form of RFC 34.
    public var taskmap: JSON
    /// Further members, such as `sync` when the tasks wait for a debugger.
    public var other: JSON.Object

    /// Creates one from its members.
    public init(taskmap: JSON, other: JSON.Object = [:]) {
        self.taskmap = taskmap
        self.other = other
    }

    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        taskmap = try object.value("taskmap")
        other = object.removing(["taskmap"])
    }

    public var json: JSON { .object(other.after(["taskmap": taskmap])) }
}

/// Context of `shell.task-exit`: the first task that is gone.
public struct TaskExit: Hashable, Sendable, Payload {
    /// Number of the task in its shell.
    public var localID: Int64
    /// Number of the task in the job.
    public var rank: Int64
    /// What became of it, `Exited`.
    public var state: String
    /// Process id on the node of the server.
    public var pid: Int64
    /// Status of waitpid(2).
    public var waitStatus: Int32
    /// Signal that ended it, 0 for none.
    public var signal: Int64
    /// Code with which it exited.
    public var exitCode: Int64

    /// Creates one from its members.
    public init(
        localID: Int64, rank: Int64, state: String, pid: Int64, waitStatus: Int32, signal: Int64, exitCode: Int64
    ) {
        self.localID = localID
        self.rank = rank
        self.state = state
        self.pid = pid
        self.waitStatus = waitStatus
        self.signal = signal
        self.exitCode = exitCode
    }

    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        localID = try object.int("localid")
        rank = try object.int("rank")
        state = try object.string("state")
        pid = try object.optionalInt("pid") ?? 0
        waitStatus = try object.optionalInt("wait_status", as: Int32.self) ?? 0
        signal = try object.optionalInt("signaled") ?? 0
        exitCode = try object.optionalInt("exitcode") ?? 0
    }

    public var json: JSON {
        [
            "localid": .int(localID), "rank": .int(rank), "state": .string(state), "pid": .int(pid),
            "wait_status": .int(Int64(waitStatus)), "signaled": .int(signal), "exitcode": .int(exitCode),
        ]
    }
}

extension JSON.Object {
    fileprivate func removing(_ keys: [String]) -> JSON.Object {
        var object = self
        for key in keys { object.removeValue(forKey: key) }
        return object
    }

    fileprivate func after(_ first: JSON.Object) -> JSON.Object {
        var object = first
        for (key, value) in self { object[key] = value }
        return object
    }
}
