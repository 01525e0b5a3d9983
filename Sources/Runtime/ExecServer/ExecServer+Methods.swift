internal import Client
internal import FluxJSON
internal import Glibc
internal import RFC03Message
internal import RFC24IO
internal import RFC42Subprocess
internal import Reactor
internal import Subprocess

extension ExecServer {
    /// Hands bytes to a foreground process of the same client; a process that is gone is no error.
    func write(_ message: Message, _ payload: JSON) throws {
        let piece: IOData
        let matchtag: UInt32
        do {
            let request = try Rexec.WriteRequest(json: payload)
            piece = request.io
            matchtag = request.matchtag
        } catch {
            log(.err, "Error decoding \(message.topic ?? "write") request: \(error)")
            return
        }
        let found = processes.first { process in
            guard let client = process.client else { return false }
            return client.firstRoute == message.firstRoute && client.matchtag == matchtag
        }
        guard let process = found, process.child.isRunning, !process.isFailed else { return }
        guard let writer = process.writers[piece.stream] else {
            log(.err, "Error writing \(piece.bytes?.count ?? 0) bytes to subprocess \(piece.stream)")
            return abandon(process, errnum: Errno.invalid)
        }
        // A child that has closed its input drops what comes, as a pipe to `head` does.
        if let bytes = piece.bytes, !writer.isClosed, !writer.write(bytes) {
            log(.err, "Error writing \(bytes.count) bytes to subprocess \(piece.stream)")
            return abandon(process, errnum: Errno.noSpace)
        }
        if piece.isEnd { writer.close() }
    }

    func kill(_ message: Message, _ payload: JSON) throws {
        let request = try Rexec.KillRequest(json: payload)
        let code = try find(request.target).child.kill(request.signal)
        guard code == 0 else { throw RPCError(errnum: code, text: SystemError.text(of: code)) }
        flux.respond(to: message)
    }

    func list(_ message: Message) {
        let rows = processes.map { process in
            Rexec.ListResponse.Process(
                pid: Int64(process.processID), command: process.shownName, label: process.label ?? "",
                isZombie: process.isComplete)
        }
        flux.respond(to: message, Rexec.ListResponse(rank: Int64(rank), processes: rows).json)
    }

    func wait(_ message: Message, _ payload: JSON) throws {
        let process = try find(try Rexec.WaitRequest(json: payload).target)
        guard process.isWaitable else { throw RPCError(errnum: Errno.invalid, text: "process is not waitable") }
        guard process.waiter == nil else {
            throw RPCError(errnum: Errno.invalid, text: "process is already being waited on")
        }
        guard !process.isAttached else {
            throw RPCError(errnum: Errno.busy, text: "subprocess has a client attached")
        }
        process.waiter = message
        settle(process)
    }

    /// Gives a background process a client again, which gets what comes from now on.
    func attach(_ message: Message, _ payload: JSON) throws {
        let request = try Rexec.AttachRequest(json: payload)
        guard message.flags.contains(.streaming) else {
            throw RPCError(errnum: Errno.proto, text: "attach request is missing STREAMING flag")
        }
        let process: ExecProcess
        do {
            process = try find(request.target)
        } catch {
            throw RPCError(errnum: Errno.noEntry, text: error.text)
        }
        func busy(_ text: String) -> RPCError { RPCError(errnum: Errno.busy, text: text) }
        guard process.isBackground else { throw busy("subprocess is not in background mode") }
        guard !process.isAttached else { throw busy("subprocess already has a client attached") }
        guard process.waiter == nil else { throw busy("subprocess is being waited on") }

        process.forwarded = request.flags
        let pid = Int64(process.processID)
        flux.respond(to: message, Rexec.Response.attached(pid: pid, command: process.request.command.json).json)
        for stream in process.readStreams where process.ended.contains(stream) && request.flags.forwards(stream) {
            send(IOData(stream: stream, rank: "\(rank)", isEnd: true), of: process, to: message)
        }
        guard process.isComplete, let status = process.child.status else {
            process.client = message
            process.isAttached = true
            return
        }
        flux.respond(to: message, Rexec.Response.finished(status: status.waitStatus).json)
        flux.respond(to: message, errnum: Errno.noData)
        process.isWaitable = false
        settle(process)
    }
}
