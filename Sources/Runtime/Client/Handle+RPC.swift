public import FluxJSON
public import RFC03Message
internal import Reactor

extension Handle {
    /// A matchtag that no pending request uses.
    func makeTag() -> UInt32 {
        if let tag = freeTags.popLast() { return tag }
        lastTag += 1
        return lastTag
    }

    /// Sends a request and calls `receive` with each answer; for a streaming request until an error, which ENODATA
    /// is at the normal end, else exactly once.
    ///
    /// - Returns: the matchtag, for ``forget(_:)`` and for `SERVICE.cancel` requests.
    @discardableResult
    public func call(_ request: Message, _ receive: @escaping (Result<Message, RPCError>) -> Void) -> UInt32 {
        if let closedWith {
            let topic = request.topic
            reactor.later { receive(.failure(RPCError(errnum: closedWith, topic: topic))) }
            return 0
        }
        var request = request
        request.matchtag = makeTag()
        pending[request.matchtag] = Pending(
            topic: request.topic ?? "", isStreaming: request.flags.contains(.streaming), receive: receive)
        transport.send(signed(request))
        return request.matchtag
    }

    /// Takes back the interest in the answers of a request. Its matchtag is not used again.
    public func forget(_ matchtag: UInt32) { pending[matchtag] = nil }

    /// Asks and waits for the one answer.
    ///
    /// - Parameters:
    ///   - payload: a JSON object, or nil for none.
    ///   - nodeID: rank of the broker to ask; by default the nearest one upstream that has the service.
    /// - Throws: ``RPCError`` with the peer's errno and text, or the errno that ended the connection.
    @discardableResult
    public func rpc(
        _ topic: String, _ payload: JSON? = nil, nodeID: UInt32 = Message.anyNode, flags: Message.Flags = []
    ) async throws(RPCError) -> Message {
        try await rpc(.request(topic, json: payload, nodeID: nodeID, flags: flags))
    }

    /// Asks with a request made by the caller and waits for the one answer.
    @discardableResult
    public func rpc(_ request: Message) async throws(RPCError) -> Message {
        let result: Result<Message, RPCError> = await withCheckedContinuation { continuation in
            call(request) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Asks with a raw payload, as the content service wants it.
    public func rpc(
        _ topic: String, bytes: [UInt8]?, nodeID: UInt32 = Message.anyNode
    ) async throws(RPCError) -> Message {
        try await rpc(.request(topic, payload: bytes, nodeID: nodeID))
    }

    /// Asks and gives the answer's JSON object; an answer without payload is an empty object.
    ///
    /// - Throws: ``RPCError``; EPROTO when the payload is no JSON.
    public func query(
        _ topic: String, _ payload: JSON? = nil, nodeID: UInt32 = Message.anyNode, flags: Message.Flags = []
    ) async throws(RPCError) -> JSON {
        let answer = try await rpc(topic, payload, nodeID: nodeID, flags: flags)
        guard answer.hasPayload else { return .object([:]) }
        do {
            return try answer.decodeJSON()
        } catch {
            throw RPCError(errnum: Errno.proto, text: "\(topic): answer is not JSON: \(error)", topic: topic)
        }
    }

    /// Sends a request that is never answered.
    public func notify(
        _ topic: String, _ payload: JSON? = nil, nodeID: UInt32 = Message.anyNode, flags: Message.Flags = []
    ) {
        send(.request(topic, json: payload, nodeID: nodeID, flags: flags.union(.noResponse)))
    }

    /// Asks for a stream of answers.
    public func stream(
        _ topic: String, _ payload: JSON? = nil, nodeID: UInt32 = Message.anyNode, flags: Message.Flags = []
    ) -> ResponseStream {
        let stream = ResponseStream(handle: self, topic: topic, nodeID: nodeID)
        let request = Message.request(topic, json: payload, nodeID: nodeID, flags: flags.union(.streaming))
        stream.matchtag = call(request) { [weak stream] in stream?.receive($0) }
        return stream
    }

    // MARK: Answering

    /// Answers a request; a request that wants no answer gets none.
    public func respond(to request: Message, _ payload: JSON? = nil) {
        guard !request.flags.contains(.noResponse) else { return }
        send(request.response(json: payload))
    }

    /// Answers a request with raw bytes.
    public func respond(to request: Message, bytes: [UInt8]?) {
        guard !request.flags.contains(.noResponse) else { return }
        send(request.response(payload: bytes))
    }

    /// Answers a request with an error.
    public func respond(to request: Message, errnum: Int32, _ text: String? = nil) {
        guard !request.flags.contains(.noResponse) else { return }
        send(request.errorResponse(errnum, text))
    }
}
