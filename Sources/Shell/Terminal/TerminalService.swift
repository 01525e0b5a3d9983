internal import Client
internal import FluxJSON
internal import Glibc
internal import RFC03Message
internal import Reactor
internal import Subprocess

/// The terminals of a shell: those of its tasks and those that clients ask for (`flux terminus`).
///
/// Source: job-protocol 6.7 (observed: flux-core 0.88).
final class TerminalService {
    private let flux: Handle
    private let service: String
    private let rank: UInt32
    private let startTime: Double
    /// For programs of clients that bring none.
    private let environment: [String: String]
    private var sessions: [Int: TerminalSession] = [:]
    private var onEmpty: (() -> Void)?

    init(flux: Handle, service: String, rank: UInt32, environment: [String: String]) {
        self.flux = flux
        self.service = service
        self.rank = rank
        self.environment = environment
        startTime = flux.reactor.wallTime
    }

    subscript(id: Int) -> TerminalSession? { sessions[id] }

    /// Opens a terminal for a task.
    func open(id: Int, name: String, waitsForClient: Bool) throws(ShellExit) -> TerminalSession {
        let session = try TerminalSession(id: id, name: name, waitsForClient: waitsForClient, flux: flux)
        sessions[id] = session
        return session
    }

    func remove(_ session: TerminalSession) {
        sessions[session.id] = nil
        guard sessions.isEmpty else { return }
        let body = onEmpty
        onEmpty = nil
        body?()
    }

    func disconnect(_ request: Message) {
        for session in sessions.values { session.disconnect(request) }
    }

    /// Answers a request.
    ///
    /// - Parameter method: what follows `<service>.terminus.` in the topic.
    func handle(_ method: String, _ request: Message, _ payload: JSON) throws {
        switch method {
        case "list":
            let rows = sessions.values.sorted { $0.id < $1.id }.map(\.json)
            flux.respond(
                to: request,
                [
                    "sessions": .array(rows),
                    "server": [
                        "service": .string(service), "rank": .int(Int64(rank)), "ctime": .real(startTime),
                    ],
                ])
        case "new": try start(request, payload)
        case "kill": try kill(request, payload)
        case "kill-server":
            guard !sessions.isEmpty else { return flux.respond(to: request) }
            onEmpty = { [flux] in flux.respond(to: request) }
            for session in sessions.values { _ = session.kill(SIGKILL) }
        case "disconnect": disconnect(request)
        default:
            guard let id = Int(method), let session = sessions[id] else {
                throw RPCError(errnum: Errno.noSystem, text: "Unknown service method '\(request.topic ?? "")'")
            }
            try session.receive(request, payload)
        }
    }

    private func kill(_ request: Message, _ payload: JSON) throws {
        let object = try payload.requireObject()
        guard let session = sessions[try object.int("id", as: Int.self)] else { throw RPCError(errnum: Errno.noEntry) }
        let signal = try object.int("signal", as: Int32.self)
        let waits = object["wait"].map { $0 != .int(0) && $0 != .bool(false) } ?? false
        if waits { session.watchEnd(request) }
        let code = session.kill(signal)
        guard code == 0 || waits else { throw RPCError(errnum: code) }
        if !waits { flux.respond(to: request) }
    }

    /// Runs a program of a client's on a terminal of its own.
    private func start(_ request: Message, _ payload: JSON) throws {
        let object = try payload.requireObject()
        var words = object["cmd"] == nil ? [] : try object.strings("cmd")
        if words.isEmpty { words = [environment["SHELL"] ?? "bash"] }
        var command = Command(words, environment: environment, directory: try object.optionalString("cwd"))
        if let variables = try object.optionalObject("environ") {
            command.environment = [:]
            for (name, value) in variables { command.environment[name] = value.stringValue }
        }
        let id = (0...).first { sessions[$0] == nil } ?? 0
        command.environment["FLUX_TERMINUS_SESSION"] = "\(id)"
        var name = try object.optionalString("name") ?? ""
        if name.isEmpty { name = words[0] }
        let session = try TerminalSession(id: id, name: name, waitsForClient: true, flux: flux)
        var options = SpawnOptions()
        options.input = .descriptor(session.follower)
        options.output = .descriptor(session.follower)
        options.error = .descriptor(session.follower)
        options.group = .session
        let child: Subprocess
        do {
            child = try Subprocess.spawn(command, options, on: flux.reactor)
        } catch {
            session.abandon()
            throw RPCError(errnum: error.errnum, text: "failed to run \(words[0])")
        }
        session.child = child
        sessions[id] = session
        session.started()
        session.onComplete = { [self] in remove(session) }
        child.onExit = { session.exited($0) }
        flux.respond(
            to: request,
            ["name": .string(name), "pty_service": .string("\(service).\(id)"), "id": .int(Int64(id))])
    }
}
