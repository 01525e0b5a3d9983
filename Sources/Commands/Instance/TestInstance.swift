internal import CommandKit
internal import Glibc
internal import RFC13PMI
internal import RFC22Idset
internal import RFC29Hostlist
internal import Reactor
internal import Subprocess

/// The brokers of `flux start --test-size=N`: starts them, is their PMI server, waits for their end.
///
/// Identity: it stands for the running processes and belongs to one reactor.
final class TestInstance {
    private let plan: BrokerPlan
    private let options: StartOptions
    private let reactor: Reactor
    private let rundir: String
    private let size: Int
    private var brokers: [Slot] = []
    private var server: PMIServer
    private var service: StartService?
    private var exitCode: Int32 = 0
    private var timer: TimerID?
    private var barrierTimer: TimerID?
    private var waiter: CheckedContinuation<Void, Never>?

    /// One rank.
    private struct Slot {
        let command: ChildCommand
        var process: Subprocess?
        var channel: StreamWriter?
        var lines: PMILineDecoder
        var lastProcessID: Int32 = 0
        var lastCode: Int32 = 0
    }

    /// Runs the instance to its end.
    ///
    /// - Returns: the exit status of `flux start`.
    static func run(_ plan: BrokerPlan, _ options: StartOptions, command: [String]) throws -> Int32 {
        nameProcess("flux-start")
        let rundir = try options.rundir ?? Files.makeTemporaryFolder("flux-")
        if options.rundir != nil, !Files.isFolder(rundir) {
            throw CommandError(
                access(rundir, F_OK) == 0 ? "\(rundir): not a directory" : "\(rundir): \(SystemText.of(errno))")
        }
        defer { if options.removesRundir { Files.removeTree(rundir) } }
        // The leader's store lies here, so that it also goes away when the leader is killed.
        let statedir = options.runsNothing || plan.namesStatedir
            ? nil : try Files.makeTemporaryFolder("flux-", below: "/var/tmp")
        defer { if let statedir { Files.removeTree(statedir) } }
        let terminal = TerminalState()
        defer { terminal?.restore() }
        let reactor = try Reactor()
        return try reactor.run {
            let instance = TestInstance(
                plan, options, folders: (rundir, statedir), command: command, reactor)
            return try await instance.run()
        }
    }

    private init(
        _ plan: BrokerPlan, _ options: StartOptions, folders: (run: String, state: String?), command: [String],
        _ reactor: Reactor
    ) {
        self.plan = plan
        self.options = options
        rundir = folders.run
        self.reactor = reactor
        size = options.size ?? 1
        server = PMIServer(
            universeSize: size, localSize: size, kvsName: "-",
            preset: options.processMapping.map { ["PMI_process_mapping": $0] } ?? [:])
        var environment = Environment.all
        environment["PMI_SIZE"] = "\(size)"
        environment["FLUX_START_URI"] = "local://\(rundir)/start"
        for rank in 0..<size {
            let isLeader = rank == 0
            let words = plan.words(
                rundir: rundir, statedir: isLeader ? folders.state : nil, hostname: options.hosts.map { $0[rank] })
                + (isLeader ? command : [])
            environment["PMI_RANK"] = "\(rank)"
            brokers.append(
                Slot(command: ChildCommand(words, environment: environment), lines: PMILineDecoder()))
            if options.verbosity >= 1 { printError("flux-start: \(rank): \(words.joined(separator: " "))") }
        }
    }

    private func run() async throws -> Int32 {
        if options.runsNothing { return 0 }
        service = try StartService(path: "\(rundir)/start", reactor: reactor, owner: self)
        defer { service?.close() }
        let signals = try reactor.watchSignals([SIGTERM, SIGINT, SIGHUP]) { [self] in pass(signal: $0) }
        defer { reactor.unwatch(signals) }
        for rank in options.startMode == .all ? 0..<size : 0..<1 {
            do { try start(rank) } catch {
                for broker in brokers { broker.process?.kill(SIGKILL) }
                throw CommandError("\(rank) subprocess failed: \(SystemText.of((error as? SpawnError)?.errnum ?? EIO))")
            }
        }
        await withCheckedContinuation { continuation in
            if brokers.allSatisfy({ $0.process == nil }) { continuation.resume() } else { waiter = continuation }
        }
        return exitCode
    }

    // MARK: Brokers

    /// Starts the broker of a rank.
    func start(_ rank: Int) throws {
        var spawn = SpawnOptions()
        spawn.input = .inherit
        spawn.group = .inherit
        spawn.channels = ["PMI_FD"]
        spawn.signalOnParentDeath = SIGTERM
        let process = try Subprocess.spawn(brokers[rank].command, spawn, on: reactor)
        brokers[rank].process = process
        brokers[rank].lastProcessID = process.processID
        brokers[rank].lines = PMILineDecoder()
        process.onExit = { [self] in noteEnd(of: rank, $0) }
        _ = try process.readChannel("PMI_FD", .raw, isAwaited: false) { [self] in receive($0, from: rank) }
        brokers[rank].channel = try process.writeChannel("PMI_FD")
        service?.noteStart(rank)
        updateTimer()
    }

