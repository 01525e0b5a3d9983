internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import RFC03Message
internal import RFC22Idset
internal import RFC24IO
internal import RFC42Subprocess
internal import Reactor

/// One command on several brokers, as `flux exec` shows it.
///
/// Identity: it stands for the running processes; it belongs to the reactor of its handle.
final class RemoteRun {
    private let flux: Handle
    private let command: Rexec.Command
    private let ranks: Idset
    private let arguments: Arguments
    private let service: String
    private let labelsOutput: Bool
    private let startTime = Format.monotonic

    private var processes: [UInt32: Process] = [:]
    private var running: Idset
    private var exits: [(text: String, ranks: Idset)] = []
    private var exitCode: Int32 = 0
    private var waiter: CheckedContinuation<Void, Never>?
    private var interrupts: [Double] = []
    private var inputWatch: WatchID?
    private var isInputClosed = false
    private var attachTarget: String?

    private struct Process {
        var matchtag: UInt32 = 0
        var pid: Int64?
        var credit: Int64 = 0
        var isExited = false
    }

    init(_ flux: Handle, _ command: Rexec.Command, on ranks: Idset, _ arguments: Arguments, service: String? = nil) {
        self.flux = flux
        self.command = command
        self.ranks = ranks
        self.arguments = arguments
        self.service = arguments.value("service") ?? service ?? "rexec"
        labelsOutput = arguments.has("label-io")
        running = ranks
    }

    // MARK: In the background

    /// Starts the processes and prints their ids.
    func startInBackground() async throws -> Int32 {
        var flags: Rexec.Flags = []
        if arguments.has("waitable") { flags.insert(.waitable) }
        let payload = Rexec.ExecRequest(command: command, flags: flags).json
        var hasFailed = false
        for rank in ranks {
            do {
                let answer = try await flux.query("\(service).exec", payload, nodeID: rank)
                print("\(rank): \(answer["pid"]?.intValue ?? 0)")
            } catch {
                reportFailure(rank, error)
                hasFailed = true
            }
        }
        return hasFailed ? 1 : 0
    }

    // MARK: In the foreground

    /// Starts the processes, or attaches to those that run, and copies input and output until all have ended.
    ///
    /// - Returns: the highest exit code.
    func follow(attachingTo target: String?) async -> Int32 {
        attachTarget = target
        let payload: JSON
        let flags: Rexec.Flags = [.standardOutput, .standardError, .channels, .writeCredit]
        if let target {
            // A number that no process can have is a label.
            let pid = Int32(target).flatMap { $0 > 0 ? Int64($0) : nil }
            let who = Rexec.Target(pid: pid ?? -1, label: pid == nil ? target : nil)
            payload = Rexec.AttachRequest(who, flags: flags).json
        } else {
            payload = Rexec.ExecRequest(command: command, flags: flags).json
        }
        let topic = target == nil ? "\(service).exec" : "\(service).attach"
        let name = target.map { Int32($0) == nil ? "label \($0)" : "pid \($0)" } ?? command.arguments.first ?? ""
        if arguments.has("verbose"), let first = command.arguments.first {
            printError("\(elapsed)ms: Starting \(first) on \(ranks.formatted(.ranges.bracketed))")
        }
        for rank in ranks {
            processes[rank] = Process()
            let request = Message.request(topic, json: payload, nodeID: rank, flags: .streaming)
            let tag = flux.call(request) { [self] in receive($0, from: rank, name) }
            processes[rank]?.matchtag = tag
        }
        if arguments.has("verbose") { printError("\(elapsed)ms: Sent all requests") }
        let signals = try? flux.reactor.watchSignals([SIGINT, SIGTERM]) { [self] in receiveSignal($0) }
        await withCheckedContinuation { continuation in
            if running.isEmpty { continuation.resume() } else { waiter = continuation }
        }
        if let signals { flux.reactor.unwatch(signals) }
        stopInput()
        if arguments.has("verbose") { printError("\(elapsed)ms: \(ranks.count) tasks complete with code \(exitCode)") }
        if !arguments.has("quiet") {
            for exit in exits { printError("\(exit.ranks.formatted(.ranges.bracketed)): \(exit.text)") }
        }
        return exitCode
    }

    private var elapsed: String { Format.text("%03f", [(Format.monotonic - startTime) * 1000]) }

    private func receive(_ result: Result<Message, RPCError>, from rank: UInt32, _ name: String) {
        switch result {
        case .failure(let error):
            if error.errnum != Errno.noData { reportFailure(rank, error, name) }
            finish(rank)
        case .success(let message):
            guard let json = try? message.decodeJSON(), let response = try? Rexec.Response(json: json) else { return }
            switch response {
            case .started(let pid), .attached(let pid, _):
                processes[rank]?.pid = pid
                if processes.values.allSatisfy({ $0.pid != nil }) { startInput() }
            case .addCredit(let credits):
                processes[rank]?.credit += credits["stdin"] ?? 0
                resumeInput()
            case .output(_, let io): show(io, of: rank)
            case .finished(let status): noteExit(rank, status)
            case .stopped: break
            }
        }
    }

