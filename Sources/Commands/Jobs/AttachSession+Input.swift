internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import RFC03Message
internal import RFC22Idset
internal import RFC24IO
internal import RFC34Taskmap
internal import Reactor

extension AttachSession {
    // MARK: Input

    /// Hands standard input to tasks.
    func startInput(to ranks: String) {
        guard let service, inputPump == nil else { return }
        let pump = InputPump(flux.reactor) { [self] bytes, done in
            if !bytes.isEmpty { hasSentInput = true }
            send(IOData(stream: "stdin", rank: ranks, bytes: bytes, isEnd: bytes.isEmpty), to: service, done)
        }
        inputPump = pump
        pump.start()
    }

    /// Hands standard input to some tasks and closes it for the others.
    ///
    /// - Parameter map: the task map of the job, RFC 34.
    func startInput(to wanted: Idset, of map: JSON) {
        guard let service, !options.isReadOnly, let count = try? Taskmap(json: map).taskCount, count > 0 else { return }
        let all = Idset(0...UInt32(count - 1))
        let ranks = wanted.intersection(all)
        if ranks != wanted {
            sayError("flux-job: warning: adjusting --stdin-ranks from \(wanted) to \(ranks)\n")
        }
        let others = all.subtracting(ranks)
        send(IOData(stream: "stdin", rank: "\(others)", isEnd: true), to: service) {}
        startInput(to: "\(ranks)")
    }

    private func send(_ io: IOData, to service: (name: String, rank: UInt32), _ done: @escaping () -> Void) {
        flux.call(.request("\(service.name).stdin", json: io.json, nodeID: service.rank)) { [self] result in
            switch result {
            case .success: done()
            case .failure(let error) where error.errnum == Errno.noSystem:
                if hasSentInput { fail("stdin not accepted by job") }
            case .failure(let error): fail("attach_send_shell: \(error)")
            }
        }
    }

    // MARK: Terminal

    /// Shows the terminal of task 0 in place of its output.
    func attachTerminal(_ session: String) {
        guard let service else { return }
        let client = TerminalClient(flux, topic: "\(service.name).\(session)", nodeID: service.rank) { [self] status in
            guard let status else {
                // The terminal is gone already: what it showed may be in the log of the job.
                terminal = nil
                if !isFinished, !options.isReadOnly { startInput(to: "all") }
                return
            }
            flushPending()
            flux.close()
            exit(status == 0 ? 0 : 1)
        }
        terminal = client
        client.attach()
    }

    /// A terminal that never came must not be waited for.
    func leaveUnattachedTerminal() {
        guard let terminal, !terminal.isAttached else { return }
        terminal.stop()
        self.terminal = nil
    }

    // MARK: Signals

    func watchSignals() -> WatchID? {
        try? flux.reactor.watchSignals([SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGUSR1, SIGUSR2]) { [self] signal in
            guard signal == SIGINT else {
                flux.call(
                    .request("job-manager.kill", json: ["id": .int(id.json), "signum": .int(Int64(signal))])
                ) { _ in }
                return
            }
            let now = Format.monotonic
            if now - interruptTime > 2 {
                interruptTime = now
                watchStop()
                sayError("flux-job: one more ctrl-C within 2s to cancel or ctrl-Z to detach\n")
            } else {
                let request: JSON = [
                    "id": .int(id.json), "type": "cancel", "severity": 0, "note": "interrupted by ctrl-C",
                ]
                flux.call(.request("job-manager.raise", json: request)) { _ in }
            }
        }
    }

    func watchStop() {
        guard stopWatch == nil else { return }
        stopWatch = try? flux.reactor.watchSignals([SIGTSTP]) { [self] _ in
            if Format.monotonic - interruptTime <= 2 {
                sayError("flux-job: detaching...\n")
                for path in ["guest.exec.eventlog", "guest.output", "eventlog"] { cancel(path) }
            } else {
                if let stopWatch { flux.reactor.unwatch(stopWatch) }
                stopWatch = nil
                var mask = sigset_t()
                sigemptyset(&mask)
                sigaddset(&mask, SIGTSTP)
                pthread_sigmask(SIG_UNBLOCK, &mask, nil)
                sayError("flux-job: one more ctrl-Z to suspend\n")
            }
        }
    }
}