    private func noteEnd(of rank: Int, _ status: ExitStatus) {
        let processID = brokers[rank].lastProcessID
        if let signal = status.signal {
            printError("flux-start: \(rank) (pid \(processID)) \(String(cString: strsignal(signal)))")
        } else if let code = status.exitCode, code != 0 {
            printError("flux-start: \(rank) (pid \(processID)) exited with rc=\(code)")
        }
        let code = status.shellCode
        if options.exitMode == .any || rank == 0 { exitCode = options.exitMode == .any ? max(exitCode, code) : code }
        brokers[rank].process = nil
        brokers[rank].channel?.finish()
        brokers[rank].channel = nil
        brokers[rank].lastCode = code
        service?.noteEnd(rank, code)
        updateTimer()
        guard brokers.allSatisfy({ $0.process == nil }) else { return }
        waiter?.resume()
        waiter = nil
    }

    /// Once a broker has ended, the others have to follow within the timeout.
    private func updateTimer() {
        let runningCount = brokers.count { $0.process != nil }
        let isEnding =
            runningCount > 0
            && (options.exitMode == .any
                ? runningCount < size && options.startMode == .all : brokers[0].process == nil)
        if isEnding, timer == nil, options.exitTimeoutSeconds.isFinite {
            timer = reactor.schedule(after: .seconds(options.exitTimeoutSeconds)) { [self] in killAll() }
        } else if !isEnding, let timer {
            reactor.cancel(timer)
            self.timer = nil
        }
    }

    private func killAll() {
        let ranks = brokers.indices.filter { brokers[$0].process?.kill(SIGKILL) == 0 }
        guard !ranks.isEmpty else { return }
        printError("flux-start: Exit timeout: killed rank \(Idset(ranks.map { UInt32($0) }))")
    }

    /// The leader takes the whole instance down in order; without it each broker is told.
    private func pass(signal: Int32) {
        if let leader = brokers[0].process {
            leader.kill(signal)
        } else {
            for broker in brokers { broker.process?.kill(signal) }
        }
    }

    // MARK: What the service on FLUX_START_URI asks

    var rankCount: Int { size }
    func processID(of rank: Int) -> Int32 { brokers[rank].lastProcessID }
    func isRunning(_ rank: Int) -> Bool { brokers[rank].process != nil }
    func lastCode(of rank: Int) -> Int32 { brokers[rank].lastCode }
    func kill(_ rank: Int, _ signal: Int32) -> Int32 { brokers[rank].process?.kill(signal) ?? 0 }

    // MARK: PMI

    private func receive(_ bytes: [UInt8], from rank: Int) {
        guard !bytes.isEmpty else { return }
        brokers[rank].lines.append(bytes)
        do {
            while let line = try brokers[rank].lines.next() {
                if options.verbosity >= 2 { printError("\(rank): C: \(line)", terminator: "") }
                carryOut(server.receive(line, from: rank))
                watchBarrier()
            }
        } catch {
            end("\(rank): PMI: \(error)")
        }
    }

    /// Says who is missing when brokers wait for others at a barrier for long.
    private func watchBarrier() {
        if server.absentRanks.isEmpty {
            if let barrierTimer { reactor.cancel(barrierTimer) }
            barrierTimer = nil
        } else if barrierTimer == nil {
            barrierTimer = reactor.schedule(after: .seconds(5), every: .seconds(60)) { [self] in
                let absent = Idset(server.absentRanks.map { UInt32($0) })
                printError("flux-start: PMI barrier: waiting for rank \(absent)")
            }
        }
    }

    private func carryOut(_ directives: [PMIServer.Directive]) {
        for directive in directives {
            switch directive {
            case .respond(let rank, let line):
                if options.verbosity >= 2 { printError("\(rank): S: \(line)", terminator: "") }
                brokers[rank].channel?.write(Array(line.utf8))
            case .close(let rank): brokers[rank].channel?.close()
            case .enterBarrier: carryOut(server.completeBarrier())
            case .warn(let rank, let message): printError("flux-start: \(rank): \(message)")
            case .abort(let rank, _, let message):
                end("\(rank): PMI_Abort()\(message.isEmpty ? "" : ": \(message)")")
            case .violation(let rank, let reason): end("\(rank): PMI: \(reason)")
            }
        }
    }

    private func end(_ text: String) {
        printError("flux-start: \(text)")
        for broker in brokers { broker.process?.kill(SIGKILL) }
    }
}

/// Gives the process the name that `ps` shows.
private func nameProcess(_ name: String) {
    let descriptor = open("/proc/self/comm", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    write(Array(name.utf8), to: descriptor)
    close(descriptor)
}

/// The settings of the terminal, to be given back at the end.
private struct TerminalState {
    private var settings = termios()

    /// nil when standard input is no terminal.
    init?() {
        guard isTerminal(0), tcgetattr(0, &settings) == 0 else { return nil }
        signal(SIGTTOU, SIG_IGN)
    }

    func restore() {
        var settings = settings
        tcsetattr(0, TCSAFLUSH, &settings)
    }
}
