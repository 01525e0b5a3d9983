import FluxJSON
import RFC19FLUID
import RFC20R
import RFC22Idset

/// The execution of one job: events go in, directives come out. Shells on brokers or, in ``Simulation``, nothing at all.
///
/// Source: RFC 32, RFC 50; order of events, texts and escalation observed: flux-core 0.88.
struct ExecMachine: Sendable {
    let id: JobID
    /// The id as people are shown it.
    let shownID: String
    let userID: UInt32
    let jobspec: JSON
    /// The brokers of the job in the order of shell ranks.
    let ranks: Idset
    /// Host names by broker rank.
    let hosts: [UInt32: String]
    let isMultiuser: Bool
    let settings: ExecSettings
    /// Seconds since 1970-01-01 UTC; 0 for no limit.
    var expiration: Double
    let startTime: Double
    /// The process on each broker that has a shell now.
    var shells: [UInt32: Shell] = [:]
    /// Shell ranks without which the job cannot go on.
    var criticalRanks: Idset
    var simulation: Simulation?

    /// The job was started before the instance was restarted.
    var isReattached = false
    var hasNamespace = false
    /// The namespace exists, or could not be made.
    private var isNamespaceSettled = false
    var isStarted = false
    var isRunning = false
    var isFinalizing = false
    var isExceptionInProgress = false
    private(set) var exceptionWaitStatus: Int32?
    var waitStatus: Int32 = 0
    private var startedCount = 0
    private var endedCount = 0
    private var barrier: Barrier
    private var isFirstBarrierDone = false
    private var endedBeforeBarrier = false
    private var isLeaderExitLogged = false
    private var leaderStatus: Int32 = 0
    private(set) var killTimeout: Double
    private var isKilling = false
    private(set) var killCount = 0
    private(set) var killShellCount = 0
    private var firstStart: Double?
    /// A signal for shells that have not started yet.
    private var pendingSignal: Int32?

    private(set) var directives: [ExecDirective] = []

    struct Shell: Hashable, Sendable {
        /// nil until it runs.
        var pid: Int64?
        var hasEnded = false
    }

    init(
        id: JobID, userID: UInt32, jobspec: JSON, resources: ResourceSet, isMultiuser: Bool, settings: ExecSettings,
        showsPlainIDs: Bool = false
    ) {
        self.id = id
        shownID = showsPlainIDs ? id.f58Plain : id.f58
        self.userID = userID
        self.jobspec = jobspec
        self.isMultiuser = isMultiuser
        self.settings = settings
        ranks = resources.ranks
        hosts = Dictionary(uniqueKeysWithValues: resources.nodes.map { ($0.rank, $0.hostname ?? "(unknown)") })
        expiration = resources.expiration
        startTime = resources.starttime
        criticalRanks = ranks.isEmpty ? Idset() : Idset(0..<UInt32(ranks.count))
        barrier = Barrier(ranks: ranks)
        killTimeout = settings.killTimeout
    }

    mutating func takeDirectives() -> [ExecDirective] {
        defer { directives = [] }
        return directives
    }

    mutating func direct(_ directive: ExecDirective) { directives.append(directive) }

    /// The shell rank of a broker.
    func shellRank(_ rank: UInt32) -> Int { ranks.countOfMembers(below: rank) }
    func host(_ rank: UInt32) -> String { hosts[rank] ?? "(unknown)" }
    /// Brokers whose shell has not ended.
    var activeRanks: Idset { Idset(shells.filter { !$0.value.hasEnded && $0.value.pid != nil }.keys.sorted()) }
    var activeShellCount: Int { shells.values.filter { !$0.hasEnded }.count }

    // MARK: start

    mutating func start() {
        hasNamespace = true
        direct(.makeNamespace)
    }

    mutating func namespaceSettled() { isNamespaceSettled = true }

