internal import CSystemShims
public import Client
internal import ExecServer
internal import FluxJSON
internal import Glibc
internal import RFC03Message
public import RFC19FLUID
internal import RFC20R
internal import RFC34Taskmap
internal import Reactor
internal import Subprocess

/// The job shell: starts the tasks of a job on one node, connects them, and tells how they ended.
///
/// Everything runs on the reactor of its handle; decisions are values (``TaskPlacement``, ``FirstExit``,
/// ``PMIExchange``, …) that this class asks and carries out.
///
/// ```swift
/// let shell = JobShell(jobID: id, flux: try Handle.open(on: reactor), environment: environment)
/// let code = await shell.run()
/// ```
/// Source: job-protocol 6 (observed: flux-core 0.88).
public final class JobShell {
    let jobID: JobID
    let flux: Handle
    /// The shell's own environment.
    let ownEnvironment: [String: String]
    let userID = getuid()
    /// `<uid>-shell-<id>`: the service of every shell of the job.
    let service: String
    let guest: GuestLog
    let log = ShellLog()

    // Known after the start.
    var info: ShellInfo!
    var resources = ResourceSet()
    var brokerOwner: UInt32 = 0
    var jobIDPath = "/"
    var taskEnvironment: [String: String] = [:]
    /// Variables whose values are templates: the option `env-expand`.
    var taskTemplates: [String: String] = [:]
    var affinity: Affinity?
    var gpuAffinity: GPUAffinity?
    var tmpdir: String?
    var output: Output!

    var tasks: [LocalTask] = []
    var firstExit: FirstExit!
    var exitTimer: TimerID?
    var input: StandardInput?
    var pmi: TaskPMI?
    var pty: PtyOption?
    var terminals: TerminalService?
    var batch: LegacyBatch?
    var tools: ExecServer?
    var monitor: SystemMonitor?
    /// What could not be done as the option `rlimit` asks; told once the log has its place.
    var limitWarnings: [String] = []
    /// How long processes of tools have to end after the tasks.
    var toolSeconds = 60.0
    var expirationSignal: ExpirationSignal?
    var expirationTimer: TimerID?
    /// Shells that still have tasks; only the leader counts them.
    var activeShells: Set<Int> = []
    var localTasksRunning = 0
    var isFinishing = false
    var hasRaised = false
    var isPaused = false
    /// A signal that came before there were tasks.
    var heldSignal: Int32?
    private var barrier: CheckedContinuation<Message, Never>?
    private var end: CheckedContinuation<Int32, Never>?
    private var endCode: Int32?

    /// The variables of the environment that the shell looks at.
    public static let ownVariables = [
        "FLUX_URI", "FLUX_KVS_NAMESPACE", "FLUX_F58_FORCE_ASCII", "LC_ALL", "LC_CTYPE", "LANG",
    ]

    public init(jobID: JobID, flux: Handle, environment: [String: String]) {
        self.jobID = jobID
        self.flux = flux
        ownEnvironment = environment
        service = "\(getuid())-shell-\(jobID.f58Plain)"
        guest = GuestLog(flux: flux, namespace: environment["FLUX_KVS_NAMESPACE"] ?? "job-\(jobID.dec)")
    }

    /// Runs the job's tasks to their end.
    ///
    /// - Returns: the exit code of the shell: the largest of its tasks, 128 + signal for a task that was killed.
    public func run() async -> Int32 {
        flux.onClose = { [self] _ in connectionLost() }
        flux.onRequest = { [self] in receive($0) }
        flux.onUnmatchedResponse = { [self] in receiveUnmatched($0) }
        var code: Int32
        do {
            try await prepare()
            try await barrier()
            if info.isLeader { postInit() }
            try startTasks()
            await monitor?.start()
            // With one shell there is nobody to wait for, and both events leave together.
            try await barrier()
            if info.isLeader {
                var context: JSON.Object = ["taskmap": info.taskMap.wrappedJSON]
                if stopsTasksInExec { context["sync"] = true }
                guest.post("exec.eventlog", "shell.start", .object(context))
            }
            code = await waitForEnd()
            log.debug("exit \(code)")
        } catch let exit as ShellExit {
            code = await giveUp(exit)
        } catch {
            code = await giveUp(ShellExit(1, "\(error)"))
        }
        await finish()
        return code
    }

    private func postInit() {
        var context: JSON.Object = [
            "service": .string(service), "leader-rank": .int(Int64(info.share.brokerRank)),
            "size": .int(Int64(info.shellSize)),
        ]
        // Tells `flux job attach` that there is a terminal to show.
        if let pty, pty.isInteractive {
            context["pty"] = "terminus.0"
            if pty.isCaptured { context["capture"] = 1 }
        }
        guest.post("exec.eventlog", "shell.init", .object(context))
    }

