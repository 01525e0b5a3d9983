internal import Client
internal import FluxJSON
internal import Glibc
internal import RFC03Message
internal import RFC19FLUID
internal import RFC20R
internal import Reactor
internal import Subprocess

extension JobShell {
    /// Starts the tasks of this node.
    func startTasks() throws(ShellExit) {
        let source = try StandardInput.source(info.job.options)
        for (index, rank) in info.localTasks.enumerated() {
            let task = LocalTask(tags: ShellInfo.TaskTags(rank: Int(rank), index: index))
            let places = try output.destinations(for: task.tags, tmpdir: tmpdir)
            task.output = places.output
            task.error = places.error
            tasks.append(task)
        }
        for warning in limitWarnings { log.warn(warning, component: "rlimit") }
        localTasksRunning = tasks.count
        for task in tasks { try start(task, source) }
        if tasks.isEmpty { localTasksEnded() }
        if let heldSignal { killTasks(heldSignal) }
        armExpirationSignal()
    }

    private func start(_ task: LocalTask, _ source: StandardInput.Source) throws(ShellExit) {
        let job = info.job
        var command = Command(
            job.command.map { info.render($0, task: task.tags, tmpdir: tmpdir) }, environment: taskEnvironment)
        if let batch {
            command.arguments = batch.command(
                command.arguments, rank: task.tags.rank, path: "\(tmpdir ?? "/tmp")/script")
        }
        for (name, value) in TaskEnvironment.own(task.tags, pmiSize: pmi.map { _ in info.taskCount }) {
            command.environment[name] = value
        }
        for (name, template) in taskTemplates {
            command.environment[name] = info.render(template, task: task.tags, tmpdir: tmpdir)
        }
        for (name, value) in gpuAffinity?.variables(ofTask: task.tags.index) ?? [:] {
            command.environment[name] = value
        }
        var options = SpawnOptions.pipes
        if let sets = affinity?.perTask, sets.indices.contains(task.tags.index) {
            options.processors = CPUList.bytes(sets[task.tags.index])
        }
        options.group = job.options.isSet("nosetpgrp") ? .inherit : .own
        options.stopsInExec = stopsTasksInExec
        // A shell that is killed takes its tasks along.
        options.signalOnParentDeath = SIGKILL
        if pmi != nil { options.channels = ["PMI_FD"] }
        var inputFile: Int32 = -1
        if case .file(let template) = source {
            let path = info.render(template, task: task.tags, tmpdir: tmpdir)
            inputFile = open(path, O_RDONLY | O_CLOEXEC)
            guard inputFile >= 0 else {
                let reason = SystemError.text(of: errno)
                throw ShellExit(1, "error opening input file '\(path)': \(reason)", component: "input.file")
            }
            options.input = .descriptor(inputFile)
        }
        defer { if inputFile >= 0 { close(inputFile) } }
        if let session = try openTerminal(task) {
            options.input = .descriptor(session.follower)
            options.output = .descriptor(session.follower)
            options.error = .descriptor(session.follower)
            options.group = .session
            command.environment["FLUX_TERMINUS_SESSION"] = "\(session.id)"
        }
        do {
            let child = try Subprocess.spawn(command, options, inputLimit: 32 << 20, on: flux.reactor)
            task.child = child
            adjustOutOfMemory(child.processID)
            try connect(task, child)
        } catch let error as SpawnError {
            task.terminal?.abandon()
            let code: Int32 = error.errnum == ENOENT ? 127 : error.errnum == EACCES || error.errnum == EPERM ? 126 : 1
            throw ShellExit(
                code, "task \(task.tags.rank) (host \(info.hostName)): start failed: \(error)")
        } catch {
            throw ShellExit(1, "task \(task.tags.rank): \(error)")
        }
    }

    /// The terminal of a task that is to have one.
    private func openTerminal(_ task: LocalTask) throws(ShellExit) -> TerminalSession? {
        let rank = task.tags.rank
        guard let pty, pty.includes(rank), let terminals else { return nil }
        let session = try terminals.open(
            id: rank, name: "task\(rank)", waitsForClient: pty.isInteractive && rank == 0)
        // Clients see the first task only, so what others write is always captured.
        if pty.isCaptured || rank != 0 {
            session.onOutput = { [self] bytes in
                guard !bytes.isEmpty else { return }
                output.write(bytes, stream: "stdout", rank: task.rankText, to: task.output)
            }
        }
        task.terminal = session
        return session
    }