    private func show(_ io: IOData, of rank: UInt32) {
        guard let bytes = io.bytes else { return }
        let prefix = labelsOutput ? Array("\(rank): ".utf8) : []
        write(prefix + bytes, to: io.stream == "stderr" ? 2 : 1)
    }

    private func noteExit(_ rank: UInt32, _ status: Int32) {
        processes[rank]?.isExited = true
        let signal = status & 0x7f
        let code = signal == 0 ? (status >> 8) & 0xff : 128 + signal
        exitCode = max(exitCode, code)
        guard code > 0 else { return }
        let text = signal == 0 ? "Exit \(code)" : String(cString: strsignal(signal))
        if let index = exits.firstIndex(where: { $0.text == text }) {
            exits[index].ranks.insert(rank)
        } else {
            exits.append((text, [rank]))
        }
    }

    private func reportFailure(_ rank: UInt32, _ error: RPCError, _ name: String? = nil) {
        let name = name ?? command.arguments.first ?? ""
        printError("flux-exec: Error: rank \(rank): \(name): \(error)")
        let code: Int32 =
            switch error.errnum {
            case Errno.perm, Errno.access: 126
            case Errno.noEntry: 127
            case Errno.hostUnreachable: 68
            default: 1
            }
        exitCode = max(exitCode, code)
    }

    private func finish(_ rank: UInt32) {
        processes[rank]?.isExited = true
        if processes[rank]?.pid == nil { processes[rank]?.pid = -1 }
        running.remove(rank)
        if processes.values.allSatisfy({ $0.pid != nil }) { startInput() }
        guard running.isEmpty else { return }
        waiter?.resume()
        waiter = nil
    }

    // MARK: Standard input

    private func startInput() {
        guard inputWatch == nil, !isInputClosed, !running.isEmpty else { return }
        guard !arguments.has("noinput") else { return endInput() }
        inputWatch = try? flux.reactor.watch(0, for: .readable) { [self] _ in readInput() }
        if inputWatch == nil { pumpFile() }
    }

    private func resumeInput() {
        if inputWatch == nil, !isInputClosed, processes.values.allSatisfy({ $0.pid != nil }) { startInput() }
    }

    private func stopInput() {
        if let inputWatch { flux.reactor.unwatch(inputWatch) }
        inputWatch = nil
    }

    private var credit: Int { Int(processes.values.filter { !$0.isExited }.map(\.credit).min() ?? 0) }

    private func readInput() {
        guard credit > 0 else { return stopInput() }
        _ = readPiece()
    }

    /// A file is always readable: it is read as far as the credit goes.
    private func pumpFile() {
        while !isInputClosed, credit > 0, readPiece() {}
    }

    private func readPiece() -> Bool {
        var piece = [UInt8](repeating: 0, count: min(credit, 65536))
        let count = read(0, &piece, piece.count)
        if count < 0 { return errno == EINTR }
        guard count > 0 else {
            endInput()
            return false
        }
        send(IOData(stream: "stdin", rank: "0", bytes: Array(piece[..<count])))
        for rank in processes.keys { processes[rank]?.credit -= Int64(count) }
        return true
    }

    private func endInput() {
        guard !isInputClosed else { return }
        isInputClosed = true
        stopInput()
        send(IOData(stream: "stdin", rank: "0", isEnd: true))
    }

    private func send(_ io: IOData) {
        for (rank, process) in processes where !process.isExited {
            var io = io
            io.rank = "\(rank)"
            let request = Rexec.WriteRequest(matchtag: process.matchtag, io: io)
            flux.notify("\(service).write", request.json, nodeID: rank)
        }
    }

    // MARK: Signals

    private func receiveSignal(_ signal: Int32) {
        if signal == SIGINT, let target = attachTarget {
            printError("detached; use 'flux sproc kill \(target)' to signal it")
            exit(0)
        }
        let now = Format.monotonic
        if signal == SIGINT, interrupts.count >= 2, let last = interrupts.last, now - last < 1 {
            printError("\(running.formatted(.ranges.bracketed)): command still running at exit")
            exit(1)
        }
        for (rank, process) in processes where !process.isExited {
            guard let pid = process.pid, pid > 0 else { continue }
            let request = Rexec.KillRequest(Rexec.Target(pid: pid), signal: signal)
            flux.call(.request("\(service).kill", json: request.json, nodeID: rank)) { _ in }
        }
        guard signal == SIGINT else { return }
        if !interrupts.isEmpty { printError("interrupt (Ctrl+C) one more time within 1.00 sec to exit") }
        interrupts.append(now)
    }
}
