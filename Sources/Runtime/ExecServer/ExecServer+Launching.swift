internal import Client
internal import FluxJSON
internal import Glibc
internal import RFC03Message
internal import RFC24IO
internal import RFC42Subprocess
internal import Reactor
internal import Subprocess

extension ExecServer {
    /// Starts a process: in the foreground for a streaming request, else in the background.
    func execute(_ message: Message, _ payload: JSON) throws {
        let request = try Rexec.ExecRequest(json: payload)
        let isBackground = !message.flags.contains(.streaming)
        try check(request, isBackground: isBackground)
        var command = Command(
            request.command.arguments,
            environment: request.command.environment.isEmpty ? environment : request.command.environment,
            directory: request.command.directory, fallbackDirectory: "/tmp")
        command.environment["FLUX_URI"] = localURI
        for name in ["FLUX_PROXY_REMOTE", "NOTIFY_SOCKET", "INVOCATION_ID"] { command.environment[name] = nil }

        let child: Subprocess
        do {
            child = try Subprocess.spawn(
                command, spawnOptions(request, isBackground: isBackground),
                inputLimit: request.bufferBytes("stdin") ?? Rexec.ExecRequest.defaultBufferBytes, on: flux.reactor)
        } catch {
            throw RPCError(
                errnum: error.errnum, text: "error launching process: \(SystemError.text(of: error.errnum))")
        }
        let process = ExecProcess(
            child: child, request: request, client: isBackground ? nil : message, isBackground: isBackground)
        processes.append(process)
        flux.respond(to: message, Rexec.Response.started(pid: Int64(child.processID)).json)
        connect(process)
    }

    private func check(_ request: Rexec.ExecRequest, isBackground: Bool) throws(RPCError) {
        func refuse(_ text: String) -> RPCError { RPCError(errnum: Errno.invalid, text: text) }
        if isBackground {
            if request.flags.contains(.writeCredit) {
                throw refuse("write-credit flag is not allowed in background mode")
            }
            if request.localFlags.contains(.standardIOFallthrough) {
                throw refuse("stdio-fallthrough flag is not allowed in background mode")
            }
        }
        guard request.command.label != "" else { throw refuse("a label cannot be empty") }
        // A process that waits for messages on a channel that nobody serves would wait forever.
        guard request.command.messageChannels.isEmpty else { throw refuse("message channels are not supported") }
        if let label = request.command.label, processes.contains(where: { $0.label == label }) {
            throw refuse("command label is not unique")
        }
        guard !request.command.arguments.isEmpty else {
            throw RPCError(errnum: Errno.proto, text: "command string is empty")
        }
        if isBackground, !request.command.channels.isEmpty {
            throw refuse("auxiliary channels are not allowed in background mode")
        }
        if !isBackground, request.flags.contains(.waitable) {
            throw refuse("waitable flag only supported in background mode")
        }
        let streams = ["stdin", "stdout", "stderr"] + request.command.channels
        for stream in streams where request.bufferBytes(stream) == nil {
            throw refuse("error launching process: \(stream)_BUFSIZE is not a size")
        }
    }

    private func spawnOptions(_ request: Rexec.ExecRequest, isBackground: Bool) -> SpawnOptions {
        var options = SpawnOptions()
        if !request.localFlags.contains(.standardIOFallthrough) {
            options.input = isBackground ? .null : .pipe
            // Without a reader a stream is closed; /dev/null is kinder to programs that write all the same.
            options.output = isBackground || request.flags.contains(.standardOutput) ? .pipe : .null
            options.error = isBackground || request.flags.contains(.standardError) ? .pipe : .null
        } else {
            options.input = .inherit
        }
        options.group = request.localFlags.contains(.noProcessGroup) ? .inherit : .own
        options.channels = request.command.channels
        // The rule of posix_spawn(3), which flux-core uses where it need not fork.
        options.interpretsScripts = request.localFlags.contains(.forkExec) || request.command.directory != nil
        // Nobody watches over a process whose broker was killed; to the initial program it is a terminal that
        // goes away.
        options.signalOnParentDeath = request.localFlags.contains(.standardIOFallthrough) ? SIGHUP : SIGTERM
        return options
    }