    private func connect(_ task: LocalTask, _ child: Subprocess) throws {
        let longestLine = 4 << 20
        let outputMode: StreamReader.Mode = output.options.output.isLineBuffered ? .lines(limit: longestLine) : .raw
        let errorMode: StreamReader.Mode = output.options.error.isLineBuffered ? .lines(limit: longestLine) : .raw
        if let session = task.terminal {
            try pmi?.connect(task, child)
            session.onComplete = { [self] in
                for stream in ["stdout", "stderr"] {
                    output.write(
                        [], stream: stream, rank: task.rankText, to: stream == "stdout" ? task.output : task.error)
                }
                terminals?.remove(session)
                completed(task, child.status ?? ExitStatus(waitStatus: 0))
            }
            child.onExit = { session.exited($0) }
            session.started()
            return
        }
        task.readers = [
            try child.readOutput(outputMode) { [self] bytes in
                output.write(bytes, stream: "stdout", rank: task.rankText, to: task.output)
            },
            try child.readError(errorMode) { [self] bytes in
                output.write(bytes, stream: "stderr", rank: task.rankText, to: task.error)
            },
        ]
        if isPaused { task.readers.forEach { $0.pause() } }
        try pmi?.connect(task, child)
        child.onCompletion = { [self] status in completed(task, status) }
    }

    private func completed(_ task: LocalTask, _ status: ExitStatus) {
        guard !task.isComplete else { return }
        task.isComplete = true
        task.pmiWriter?.finish()
        task.pmiWriter = nil
        let exit = FirstExit.Exit(
            localID: task.tags.index, rank: task.tags.rank, processID: task.child?.processID ?? 0, status: status)
        carryOut(firstExit.taskExited(exit, info))
        localTasksRunning -= 1
        if localTasksRunning == 0 { localTasksEnded() }
    }

    /// All tasks of this node have ended: a follower tells the leader, the leader waits for the others.
    private func localTasksEnded() {
        monitor?.finish()
        if info.isLeader {
            shellFinished(info.shellRank)
            return
        }
        flux.notify(
            "\(service).tasks-complete", ["shell_rank": .int(Int64(info.shellRank))],
            nodeID: info.shares[0].brokerRank)
        if !isFinishing { complete(taskCode) }
    }

    /// The leader knows that a shell has no task left, or is gone.
    func shellFinished(_ shellRank: Int) {
        guard activeShells.remove(shellRank) != nil, activeShells.isEmpty else { return }
        carryOut(firstExit.tasksComplete())
        output.end()
        if !isFinishing { complete(taskCode) }
    }

    func carryOut(_ directives: [FirstExit.Directive]) {
        for directive in directives {
            switch directive {
            case .post(let context): guest.post("exec.eventlog", "shell.task-exit", context)
            case .notify(let context): flux.notify("\(service).doom", context, nodeID: info.shares[0].brokerRank)
            case .startTimer(let seconds):
                if let exitTimer { flux.reactor.cancel(exitTimer) }
                exitTimer = flux.reactor.schedule(after: .seconds(min(seconds, 1e9))) { [self] in
                    carryOut(firstExit.timerFired())
                }
            case .stopTimer:
                if let exitTimer { flux.reactor.cancel(exitTimer) }
                exitTimer = nil
            case .fail(let exit, let waitStatus): fail(exit, waitStatus: waitStatus)
            }
        }
    }

    /// Signals all tasks that still run, with everything they started.
    func killTasks(_ signal: Int32) {
        for task in tasks {
            guard let child = task.child, child.isRunning else { continue }
            let code = child.kill(signal)
            if code != 0 && code != ESRCH {
                log.error("kill task \(task.tags.rank): signal \(signal): \(SystemError.text(of: code))")
            }
        }
    }

    func pauseTasks(_ isPaused: Bool) {
        guard isPaused != self.isPaused else { return }
        self.isPaused = isPaused
        log.debug("flow control \(isPaused ? "stop" : "start")", component: "output.client")
        for reader in tasks.flatMap(\.readers) {
            if isPaused { reader.pause() } else { reader.resume() }
        }
    }

    /// Hands input to the tasks of this node that it is meant for.
    func feed(_ bytes: [UInt8]?, isEnd: Bool, to isMeant: (UInt32) -> Bool) {
        for task in tasks where isMeant(UInt32(task.tags.rank)) {
            guard let input = task.child?.input, !input.isClosed else { continue }
            if let bytes, !input.write(bytes) {
                log.warn("task \(task.tags.rank): buffer full, closing stdin", component: "input")
                input.close()
            } else if isEnd {
                input.close()
            }
        }
    }

    /// Starts the clock of the signal before the end of the job's time; the leader alone sends it.
    func armExpirationSignal() {
        guard let signal = expirationSignal else { return }
        if let expirationTimer { flux.reactor.cancel(expirationTimer) }
        expirationTimer = nil
        guard resources.expiration > 0 else {
            log.log(.notice, "job has no expiration, \(signal.name) will not be sent", component: "signal")
            return
        }
        let delay = max(0, resources.expiration - signal.secondsLeft - flux.reactor.wallTime)
        log.debug("Will send \(signal.name) to job in \(ExpirationSignal.fixed(delay, 2))s", component: "signal")
        expirationTimer = flux.reactor.schedule(after: .seconds(min(delay, 1e9))) { [self] in
            let left = ExpirationSignal.fixed(signal.secondsLeft, 1)
            log.log(.notice, "job will expire in \(left)s, sending \(signal.name) to job", component: "signal")
            let id = JSON.int(Int64(bitPattern: jobID.value))
            flux.notify("job-manager.kill", ["id": id, "signum": .int(Int64(signal.number))])
        }
    }
}
