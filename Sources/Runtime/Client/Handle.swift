public import RFC03Message
public import Reactor

/// A connection to a broker: requests and their answers, events, and requests to serve.
///
/// Commands, shells and services all talk through a handle. It belongs to one reactor: every method must be called
/// on that reactor's thread, which is what makes `@unchecked Sendable` right.
///
/// ```swift
/// let reactor = try Reactor()
/// let size = try reactor.run {
///     let flux = try Handle.open(on: reactor)
///     return try await flux.rpc("attr.get", ["name": "size"]).decodeJSON()["value"]?.stringValue
/// }
/// ```
public final class Handle: @unchecked Sendable {
    public let reactor: Reactor
    let transport: any Transport
    var pending: [UInt32: Pending] = [:]
    var freeTags: [UInt32] = []
    var lastTag: UInt32 = 0
    var subscriptions: [UInt64: EventSubscription] = [:]
    var lastSubscription: UInt64 = 0
    var closedWith: Int32?

    /// Called for each request that arrives; nil answers every request with ENOSYS.
    public var onRequest: ((Message) -> Void)?
    /// Called once when the connection ends, after pending requests got their error.
    public var onClose: ((Int32) -> Void)?
    /// Called for messages that answer no pending request, such as job-manager's allocation replies with matchtag 0.
    public var onUnmatchedResponse: ((Message) -> Void)?
    /// Credentials to put into messages, for tests of what others may do; the broker takes them from the owner only.
    var credentials: (userID: UInt32, roles: Message.Roles)?

    /// A request that waits for its answer.
    struct Pending {
        let topic: String
        let isStreaming: Bool
        let receive: (Result<Message, RPCError>) -> Void
    }

    struct EventSubscription {
        let prefix: String
        let receive: (Message) -> Void
    }

    /// - Parameter transport: opened here.
    public init(transport: any Transport, reactor: Reactor) throws {
        self.transport = transport
        self.reactor = reactor
        try transport.open(
            deliver: { [weak self] in self?.receive($0) },
            closed: { [weak self] in self?.transportClosed($0) })
    }

    deinit { transport.close() }

    /// Whether messages can still be exchanged.
    public var isOpen: Bool { closedWith == nil }

    /// Sends a message as it is.
    public func send(_ message: Message) { transport.send(signed(message)) }

    /// The message with the credentials that were asked for.
    func signed(_ message: Message) -> Message {
        guard let credentials else { return message }
        var message = message
        message.userID = credentials.userID
        message.roles = credentials.roles
        return message
    }

    /// Ends the connection; requests that wait get ECONNRESET.
    public func close() {
        (transport as? SocketTransport)?.drain()
        transport.close()
        transportClosed(Errno.connectionReset)
    }

    /// How many requests wait for an answer.
    public var pendingCount: Int { pending.count }

    private func transportClosed(_ code: Int32) {
        guard closedWith == nil else { return }
        closedWith = code
        let waiting = pending
        pending = [:]
        for request in waiting.values { request.receive(.failure(RPCError(errnum: code, topic: request.topic))) }
        onClose?(code)
        onClose = nil
    }

    private func receive(_ message: Message) {
        switch message.kind {
        case .response: receiveResponse(message)
        case .event: receiveEvent(message)
        case .request:
            if let onRequest {
                onRequest(message)
            } else {
                respond(to: message, errnum: Errno.noSystem, "Unknown service method '\(message.topic ?? "")'")
            }
        case .control: break
        }
    }

    private func receiveResponse(_ message: Message) {
        guard let request = pending[message.matchtag], message.matchtag != 0 else {
            onUnmatchedResponse?(message)
            return
        }
        let isFinal = message.errnum != 0 || !request.isStreaming
        if isFinal {
            pending[message.matchtag] = nil
            freeTags.append(message.matchtag)
        }
        if message.errnum == 0 {
            request.receive(.success(message))
        } else {
            let text = message.payloadText.flatMap { $0.isEmpty ? nil : $0 }
            let error = RPCError(errnum: Int32(bitPattern: message.errnum), text: text, topic: request.topic)
            request.receive(.failure(error))
        }
    }
}
