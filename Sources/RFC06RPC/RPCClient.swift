public import RFC03Message

/// The client's side of remote procedure calls: numbers for requests, and which response belongs to which request.
///
/// Performs no I/O. A request that is forgotten keeps its number until its last response has come, so that no later
/// request gets an answer that was meant for it.
///
/// ```swift
/// var calls = RPCClient()
/// let request = calls.begin(Message.request("attr.get", json: ["name": "size"]))   // matchtag 1
/// // … send it; for each response:
/// if case .response(to: let request, isLast: true) = calls.receive(response) { done(request) }
/// ```
/// Source: RFC 6; matchtags as flux-core 0.88 has them.
public struct RPCClient: Sendable {
    private struct Call {
        var request: Message
        var isForgotten = false
    }

    /// What a message from the other side is.
    public enum Arrival: Hashable, Sendable {
        /// A response; after the last one the number is free.
        case response(to: Message, isLast: Bool)
        /// A response to a request that has been forgotten.
        case forgotten
        /// No request has this number, or the message is no response for us.
        case stray
    }

    private var tags = MatchtagPool()
    private var calls: [UInt32: Call] = [:]

    /// Creates a client without requests.
    public init() {}

    /// The requests that wait for responses.
    public var pending: [Message] { calls.values.filter { !$0.isForgotten }.map(\.request) }

    /// Whether a number waits for a response, forgotten or not.
    public func isInUse(_ matchtag: UInt32) -> Bool { calls[matchtag] != nil }

    /// Numbers a request and remembers it, unless it expects no response.
    ///
    /// - Returns: the request to send.
    public mutating func begin(_ request: Message) -> Message {
        guard !request.flags.contains(.noResponse) else { return request }
        var request = request
        request.matchtag = tags.take()
        calls[request.matchtag] = Call(request: request)
        return request
    }

    /// Remembers a request that somebody else has numbered.
    ///
    /// - Returns: false when its number is in use.
    public mutating func adopt(_ request: Message) -> Bool {
        guard request.expectsResponse else { return true }
        guard calls[request.matchtag] == nil else { return false }
        calls[request.matchtag] = Call(request: request)
        return true
    }

    /// Finds the request that a response belongs to.
    ///
    /// A response belongs here when it has no routes left.
    public mutating func receive(_ response: Message) -> Arrival {
        guard response.kind == .response, response.routeStack.isEmpty, let call = calls[response.matchtag] else {
            return .stray
        }
        if response.isLastResponse {
            calls[response.matchtag] = nil
            tags.giveBack(response.matchtag)
        }
        return call.isForgotten ? .forgotten : .response(to: call.request, isLast: response.isLastResponse)
    }

    /// Takes back the interest in a request.
    public mutating func forget(_ matchtag: UInt32) { calls[matchtag]?.isForgotten = true }

    /// Forgets everything, as when the connection is gone.
    ///
    /// - Returns: the requests that got no last response.
    public mutating func reset() -> [Message] {
        defer { self = RPCClient() }
        return pending
    }
}
