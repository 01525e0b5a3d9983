internal import CSystemShims
internal import Client
internal import FluxJSON
internal import Glibc
internal import RFC03Message
internal import RFC24IO
internal import Reactor
internal import Subprocess

/// A pseudo terminal that a task or a program runs on, and the clients that show it.
///
/// Identity: it owns descriptors. Belongs to the shell's reactor.
final class TerminalSession {
    /// Somebody who attached, with the streaming request that gets what is written.
    private struct Client {
        let request: Message
        let reads: Bool
        let writes: Bool
    }

    let id: Int
    let name: String
    let startTime: Double
    private let flux: Handle
    private let leader: Int32
    /// The task's end; open until the task has it.
    private(set) var follower: Int32
    private var reader: StreamReader?
    private var clients: [Client] = []
    /// Requests that get the end of the session and nothing else.
    private var watchers: [Message] = []
    private var waitsForClient: Bool
    private var isOpen = true
    private(set) var status: ExitStatus?
    private var isComplete = false
    /// The program, when the session was made by a client.
    var child: Subprocess?
    /// Takes what is written to the terminal; empty at the end.
    var onOutput: (([UInt8]) -> Void)?
    /// Called once when the program has ended, everything was read and a client has seen it where one is waited for.
    var onComplete: (() -> Void)?

    init(id: Int, name: String, waitsForClient: Bool, flux: Handle) throws(ShellExit) {
        self.id = id
        self.name = name
        self.waitsForClient = waitsForClient
        self.flux = flux
        startTime = flux.reactor.wallTime
        var ends: (Int32, Int32) = (-1, -1)
        let code = flux_open_terminal(&ends.0, &ends.1)
        guard code == 0 else {
            throw ShellExit(1, "pty: cannot open a terminal: \(SystemError.text(of: code))", component: "pty")
        }
        leader = ends.0
        follower = ends.1
        _ = fcntl(leader, F_SETFL, O_NONBLOCK)
        _ = flux_set_window_size(leader, 25, 80)
    }

    deinit {
        if follower >= 0 { close(follower) }
        if reader == nil { close(leader) }
    }

    var clientCount: Int { clients.count }

    /// The task has its end: from now on the terminal's end is the task's.
    func started() {
        close(follower)
        follower = -1
        if !waitsForClient { startReading() }
    }

    /// The task could not be started.
    func abandon() {
        if follower >= 0 { close(follower) }
        follower = -1
    }

    private func startReading() {
        guard reader == nil, follower < 0 else { return }
        reader = try? StreamReader(descriptor: leader, mode: .raw, reactor: flux.reactor) { [self] in received($0) }
    }

    private func received(_ bytes: [UInt8]) {
        onOutput?(bytes)
        guard !bytes.isEmpty else {
            isOpen = false
            checkCompletion()
            return
        }
        let payload = Self.json(bytes)
        for client in clients where client.reads { flux.respond(to: client.request, payload) }
    }

    private static func json(_ bytes: [UInt8]) -> JSON {
        // A NUL would end the text for readers written in C.
        if !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) {
            return ["type": "data", "data": .string(text)]
        }
        return ["type": "data", "encoding": "base64", "data": .string(Base64.encode(bytes))]
    }

    /// The program has ended.
    func exited(_ status: ExitStatus) {
        self.status = status
        checkCompletion()
    }

    private func checkCompletion() {
        guard let status, !isOpen, !waitsForClient, !isComplete else { return }
        isComplete = true
        let end: JSON = [
            "type": "exit", "message": "session exiting", "status": .int(Int64(status.waitStatus)),
        ]
        for request in clients.map(\.request) + watchers {
            flux.respond(to: request, end)
            flux.respond(to: request, errnum: Errno.noData)
        }
        clients = []
        watchers = []
        let body = onComplete
        onComplete = nil
        onOutput = nil
        body?()
    }

    // MARK: What clients ask

    /// Takes a message of a client of the session.
    func receive(_ request: Message, _ payload: JSON) throws {
        let object = try payload.requireObject()
        let type = try object.string("type")
        if type == "attach" { return try attach(request, object) }
        guard let client = clients.first(where: { $0.request.sender == request.sender }) else {
            throw RPCError(errnum: Errno.noEntry)
        }
        switch type {
        case "data":
            guard client.writes else { throw RPCError(errnum: Errno.perm) }
            try write(object)
        case "resize": try resize(object)
        case "detach": detach(request)
        default: throw RPCError(errnum: Errno.noSystem)
        }
        flux.respond(to: request)
    }

    private func attach(_ request: Message, _ object: JSON.Object) throws {
        guard !clients.contains(where: { $0.request.sender == request.sender }) else {
            throw RPCError(errnum: Errno.exists)
        }
        let mode = try object.string("mode")
        guard ["rw", "ro", "wo"].contains(mode) else { throw RPCError(errnum: Errno.proto) }
        let client = Client(request: request, reads: mode != "wo", writes: mode != "ro")
        if mode == "rw" { try resize(object) }
        flux.respond(to: request, ["type": "attach"])
        clients.append(client)
        guard client.reads else { return }
        waitsForClient = false
        startReading()
        checkCompletion()
    }

    private func write(_ object: JSON.Object) throws {
        let text = try object.string("data")
        var bytes = Array(text.utf8)
        if let encoding = try object.optionalString("encoding") {
            guard encoding == "base64", let decoded = Base64.decode(text) else { throw RPCError(errnum: Errno.proto) }
            bytes = decoded
        }
        var written = 0
        // A terminal takes 4 KiB of what nobody reads; the rest of a longer paste is dropped.
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(leader, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                return
            }
        }
    }

    private func resize(_ object: JSON.Object) throws {
        let size = try object.object("winsize")
        guard let rows = UInt16(exactly: try size.int("rows")), let columns = UInt16(exactly: try size.int("cols")),
            rows > 0, columns > 0
        else { throw RPCError(errnum: Errno.invalid) }
        // The kernel tells the foreground program by SIGWINCH.
        _ = flux_set_window_size(leader, rows, columns)
    }

    private func detach(_ request: Message) {
        guard let index = clients.firstIndex(where: { $0.request.sender == request.sender }) else { return }
        let client = clients.remove(at: index)
        flux.respond(to: client.request, ["type": "exit", "message": "Client requested detach", "status": 0])
        flux.respond(to: client.request, errnum: Errno.noData)
    }

    /// The sender of `request` is gone.
    func disconnect(_ request: Message) { clients.removeAll { $0.request.sender == request.sender } }

    /// Signals what runs on the terminal; nobody is waited for any longer.
    func kill(_ signal: Int32) -> Int32 {
        waitsForClient = false
        if status != nil {
            isOpen = false
            checkCompletion()
            return 0
        }
        startReading()
        let group = tcgetpgrp(leader)
        if group > 0 { Glibc.kill(-group, signal) }
        return child?.kill(signal) ?? 0
    }

    /// Answers a request when the session has ended.
    func watchEnd(_ request: Message) { watchers.append(request) }

    var json: JSON {
        [
            "id": .int(Int64(id)), "name": .string(name), "clients": .int(Int64(clients.count)),
            "pid": .int(Int64(child?.processID ?? -1)), "exited": status == nil ? 0 : 1, "ctime": .real(startTime),
        ]
    }
}

extension Message {
    /// The client that sent a request.
    var sender: String { routes.first ?? "" }
}
