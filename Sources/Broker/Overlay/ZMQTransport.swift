internal import CZMQ
internal import Glibc
package import RFC03Message
package import Reactor

/// The overlay's sockets: a ROUTER for the children, a DEALER to the parent, CURVE and ZAP.
///
/// Source: broker-protocol 3.1 (observed: flux-core 0.88).
package final class ZMQTransport: OverlayTransport {
    package struct Options: Sendable {
        package var keys: CurveKeys
        package var uuid: String
        package var usesIPv6 = true
        package var ioThreads: Int32 = 1
        package var receiveLimit: Int32 = 0
        package var userTimeoutMilliseconds: Int32 = 20_000
        package var connectTimeoutMilliseconds: Int32 = 30_000
        package init(keys: CurveKeys, uuid: String) {
            self.keys = keys
            self.uuid = uuid
        }
    }

    private let options: Options
    private let reactor: Reactor
    private let context: ZMQContext
    private var children: SocketBox?
    private var parent: SocketBox?
    private var monitor: SocketBox?
    private var authenticator: SocketBox?
    private var watches: [WatchID] = []
    private var hook: UInt64?
    private var authorized: Set<String> = []
    private var arrived: ((OverlayArrival) -> Void)?

    /// A noncopyable socket as a property that can be given up.
    private final class SocketBox {
        let socket: ZMQSocket
        init(_ socket: consuming ZMQSocket) { self.socket = socket }
    }

    package init(options: Options, reactor: Reactor) throws {
        self.options = options
        self.reactor = reactor
        context = try ZMQContext(ioThreads: options.ioThreads)
    }

    /// The context can only end after its sockets.
    deinit { stop() }

    /// Public keys of those who may connect.
    package func authorize(_ publicKey: String) { authorized.insert(publicKey) }

    /// Binds the socket for children.
    ///
    /// - Returns: the endpoints as they were resolved, in the same order.
    package func bind(_ endpoints: [String]) throws -> [String] {
        let zap = try ZMQSocket(ZMQ_REP, in: context)
        _ = try zap.bind("inproc://zeromq.zap.01")
        authenticator = SocketBox(zap)
        let socket = try ZMQSocket(ZMQ_ROUTER, in: context)
        try configure(socket)
        try socket.set(ZMQ_RCVHWM, options.receiveLimit)
        try socket.set(ZMQ_ROUTER_MANDATORY, 1)
        try socket.set(ZMQ_CURVE_SERVER, 1)
        var resolved: [String] = []
        for endpoint in endpoints { resolved.append(try socket.bind(endpoint)) }
        children = SocketBox(socket)
        return resolved
    }

    /// Connects to the parent.
    package func connect(_ endpoint: String, serverKey: String) throws {
        let socket = try ZMQSocket(ZMQ_DEALER, in: context)
        try configure(socket)
        try socket.set(ZMQ_RCVHWM, 0)
        try socket.set(ZMQ_ROUTING_ID, options.uuid)
        try socket.set(ZMQ_CURVE_SERVERKEY, serverKey)
        if options.connectTimeoutMilliseconds > 0 {
            try socket.set(ZMQ_CONNECT_TIMEOUT, options.connectTimeoutMilliseconds)
        }
        let events = ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
        zmq_socket_monitor(socket.raw, "inproc://parent-monitor", events)
        let watcher = try ZMQSocket(ZMQ_PAIR, in: context)
        try watcher.connect("inproc://parent-monitor")
        try socket.connect(endpoint)
        parent = SocketBox(socket)
        monitor = SocketBox(watcher)
    }

    private func configure(_ socket: borrowing ZMQSocket) throws(ZMQFailure) {
        try socket.set(ZMQ_SNDHWM, 0)
        try socket.set(ZMQ_LINGER, 5)
        try socket.set(ZMQ_IPV6, options.usesIPv6 ? 1 : 0)
        try socket.set(ZMQ_ZAP_DOMAIN, "flux")
        try socket.set(ZMQ_CURVE_PUBLICKEY, options.keys.publicKey)
        try socket.set(ZMQ_CURVE_SECRETKEY, options.keys.secretKey)
        if options.userTimeoutMilliseconds > 0 { try socket.set(ZMQ_TCP_MAXRT, options.userTimeoutMilliseconds) }
    }

    package func start(_ arrived: @escaping (OverlayArrival) -> Void) throws {
        self.arrived = arrived
        for box in [authenticator, children, parent, monitor] {
            guard let box else { continue }
            watches.append(try reactor.watch(box.socket.descriptor, for: .readable) { _ in })
        }
        hook = reactor.addPrepareHook { [weak self] in self?.receiveAll() ?? false }
    }

    package func sendToParent(_ message: Message) { _ = parent?.socket.send(message.parts) }

    package func send(_ message: Message, toChild uuid: String) -> Bool {
        children?.socket.send([Array(uuid.utf8)] + message.parts) ?? false
    }

    package func stop() {
        if let hook { reactor.removePrepareHook(hook) }
        for watch in watches { reactor.unwatch(watch) }
        watches = []
        arrived = nil
        monitor = nil
        parent = nil
        children = nil
        authenticator = nil
    }

    /// Takes a bounded number of messages from every socket; true when there may be more.
    private func receiveAll() -> Bool {
        var hasMore = false
        if let socket = authenticator { while socket.socket.isReadable { authenticate() } }
        for _ in 0..<256 {
            guard let box = parent, box.socket.isReadable, let parts = box.socket.receive() else { break }
            if let message = try? Message(parts: parts) { arrived?(.fromParent(message)) }
        }
        for _ in 0..<256 {
            guard let box = children, box.socket.isReadable, let parts = box.socket.receive() else { break }
            guard let name = parts.first, let message = try? Message(parts: Array(parts.dropFirst())) else { continue }
            arrived?(.fromChild(String(decoding: name, as: UTF8.self), message))
        }
        while let box = monitor, box.socket.isReadable, let parts = box.socket.receive() { observe(parts) }
        if parent?.socket.isReadable == true || children?.socket.isReadable == true { hasMore = true }
        return hasMore
    }

    private func observe(_ parts: [[UInt8]]) {
        guard let first = parts.first, first.count >= 2 else { return }
        switch Int32(first[0]) | Int32(first[1]) << 8 {
        case ZMQ_EVENT_DISCONNECTED: arrived?(.parentDisconnected)
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: arrived?(.parentConnected)
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: arrived?(.refused("overlay: the parent does not know our key"))
        default: break
        }
    }

    /// Answers one ZAP request: a key that is known comes in.
    private func authenticate() {
        guard let socket = authenticator, let parts = socket.socket.receive() else { return }
        guard parts.count >= 7, parts[0] == Array("1.0".utf8), parts[5] == Array("CURVE".utf8),
            let key = CurveKeys.text(of: parts[6])
        else {
            _ = socket.socket.send(["1.0", "", "500", "Malformed request", "", ""].map { Array($0.utf8) })
            return
        }
        let isKnown = authorized.contains(key)
        if !isKnown { arrived?(.refused("overlay auth No access")) }
        let answer = isKnown ? ["200", "OK", key, ""] : ["400", "No access", "", ""]
        _ = socket.socket.send([Array("1.0".utf8), parts[1]] + answer.map { Array($0.utf8) })
    }
}
