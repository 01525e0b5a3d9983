internal import FluxJSON
public import RFC03Message

extension Message {
    /// Error number that ends a stream of responses normally: ENODATA.
    public static let endOfStream: UInt32 = 61

    /// Whether this request expects responses.
    public var expectsResponse: Bool { kind == .request && !flags.contains(.noResponse) && matchtag != 0 }

    /// Whether no response follows this one: it is not part of a stream, or it is an error.
    public var isLastResponse: Bool { kind == .response && (errnum != 0 || !flags.contains(.streaming)) }

    /// Where the request began: the id of the connection, empty for the broker itself.
    ///
    /// Matchtags are unique only together with it.
    public var origin: String { firstRoute ?? "" }

    /// Whether `request`, a `cancel` or `disconnect`, may end this request.
    ///
    /// Source: observed: flux-core 0.88 wants the same first route, and the owner's or the same user's credentials.
    public func mayBeEnded(by request: Message) -> Bool {
        origin == request.origin && request.credentials.mayAct(for: userID)
    }

    /// The request that asks the service to end this streaming request; it has no response of its own.
    ///
    /// - Parameter topic: for services whose method is not called `SERVICE.cancel`.
    public func cancelRequest(topic: String? = nil) -> Message {
        Message.request(
            topic ?? "\(service ?? "").cancel", json: ["matchtag": .int(Int64(matchtag))], nodeID: nodeID,
            flags: .noResponse)
    }

    /// The request that tells the service that the sender of this one is gone.
    ///
    /// Routes, node, credentials and matchtag stay; the last word of the topic becomes `disconnect`.
    public func disconnectRequest() -> Message {
        var message = self
        let words = (topic ?? "").split(separator: ".", omittingEmptySubsequences: false)
        message.topic = (words.dropLast() + ["disconnect"]).joined(separator: ".")
        message.payload = nil
        message.flags.insert(.noResponse)
        message.flags.remove(.streaming)
        return message
    }

    /// Whether a service gets one disconnect for this and `other`: same sender, service, node and direction.
    public func sharesDisconnect(with other: Message) -> Bool {
        origin == other.origin && service == other.service && nodeID == other.nodeID
            && flags.contains(.upstream) == other.flags.contains(.upstream)
    }
}