    mutating func namespaceReady(now: Double) {
        namespaceSettled()
        direct(.log("init", [:]))
        direct(.link)
        // An exception that came first ends the job without shells.
        guard !isExceptionInProgress else { return finalize() }
        if jobspec["attributes"]?["system"]?["exec"]?["test"] != nil {
            startSimulation(now: now)
            return
        }
        if isMultiuser, settings.impPath == nil {
            fail("failed to initialize implementation: Invalid argument")
            return
        }
        let others = bulkOptions.keys.filter { !Self.knownBulkOptions.contains($0) }
        guard others.isEmpty else {
            fail(
                "failed to unpack system.exec.bulkexec for \(shownID): \(others.count) object item(s) left unpacked: "
                    + others.joined(separator: ", "))
            return
        }
        direct(.log("starting", [:]))
        isStarted = true
        if mockException == "init" {
            fail("mock init exception generated")
            if shells.isEmpty { complete(0) }
            return
        }
        for rank in ranks { shells[rank] = Shell() }
        direct(.runShells(ranks))
    }

    mutating func namespaceFailed(_ reason: String) {
        hasNamespace = false
        isNamespaceSettled = true
        if isExceptionInProgress { finalize() } else { fail("failed to create guest ns: \(reason)") }
    }

    // MARK: shells

    mutating func shellStarted(rank: UInt32, pid: Int64, now: Double) {
        guard shells[rank] != nil else { return }
        shells[rank]?.pid = pid
        if let pendingSignal { direct(.signal([rank], pendingSignal)) }
        startedCount += 1
        if mockException == "starting", startedCount == 1 { fail("mock starting exception generated") }
        if startedCount == ranks.count { started(now: now) }
    }

    /// All shells run.
    mutating func started(now: Double) {
        setExpiration(now: now)
        isRunning = true
        direct(.respond("start", [:]))
    }

    mutating func shellOutput(rank: UInt32, stream: String, data: String) {
        let program = (isMultiuser ? settings.impPath : nil) ?? shellPath
        direct(.log("log", [
            "component": .string(program.split(separator: "/").last.map(String.init) ?? program),
            "stream": .string(stream), "rank": .string("\(rank)"), "data": .string(data),
        ]))
    }

    /// A shell ended with a wait status.
    mutating func shellFinished(rank: UInt32, status: Int32) {
        guard shells[rank]?.hasEnded == false else { return }
        waitStatus = max(waitStatus, status)
        shellEnded(rank, status)
    }

    /// A shell could not be run, or contact to it is lost.
    mutating func shellFailed(rank: UInt32, errnum: Int32, text: String) {
        guard shells[rank]?.hasEnded == false else { return }
        let code: Int32 =
            switch errnum {
            case 1, 13: 126
            case 2: 127
            // The job itself decides whether it survives the loss of a node.
            case 113: 0
            default: 1
            }
        waitStatus = max(waitStatus, code << 8)
        shells[rank]?.hasEnded = true
        reportFailure(rank, errnum, text)
        shellEnded(rank, 0)
    }

    private mutating func reportFailure(_ rank: UInt32, _ errnum: Int32, _ text: String) {
        let shellRank = shellRank(rank), host = host(rank)
        let isCritical = criticalRanks.contains(UInt32(clamping: shellRank))
        switch errnum {
        case 113:
            lose(shellRank, isCritical, "node failure on \(host) (shell rank \(shellRank))")
            if isCritical { fail("node failure on \(host) (rank \(rank))") }
        case 35:
            direct(.drain([rank], reason: "\(settings.service) reports \(text) for job \(shownID)"))
            lose(shellRank, isCritical, "shell exited with unkillable processes on \(host) (shell rank \(shellRank))")
            if isCritical { fail("shell exited with unkillable processes on \(host) (rank \(rank))") }
        case 38: fail("\(settings.service) service is not loaded on \(host) (rank \(rank))")
        default: fail("job shell exec error on broker \(host) (rank \(rank)): \(text)")
        }
    }

    /// Without a critical shell the job ends; the loss of another one is only told.
    private mutating func lose(_ shellRank: Int, _ isCritical: Bool, _ message: String) {
        if !isCritical { raise("node-failure", severity: 2, message) }
        direct(.tellLeader(
            severity: isCritical ? 0 : 2, shellRank: shellRank, message: isCritical ? message : ""))
    }

    private mutating func shellEnded(_ rank: UInt32, _ status: Int32) {
        shells[rank]?.hasEnded = true
        endedCount += 1
        let isLast = endedCount == ranks.count
        if rank == ranks.first {
            leaderStatus = status
            // Others mostly end in the same moment.
            if !isLast { direct(.setTimer(.leaderExit, seconds: 0.01)) }
        }
        if ranks.count > 1 { otherShellsHear(of: rank, status) }
        if isLast {
            direct(.stopTimer(.leaderExit))
            logLeaderExit()
            complete(waitStatus)
        }
    }

