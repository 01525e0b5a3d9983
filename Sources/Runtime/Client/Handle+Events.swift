public import FluxJSON
public import RFC03Message

/// Names a subscription until it is given back.
public struct SubscriptionID: Hashable, Sendable {
    let number: UInt64
}

extension Handle {
    /// Calls `receive` for every event whose topic begins with `prefix`. Answered once the broker has noted it.
    ///
    /// - Throws: ``RPCError`` when the broker refuses.
    @discardableResult
    public func subscribe(
        _ prefix: String, _ receive: @escaping (Message) -> Void
    ) async throws(RPCError) -> SubscriptionID {
        lastSubscription += 1
        let id = SubscriptionID(number: lastSubscription)
        subscriptions[id.number] = EventSubscription(prefix: prefix, receive: receive)
        do {
            try await rpc("event.subscribe", ["topic": .string(prefix)])
        } catch {
            subscriptions[id.number] = nil
            throw error
        }
        return id
    }

    /// Ends a subscription.
    public func unsubscribe(_ id: SubscriptionID) {
        guard let subscription = subscriptions.removeValue(forKey: id.number) else { return }
        notify("event.unsubscribe", ["topic": .string(subscription.prefix)])
    }

    /// Publishes an event and gives its sequence number.
    ///
    /// - Parameter isPrivate: delivered only to the same user and to the instance owner.
    @discardableResult
    public func publish(_ topic: String, _ payload: JSON? = nil, isPrivate: Bool = false) async throws(RPCError) -> Int64 {
        var request: JSON.Object = ["topic": .string(topic), "flags": .int(isPrivate ? 0x20 : 0)]
        if let payload { request["payload"] = .string(Base64.encode(Message.jsonPayload(payload))) }
        let answer = try await query("event.publish", .object(request), nodeID: 0)
        return answer["seq"]?.intValue ?? 0
    }

    func receiveEvent(_ message: Message) {
        guard let topic = message.topic else { return }
        let wanted = subscriptions.filter { topic.utf8.starts(with: $0.value.prefix.utf8) }
        for (_, subscription) in wanted.sorted(by: { $0.key < $1.key }) { subscription.receive(message) }
    }
}
