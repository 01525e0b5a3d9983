public import Client
public import FluxJSON
public import RFC03Message
internal import Reactor

/// A command's conversation with an instance.
public enum Session {
    /// Connects to the instance of the environment, or to `uri`, and runs `body` on a reactor of its own.
    ///
    /// - Throws: ``Client/OpenError`` when there is no instance, and what `body` throws.
    public static func run(
        _ arguments: Arguments, uri: String? = nil, _ body: @escaping @Sendable (Handle) async throws -> Int32
    ) throws -> Int32 {
        let reactor = try Reactor()
        return try reactor.run {
            let flux = try Handle.open(uri, on: reactor)
            let code = try await body(flux)
            flux.close()
            return code
        }
    }
}

extension Handle {
    /// An attribute of the broker.
    ///
    /// - Throws: ``Client/RPCError``; ENOENT when there is no such attribute or it has no value.
    public func attribute(_ name: String, nodeID: UInt32 = Message.anyNode) async throws(RPCError) -> String {
        let answer = try await query("attr.get", ["name": .string(name)], nodeID: nodeID)
        guard let value = answer["value"]?.stringValue else {
            throw RPCError(errnum: Errno.noEntry, topic: "attr.get")
        }
        return value
    }

    /// The rank of the broker this command talks to.
    public func rank() async throws -> UInt32 { try await number("rank") }

    /// How many brokers the instance has.
    public func size() async throws -> UInt32 { try await number("size") }

    private func number(_ name: String) async throws -> UInt32 {
        let text = try await attribute(name)
        guard let number = UInt32(text) else { throw CommandError("attribute \(name) is no number: \(text)") }
        return number
    }
}

extension Handle {
    /// Asks and waits for the answer, but no longer than some seconds.
    ///
    /// - Parameter seconds: nil waits for ever.
    /// - Throws: ``Client/RPCError``; ETIMEDOUT when there is no answer in time.
    public func query(
        _ topic: String, _ payload: JSON? = nil, nodeID: UInt32 = Message.anyNode, within seconds: Double?
    ) async throws(RPCError) -> JSON {
        guard let seconds else { return try await query(topic, payload, nodeID: nodeID) }
        var timer: TimerID?
        let result: Result<Message, RPCError> = await withCheckedContinuation { continuation in
            var isDone = false
            let tag = call(.request(topic, json: payload, nodeID: nodeID)) { result in
                guard !isDone else { return }
                isDone = true
                continuation.resume(returning: result)
            }
            timer = reactor.schedule(after: .seconds(seconds)) { [self] in
                guard !isDone else { return }
                isDone = true
                forget(tag)
                continuation.resume(returning: .failure(RPCError(errnum: Errno.timedOut, topic: topic)))
            }
        }
        if let timer { reactor.cancel(timer) }
        let answer = try result.get()
        guard answer.payload != nil else { return .object([:]) }
        do { return try answer.decodeJSON() } catch { throw RPCError(errnum: Errno.proto, topic: topic) }
    }
}
