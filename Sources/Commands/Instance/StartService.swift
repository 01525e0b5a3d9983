internal import CSystemShims
internal import Client
internal import FluxJSON
internal import Glibc
internal import RFC03Message
internal import Reactor

/// The service `start` on `FLUX_START_URI`: looks at, starts and kills the brokers of a test instance.
///
/// Identity: it owns a listening socket and its clients; it belongs to the reactor of its owner.
final class StartService {
    private let descriptor: Int32
    private let path: String
    private let reactor: Reactor
    private unowned let owner: TestInstance
    private var watch: WatchID?
    private var clients: [ObjectIdentifier: Handle] = [:]
    private var waiting: [Int: (client: Handle, request: Message)] = [:]
    private var starting: [Int: (client: Handle, request: Message)] = [:]

    /// Listens at `path`.
    ///
    /// - Throws: ``Reactor/SystemError``.
    init(path: String, reactor: Reactor, owner: TestInstance) throws {
        self.path = path
        self.reactor = reactor
        self.owner = owner
        guard var address = sockaddr_un(path: path) else { throw SystemError("bind \(path)", code: ENAMETOOLONG) }
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        unlink(path)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0, listen(descriptor, 16) == 0 else {
            let error = SystemError("bind \(path)")
            Glibc.close(descriptor)
            throw error
        }
        watch = try reactor.watch(descriptor, for: .readable) { [self] _ in accept() }
    }

    func close() {
        if let watch { reactor.unwatch(watch) }
        watch = nil
        for client in clients.values { client.close() }
        clients = [:]
        Glibc.close(descriptor)
        unlink(path)
    }

    private func accept() {
        let connection = flux_accept(descriptor)
        guard connection >= 0 else { return }
        var userID: UInt32 = 0
        var processID: Int32 = 0
        var byte: UInt8 =
            flux_peer_credentials(connection, &userID, &processID) == 0 && userID == getuid() ? 0 : UInt8(EPERM)
        guard write(connection, &byte, 1) == 1, byte == 0,
            let client = try? Handle(
                transport: SocketTransport(descriptor: connection, reactor: reactor), reactor: reactor)
        else {
            Glibc.close(connection)
            return
        }
        let id = ObjectIdentifier(client)
        clients[id] = client
        client.onRequest = { [unowned self, unowned client] in
            // Answers carry who asked; a client without that ignores them.
            var request = $0
            request.userID = userID
            request.roles = .owner
            answer(request, client)
        }
        client.onClose = { [unowned self] _ in
            reactor.later { [self] in
                waiting = waiting.filter { $0.value.client !== clients[id] }
                starting = starting.filter { $0.value.client !== clients[id] }
                clients[id] = nil
            }
        }
    }

    private func answer(_ request: Message, _ client: Handle) {
        func fail(_ code: Int32) { client.respond(to: request, errnum: code) }
        let payload = (try? request.decodeJSON()) ?? [:]
        let rank = (payload["rank"]?.intValue).flatMap { (0..<Int64(owner.rankCount)).contains($0) ? Int($0) : nil }
        switch request.topic {
        case "start.status":
            let processes = (0..<owner.rankCount).map { ["pid": .int(Int64(owner.processID(of: $0)))] as JSON }
            client.respond(to: request, ["procs": .array(processes)])
        case "start.kill":
            guard let signal = payload["signum"]?.intValue else { return fail(EPROTO) }
            guard let rank else { return fail(ESRCH) }
            let code = owner.kill(rank, Int32(truncatingIfNeeded: signal))
            code == 0 ? client.respond(to: request) : fail(code)
        case "start.wait":
            guard let rank else { return fail(ESRCH) }
            guard waiting[rank] == nil else { return fail(EEXIST) }
            if owner.isRunning(rank) {
                waiting[rank] = (client, request)
            } else {
                client.respond(to: request, ["exit_rc": .int(Int64(owner.lastCode(of: rank)))])
            }
        case "start.run":
            guard let rank else { return fail(ESRCH) }
            guard !owner.isRunning(rank) else { return fail(EEXIST) }
            starting[rank] = (client, request)
            do { try owner.start(rank) } catch {
                starting[rank] = nil
                fail(EIO)
            }
        default: client.respond(to: request, errnum: ENOSYS)
        }
    }

    /// Answers who asked for the start of a broker.
    func noteStart(_ rank: Int) {
        guard let (client, request) = starting.removeValue(forKey: rank) else { return }
        client.respond(to: request)
    }

    /// Answers who waits for the end of a broker.
    func noteEnd(_ rank: Int, _ code: Int32) {
        guard let (client, request) = waiting.removeValue(forKey: rank) else { return }
        client.respond(to: request, ["exit_rc": .int(Int64(code))])
    }
}