    private func connect(_ process: ExecProcess) {
        let child = process.child
        // The process stays in the table while a stream is open, and the streams keep the server until they end.
        child.onExit = { [self] status in exited(process, status) }
        child.onCompletion = { [self] _ in completed(process) }
        if child.directoryError != 0, let directory = process.request.command.directory {
            let reason = SystemError.text(of: child.directoryError)
            let text = "Could not change dir to \(directory): \(reason). Going to /tmp instead\n"
            output(process, "stderr", Array(text.utf8))
        }
        for (stream, read) in [("stdout", child.readOutput), ("stderr", child.readError)] {
            // A stream that is no pipe has nothing to read.
            _ = try? read(process.request.mode(stream)) { [self] in output(process, stream, $0) }
        }
        if let input = child.input { grant(process, "stdin", input) }
        for channel in process.request.command.channels {
            if process.request.flags.contains(.channels) {
                _ = try? child.readChannel(channel, process.request.mode(channel)) { [self] in
                    output(process, channel, $0)
                }
            }
            let limit = process.request.bufferBytes(channel) ?? Rexec.ExecRequest.defaultBufferBytes
            if let writer = try? child.writeChannel(channel, limit: limit) { grant(process, channel, writer) }
        }
    }

    /// Tells the client how much it may write, now and whenever the child has read something.
    private func grant(_ process: ExecProcess, _ stream: String, _ writer: StreamWriter) {
        process.writers[stream] = writer
        guard process.request.flags.contains(.writeCredit) else { return }
        let report = { [self] (bytes: Int) in
            guard let client = process.client else { return }
            flux.respond(to: client, Rexec.Response.addCredit([stream: Int64(bytes)]).json)
        }
        report(writer.limit)
        writer.onCredit = report
    }

    // MARK: What the process does

    /// Passes on a run of output; an empty one is the end of the stream.
    func output(_ process: ExecProcess, _ stream: String, _ bytes: [UInt8]) {
        let piece = IOData(stream: stream, rank: "\(rank)", bytes: bytes, isEnd: bytes.isEmpty)
        if bytes.isEmpty { process.ended.insert(stream) }
        if let client = process.client, process.forwarded.forwards(stream), !process.isFailed {
            sendLines(piece, of: process, to: client)
        }
        guard !bytes.isEmpty, process.isBackground else { return }
        if process.isWaitable { process.tail.append(piece) }
        let name = process.label ?? process.baseName
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            log(stream == "stderr" ? .err : .info, "\(name)[\(process.processID)]: \(line)")
        }
    }

    /// A message for each line where lines are wanted: clients put the rank in front of what a message holds.
    private func sendLines(_ piece: IOData, of process: ExecProcess, to client: Message) {
        guard case .lines = process.request.mode(piece.stream), var rest = piece.bytes?[...] else {
            return send(piece, of: process, to: client)
        }
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
            send(IOData(stream: piece.stream, rank: piece.rank, bytes: Array(rest[..<end])), of: process, to: client)
            rest = rest[end...]
        }
    }

    func send(_ piece: IOData, of process: ExecProcess, to client: Message) {
        flux.respond(to: client, Rexec.Response.output(pid: Int64(process.processID), io: piece).json)
    }

    private func exited(_ process: ExecProcess, _ status: ExitStatus) {
        guard let client = process.client, !process.isFailed else { return }
        flux.respond(to: client, Rexec.Response.finished(status: status.waitStatus).json)
    }

    private func completed(_ process: ExecProcess) {
        process.isComplete = true
        process.writers.values.forEach { $0.finish() }
        if process.isBackground, let status = process.child.status {
            let label = process.label.map { "\($0): " } ?? ""
            if let signal = status.signal {
                let name = process.request.command.arguments.first ?? ""
                log(.info, "\(label)\(name)[\(process.processID)]: Killed by signal \(signal)")
            } else {
                log(.info, "\(label)\(process.baseName)[\(process.processID)]: Exit \(status.exitCode ?? 0)")
            }
        }
        if let client = process.client, !process.isFailed { flux.respond(to: client, errnum: Errno.noData) }
        settle(process)
    }

    /// Ends a process that cannot be served any longer, and tells its client why.
    func abandon(_ process: ExecProcess, errnum: Int32) {
        guard !process.isFailed else { return }
        process.isFailed = true
        process.isWaitable = false
        if let client = process.client {
            flux.respond(to: client, errnum: errnum, "internal fatal error: \(SystemError.text(of: errnum))")
        }
        process.client = nil
        process.child.kill(SIGKILL)
    }
}
