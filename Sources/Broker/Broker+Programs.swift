internal import Client
internal import FluxJSON
internal import Glibc
internal import RFC03Message
internal import Reactor
internal import Service

extension Broker {
    /// State RUN: rank 0 starts the initial program, others serve.
    func enterRun() {
        answerWaiters()
        guard rank == 0 else { return considerParent() }
        if isShutdownRequested { return post(.shutdown) }
        if attributes["broker.rc2_none"] != nil { return }
        let command: [String]
        do {
            command = try initialProgram()
        } catch {
            note(.err, "rc2: \(error)")
            exitCode = 1
            return post(.rc2Fail)
        }
        if settings.command.isEmpty, attributes["broker.recovery-mode"] != nil {
            print(recoveryBanner)
            fflush(nil)
        }
        runProgram("rc2", command, inheritsStandardIO: true) { broker, status in
            if broker.exitCode == 0 { broker.exitCode = status }
            broker.post(status == 0 ? .rc2Success : .rc2Fail)
        }
    }

    /// The argv of the initial program: a shell, a shell command line, or a program with arguments.
    ///
    /// Source: broker-protocol 4.3 (observed: flux-core 0.88).
    private func initialProgram() throws -> [String] {
        let shell = host.environment["SHELL"] ?? "/bin/bash"
        let words = settings.command
        guard let first = words.first else {
            guard isatty(0) == 1 else {
                throw ServiceError(errnum: Errno.invalid, text: "stdin is not a tty - can't run interactive shell")
            }
            return [shell]
        }
        guard words.count == 1 else { return words }
        let isProgram = first.contains("/") && access(first, X_OK) == 0 && !isDirectory(first)
        return isProgram ? words : [shell, "-c", first]
    }

    /// What the owner reads who has come to repair the state.
    ///
    /// Source: observed: flux-core 0.88.
    private var recoveryBanner: String {
        let statedir = attributes["statedir-cleanup"] == "0" ? attributes["statedir"] : "changes will not be preserved"
        return """
            +-----------------------------------------------------
            | Entering Flux recovery mode.
            | All resources will be offline during recovery.
            | Any rc1 failures noted above may result in
            |  reduced functionality until manually corrected.
            |
            | broker.rc1_path    \(attributes["broker.rc1_path"] ?? "-")
            | broker.rc3_path    \(attributes["broker.rc3_path"] ?? "-")
            | config.path        \(attributes["config.path"] ?? "-")
            | statedir           \(statedir ?? "unknown")
            |
            | Exit this shell when finished.
            +-----------------------------------------------------
            """
    }