    // MARK: The barrier among shells

    /// Waits until all shells of the job are here.
    private func barrier() async throws(ShellExit) {
        guard info.shellSize > 1 else { return }
        let answer = await withCheckedContinuation { continuation in
            barrier = continuation
            flux.notify(
                "job-exec.shell-barrier",
                ["id": .int(Int64(bitPattern: jobID.value)), "rank": .int(Int64(info.share.brokerRank))])
        }
        guard answer.errnum != 0 else { return }
        // EIO: another shell is gone, and the execution system has raised the exception.
        if Int32(bitPattern: answer.errnum) != Errno.io {
            let text = answer.payloadText ?? SystemError.text(of: Int32(bitPattern: answer.errnum))
            log.error("shell_barrier: \(text)")
        }
        killTasks(SIGKILL)
        throw .silent
    }

    private func receiveUnmatched(_ message: Message) {
        guard message.topic == "job-exec.shell-barrier", let barrier else { return }
        self.barrier = nil
        barrier.resume(returning: message)
    }

    // MARK: The end

    private func waitForEnd() async -> Int32 {
        await withCheckedContinuation { continuation in
            if let endCode { continuation.resume(returning: endCode) } else { end = continuation }
        }
    }

    /// Ends ``run()`` with an exit code.
    func complete(_ code: Int32) {
        guard endCode == nil else { return }
        endCode = code
        end?.resume(returning: code)
        end = nil
    }

    /// The exit code that the tasks make.
    var taskCode: Int32 { tasks.compactMap { $0.child?.status?.shellCode }.max() ?? 0 }

    /// Ends the job from a callback.
    func fail(_ exit: ShellExit, waitStatus: Int32? = nil) {
        guard endCode == nil, !isFinishing else { return }
        isFinishing = true
        report(exit)
        killTasks(SIGKILL)
        raise("exec", exit.description, waitStatus: waitStatus) { [self] in complete(exit.code) }
    }

    /// Ends the job before its tasks could be waited for.
    private func giveUp(_ exit: ShellExit) async -> Int32 {
        report(exit)
        killTasks(SIGKILL)
        guard !exit.description.isEmpty else { return exit.code }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            raise("exec", exit.description) { continuation.resume() }
        }
        return exit.code
    }

    private func report(_ exit: ShellExit) {
        if !exit.description.isEmpty { log.log(.fatal, exit.description, component: exit.component) }
    }

    /// Raises a job exception of severity 0; only the first one of this shell counts.
    func raise(_ type: String, _ note: String, waitStatus: Int32? = nil, then body: @escaping () -> Void = {}) {
        guard !hasRaised, flux.isOpen else { return body() }
        hasRaised = true
        var payload: JSON.Object = [
            "id": .int(Int64(bitPattern: jobID.value)), "type": .string(type), "severity": 0, "note": .string(note),
        ]
        if let waitStatus { payload["wait_status"] = .int(Int64(waitStatus)) }
        flux.call(.request("job-manager.raise", json: .object(payload))) { _ in body() }
    }

    /// The broker is gone, and with it the job: nothing that was started may survive.
    private func connectionLost() {
        guard endCode == nil else { return }
        isFinishing = true
        killTasks(SIGKILL)
        tools?.killAll(SIGKILL)
        if let tmpdir { JobFolder.remove(tmpdir) }
        _exit(1)
    }

    private func finish() async {
        isFinishing = true
        for task in tasks { task.pmiWriter?.finish() }
        await endTools()
        if flux.isOpen { await guest.drain() }
        if let tmpdir { JobFolder.remove(tmpdir) }
        flux.onClose = nil
    }

    /// Gives processes that tools started here a while to end.
    private func endTools() async {
        guard let tools, !tools.isEmpty else { return }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            var waiting: CheckedContinuation<Void, Never>? = continuation
            var timer: TimerID?
            timer = flux.reactor.schedule(after: .seconds(min(toolSeconds, 1e6))) { [flux] in
                tools.killAll(SIGKILL)
                // Their clients still hear of their end; only what even SIGKILL does not end is left behind.
                timer = flux.reactor.schedule(after: .seconds(5)) {
                    waiting?.resume()
                    waiting = nil
                }
            }
            tools.shutDown(signal: SIGTERM) { [flux] in
                if let timer { flux.reactor.cancel(timer) }
                waiting?.resume()
                waiting = nil
            }
        }
    }
}