    private mutating func otherShellsHear(of rank: UInt32, _ status: Int32) {
        let host = host(rank)
        if !isFirstBarrierDone, !isExceptionInProgress || endedBeforeBarrier {
            fail("\(host) (rank \(rank)) terminated before first barrier")
            endedBeforeBarrier = true
            if isMultiuser, barrier.pending.contains(rank) {
                direct(.drain([rank], reason: "\(shownID) terminated before first barrier"))
            }
        }
        let waiting = barrier.shellEnded()
        if !waiting.isEmpty { direct(.leaveBarrier(waiting, errnum: 5)) }
        let signal = status & 0x7f
        guard signal != 0, signal != 0x7f else { return }
        let shellRank = shellRank(rank), text = "shell rank \(shellRank) (on \(host)): \(signalText(signal))"
        if shellRank == 0 {
            fail(text)
        } else {
            lose(shellRank, criticalRanks.contains(UInt32(clamping: shellRank)), text)
        }
    }

    /// Logs the end of the first shell, once.
    private mutating func logLeaderExit() {
        guard !isLeaderExitLogged, let leader = ranks.first else { return }
        isLeaderExitLogged = true
        var context: JSON.Object = ["rank": .int(Int64(leader)), "wait_status": .int(Int64(leaderStatus))]
        let active = activeRanks
        if !active.isEmpty { context["active_ranks"] = .string(active.description) }
        direct(.log("shell-exit", context))
        if settings.shellExitTimeout > 0, !active.isEmpty, !isExceptionInProgress {
            direct(.setTimer(.shellExit, seconds: settings.shellExitTimeout))
        }
    }

    // MARK: barrier

    mutating func enterBarrier(rank: Int64, request: UInt64) {
        guard simulation == nil else { return }
        guard let known = UInt32(exactly: rank) else {
            direct(.leaveBarrier([request], errnum: 22))
            return
        }
        switch barrier.enter(rank: known, request: request) {
        case .unknown: direct(.leaveBarrier([request], errnum: 22))
        case .broken: direct(.leaveBarrier([request], errnum: 5))
        case .waits:
            let limit = barrierTimeout
            if !isFirstBarrierDone, barrier.entered == 1, limit > 0 { direct(.setTimer(.barrier, seconds: limit)) }
        case .complete(let waiting):
            if !isFirstBarrierDone { direct(.stopTimer(.barrier)) }
            isFirstBarrierDone = true
            direct(.leaveBarrier(waiting, errnum: 0))
            barrier = Barrier(ranks: ranks)
        }
    }

    // MARK: time

    mutating func timerFired(_ timer: ExecTimer, now: Double) {
        switch timer {
        case .killTasks:
            direct(.note("Sending \(SignalName.name(settings.killSignal)) to job \(shownID)"))
            direct(.signalTasks(settings.killSignal))
            killCount += 1
            direct(.setTimer(.killTasks, seconds: killTimeout))
        case .killShells: killShells()
        case .giveUp: giveUp("job \(shownID) exceeded max-kill-timeout. Draining active ranks")
        case .expiration:
            raise("timeout", severity: 0, "resource allocation expired")
            isExceptionInProgress = true
            signalShells(14)
            startKilling()
        case .shellExit:
            let active = activeRanks
            guard !active.isEmpty else { return }
            fail(
                "job shells still active on \(hostText(active)) (rank\(active.count > 1 ? "s" : "") \(active))"
                    + " \(durationText(settings.shellExitTimeout)) after leader shell exit")
        case .leaderExit: logLeaderExit()
        case .barrier:
            let missing = barrier.pending
            direct(.drain(missing, reason: "job \(shownID) start timeout: possible node hang"))
            fail(
                "start barrier timeout waiting for \(missing.count)/\(barrier.total) nodes"
                    + " (rank\(missing.count > 1 ? "s" : "") \(missing))")
        case .simulation: simulationEnded(simulation?.waitStatus ?? 0)
        }
    }

