internal import FluxJSON
internal import Glibc
internal import RFC23FSD
internal import Subprocess

/// What happens after the first task of a job has ended: the event in the log, and the end of a job whose other tasks
/// do not follow in time.
///
/// A value without I/O; time comes in as ``timerFired(_:)``.
struct FirstExit {
    /// How a task ended.
    struct Exit {
        var localID: Int
        var rank: Int
        var processID: Int32
        var status: ExitStatus

        /// The context of the event `shell.task-exit`.
        var json: JSON {
            [
                "localid": .int(Int64(localID)), "rank": .int(Int64(rank)), "state": "Exited",
                "pid": .int(Int64(processID)), "wait_status": .int(Int64(status.waitStatus)),
                "signaled": .int(Int64(status.signal ?? 0)), "exitcode": .int(Int64(status.shellCode)),
            ]
        }
    }

    enum Directive {
        /// Write `shell.task-exit` with this context.
        case post(JSON)
        /// Tell the leader.
        case notify(JSON)
        case startTimer(seconds: Double)
        case stopTimer
        /// End the job.
        case fail(ShellExit, waitStatus: Int32?)
    }

    /// Seconds the other tasks have; nil means for ever.
    let timeout: Double?
    let failsOnError: Bool
    private var isDone = false
    /// What is said when the time is over.
    private var pending: (subject: String, code: Int32, waitStatus: Int32?)?

    init(_ options: ShellOptions) throws(ShellExit) {
        var timeout: Double? = 30
        if let value = options["exit-timeout"] {
            if let text = value.stringValue, text.lowercased() == "none" {
                timeout = nil
            } else if let seconds = ShellOptions.seconds(value) {
                timeout = seconds.isFinite ? seconds : nil
            } else {
                throw ShellExit(1, "exit-timeout is not a valid Flux Standard Duration", component: "doom")
            }
        }
        self.timeout = timeout
        failsOnError = options["exit-on-error"] != nil
    }

    /// A task of this shell ended.
    mutating func taskExited(_ exit: Exit, _ info: ShellInfo) -> [Directive] {
        guard !isDone else { return [] }
        guard info.isLeader else {
            isDone = true
            return [.notify(exit.json)]
        }
        return leaderSaw(exit.json, info)
    }

    /// The leader hears of the first exit of another shell, or sees its own.
    mutating func leaderSaw(_ context: JSON, _ info: ShellInfo) -> [Directive] {
        guard !isDone else { return [] }
        isDone = true
        let rank = Int(context["rank"]?.intValue ?? -1)
        let waitStatus = context["wait_status"]?.intValue.map { Int32(truncatingIfNeeded: $0) }
        let code = waitStatus.map { ExitStatus(waitStatus: $0).shellCode } ?? 1
        let subject = "\(info.programName): task rank \(rank) on host \(info.host(ofTask: rank))"
        return [.post(context)] + check(subject, code: code, waitStatus: waitStatus)
    }

    /// A whole shell is gone.
    mutating func shellLost(_ shellRank: Int, _ info: ShellInfo) -> [Directive] {
        let host = info.shares.indices.contains(shellRank) ? info.shares[shellRank].host : "unknown"
        return check("\(info.programName): shell rank \(shellRank) on host \(host)", code: 1, waitStatus: nil)
    }

    private mutating func check(_ subject: String, code: Int32, waitStatus: Int32?) -> [Directive] {
        if failsOnError, code != 0 {
            let note = "\(subject) failed\(Self.manner(waitStatus)) and exit-on-error is set"
            return [.fail(ShellExit(code, note, component: "doom"), waitStatus: waitStatus)]
        }
        guard let timeout else { return [] }
        pending = (subject, code, waitStatus)
        return [.startTimer(seconds: timeout)]
    }

    /// The time of the other tasks is over.
    mutating func timerFired() -> [Directive] {
        guard let pending, let timeout else { return [] }
        self.pending = nil
        let duration = FluxDuration(seconds: timeout)?.description ?? "\(timeout)s"
        let note =
            "\(pending.subject) exited\(Self.manner(pending.waitStatus)) and exit-timeout=\(duration) has expired"
        return [.fail(ShellExit(pending.code, note, component: "doom"), waitStatus: pending.waitStatus)]
    }

    /// All tasks of all shells have ended.
    mutating func tasksComplete() -> [Directive] {
        pending = nil
        return [.stopTimer]
    }

    private static func manner(_ waitStatus: Int32?) -> String {
        guard let waitStatus else { return "" }
        let status = ExitStatus(waitStatus: waitStatus)
        if let signal = status.signal { return " (\(String(cString: strsignal(signal))))" }
        return " (Exit \(status.exitCode ?? 0))"
    }
}