    private func isDirectory(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    /// State CLEANUP: jobs are ended, then what was pushed with `runat.push` runs, one command after the other.
    func cleanUp() {
        let endsJobs = rank == 0 && attributes["broker.rc1_path"] == "flux modprobe rc1"
        if !endsJobs && pushedCommands["cleanup", default: []].isEmpty { return post(.cleanupNone) }
        if isSignaled, let limit = attributes.seconds("broker.cleanup-timeout") {
            timers["state"] = reactor.schedule(after: .milliseconds(Int(limit * 1000))) {
                self.assumeIsolated { $0.abortCleanup() }
            }
        }
        Task {
            if endsJobs { await endJobs() }
            runPushed("cleanup", index: 0) { broker, status in
                if status != 0 && broker.exitCode == 0 { broker.exitCode = status }
                broker.post(status == 0 ? .cleanupSuccess : .cleanupFail)
            }
        }
    }

    /// The time for cleaning up after a signal is over: what runs gets SIGHUP, the rest does not start.
    private func abortCleanup() {
        guard lifeCycle.state == .cleanup else { return }
        note(.err, "cleanup timeout")
        pushedCommands["cleanup"] = []
        signalProgram(1)
    }

    /// Cancels every job and waits until none holds resources.
    private func endJobs() async {
        guard host.environment["FLUX_DISABLE_JOB_CLEANUP"] == nil, modules[name: "job-manager"] != nil else { return }
        remind("cleanup", after: .seconds(5)) { _ in "cleanup: waiting for running jobs to end" }
        defer { cancelTimer("cleanup") }
        _ = try? await flux.rpc("job-manager.queue-start", ["start": false, "all": true, "nocheckpoint": true])
        _ = try? await flux.rpc(
            "job-manager.raiseall",
            [
                "dry_run": false, "userid": -1, "states": 48, "severity": 0, "type": "cancel",
                "note": "instance is shutting down",
            ])
        _ = try? await flux.rpc("job-manager.idle")
        _ = try? await flux.rpc("resource.acquire-mute")
    }

    private func runPushed(
        _ name: String, index: Int, worst: Int32 = 0, _ done: @escaping @Sendable (isolated Broker, Int32) -> Void
    ) {
        let commands = pushedCommands[name] ?? []
        guard index < commands.count else { return done(self, worst) }
        runScript("\(name).\(index)", commands[index]) { broker, status in
            broker.runPushed(name, index: index + 1, worst: worst == 0 ? status : worst, done)
        }
    }

    /// Runs a text with the shell; its output goes to the log.
    func runScript(_ label: String, _ text: String, _ done: @escaping @Sendable (isolated Broker, Int32) -> Void) {
        let shell = host.environment["SHELL"] ?? "/bin/bash"
        let entry = label.contains(".") ? label : "\(label).0"
        runProgram(entry, [shell, "-c", text], inheritsStandardIO: false, done)
    }

    /// Runs a program through the local `rexec` service and gives its exit code.
    func runProgram(
        _ label: String, _ command: [String], inheritsStandardIO: Bool,
        _ done: @escaping @Sendable (isolated Broker, Int32) -> Void
    ) {
        let isLeader = getpgrp() == getpid() && attributes["broker.rc2_pgrp"] == nil
        let localFlags: Int64 = inheritsStandardIO ? (isLeader ? 3 : 1) : 0
        var environment: JSON.Object = [:]
        for (name, value) in ProgramEnvironment.cleaned(host.environment) { environment[name] = .string(value) }
        environment["FLUX_URI"] = attributes["local-uri"].map { .string($0) }
        if let job = attributes["jobid"] { environment["FLUX_ENCLOSING_ID"] = .string(job) }
        let payload: JSON = [
            "cmd": [
                "cmdline": .array(command.map { .string($0) }), "env": .object(environment), "opts": [:],
                "channels": [], "label": .string(String(label.prefix { $0 != "." })),
            ],
            "flags": inheritsStandardIO ? 0 : 3, "local_flags": .int(localFlags),
        ]
        let began = reactor.now
        let stream = flux.stream("rexec.exec", payload, nodeID: rank)
        runningProgram = (stream.matchtag, nil)
        Task {
            var status: Int32 = 0
            var failure: String?
            do {
                while let answer = try await stream.nextJSON() {
                    switch answer["type"]?.stringValue {
                    case "started":
                        runningProgram = (stream.matchtag, answer["pid"]?.intValue)
                        if inheritsStandardIO { Foreground.give(to: answer["pid"]?.intValue) }
                        if isShutdownRequested, label == "rc2" { signalProgram(1) }
                    case "output": logOutput(label, answer["io"])
                    case "finished": status = Int32(truncatingIfNeeded: answer["status"]?.intValue ?? 0)
                    default: break
                    }
                }
            } catch {
                failure = "\(error)"
                let errnum = ServiceError(describing: error).errnum
                status = (errnum == Errno.noEntry ? 127 : errnum == Errno.access || errnum == ENOEXEC ? 126 : 1) << 8
            }
            if inheritsStandardIO { Foreground.takeBack() }
            runningProgram = nil
            let code = ExitCode.of(waitStatus: status)
            let outcome = failure ?? (status & 0x7f == 0 ? "Exited" : SignalText.name(status & 0x7f))
            let seconds = DurationText.tenths(nanoseconds: reactor.now - began)
            let entry = label.contains(".") ? label : "\(label).0"
            // A shell's text stands for itself.
            let words = command.count == 3 && command[1] == "-c" ? command[2...] : command[...]
            let line = "\(entry): \(words.joined(separator: " ")) \(outcome) (rc=\(code)) \(seconds)s"
            note(code == 0 ? .info : .err, line)
            done(self, code)
        }
    }

    private func logOutput(_ label: String, _ io: JSON?) {
        guard let text = io?["data"]?.stringValue else { return }
        note(io?["stream"]?.stringValue == "stderr" ? .err : .info, "\(label): \(text)")
    }

    /// Sends a signal to the program that runs now.
    func signalProgram(_ signal: Int64) {
        guard let process = runningProgram?.processID else { return }
        flux.call(.request("rexec.kill", json: ["pid": .int(process), "signum": .int(signal)], nodeID: rank)) { _ in }
    }

    /// A deadly signal has come: what runs is ended, and the broker with it.
    package func receive(signal: Int32) {
        isSignaled = true
        switch lifeCycle.state {
        case .`init`:
            isShutdownRequested = true
            if exitCode == 0 { exitCode = 1 }
            if runningProgram != nil { signalProgram(Int64(signal)) } else { post(.rc1Fail) }
        case .run: requestShutdown()
        case .join: post(.parentFail)
        case .configSync: post(.syncFail)
        case .quorum: post(.quorumFail)
        case .cleanup, .finalize: signalProgram(Int64(signal))
        default: break
        }
    }
}