    private mutating func killShells() {
        // The IMP takes SIGUSR1 for SIGKILL.
        let signal = isMultiuser ? 10 : settings.killSignal
        direct(.note("Sending \(SignalName.name(signal)) to \(isMultiuser ? "IMP" : "job shell") for job \(shownID)"))
        direct(.stopTimer(.killTasks))
        signalShells(signal)
        killShellCount += 1
        killTimeout = min(killTimeout * 2, 300)
        direct(.setTimer(.killShells, seconds: killTimeout))
        if settings.maxKillTimeout == nil, killShellCount >= settings.maxKillCount {
            giveUp("job \(shownID) exceeded max kill count. Draining active ranks")
        }
    }

    private mutating func giveUp(_ note: String) {
        direct(.note(note))
        let active = activeRanks
        if !active.isEmpty { direct(.drain(active, reason: "unkillable user processes for job \(shownID)")) }
        complete(max(waitStatus, 1))
    }

    /// Takes the end of the job's time, which an update may have moved.
    mutating func setExpiration(now: Double) {
        direct(.stopTimer(.expiration))
        guard expiration > 0 else { return }
        let first = firstStart ?? now
        firstStart = first
        var end = expiration
        // A short job does not pay for a slow start.
        if startTime > 0, expiration > startTime {
            let delay = first - startTime
            if delay / (expiration - startTime) * 100 > settings.maxStartDelayPercent { end += delay }
        }
        direct(.setTimer(.expiration, seconds: max(0, end - now)))
    }

    // MARK: trouble

    /// job-manager says that the job has a fatal exception.
    mutating func exceptionRaised(type: String, waitStatus status: Int32?) {
        guard !isFinalizing else { return }
        if isExceptionInProgress {
            signalShells(settings.termSignal)
            return
        }
        isExceptionInProgress = true
        if let status, status >= 0 {
            let signal = status & 0x7f
            exceptionWaitStatus = (signal != 0 ? 128 + signal : status >> 8 & 0xff) << 8
        }
        direct(.note("exec aborted: id=\(shownID)"))
        abort()
    }

    /// Ends the job with an exception of its own, unless it has one.
    mutating func fail(_ note: String) {
        if !isExceptionInProgress {
            isExceptionInProgress = true
            raise("exec", severity: 0, note)
        }
        abort()
    }

    private mutating func abort() {
        if isStarted { cancel() } else { finalize() }
    }

    private mutating func raise(_ type: String, severity: Int64, _ note: String) {
        direct(.note("job-exception: id=\(shownID): \(note)"))
        direct(.respond("exception", ["severity": .int(severity), "type": .string(type), "note": .string(note)]))
    }

    private mutating func cancel() {
        guard !isKilling else { return }
        direct(.stopTimer(.shellExit))
        signalShells(settings.termSignal)
        startKilling()
    }

    private mutating func startKilling() {
        guard !isKilling, !isFinalizing else { return }
        isKilling = true
        direct(.setTimer(.killTasks, seconds: killTimeout))
        direct(.setTimer(.killShells, seconds: killTimeout * 5))
        if let limit = settings.maxKillTimeout { direct(.setTimer(.giveUp, seconds: limit)) }
    }

    mutating func signalShells(_ signal: Int32) {
        if simulation != nil {
            if isStarted { simulationEnded(signal) }
            return
        }
        pendingSignal = signal
        let active = activeRanks
        if !active.isEmpty { direct(.signal(active, signal)) }
    }

    // MARK: end

    /// All tasks are gone, or given up.
    mutating func complete(_ status: Int32) {
        guard !isFinalizing else { return }
        waitStatus = max(waitStatus, status)
        isRunning = false
        if isExceptionInProgress {
            if let exceptionWaitStatus { waitStatus = exceptionWaitStatus } else if waitStatus == 0 { waitStatus = 1 << 8 }
        }
        direct(.log("complete", ["status": .int(Int64(waitStatus))]))
        direct(.respond("finish", ["status": .int(Int64(waitStatus))]))
        finalize()
    }

    private mutating func finalize() {
        guard !isFinalizing, isNamespaceSettled else { return }
        isFinalizing = true
        for timer in ExecTimer.allCases { direct(.stopTimer(timer)) }
        if hasNamespace {
            direct(.log("done", [:]))
            direct(.endNamespace)
        } else {
            namespaceGone()
        }
    }

    mutating func namespaceGone() {
        direct(.respond("release", ["ranks": "all", "final": true]))
        direct(.forget)
    }
}
