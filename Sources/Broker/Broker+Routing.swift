internal import Client
internal import Service
package import RFC03Message

extension Broker {
    /// Takes a message from a peer, asks the router, and carries out what it says.
    package func route(_ message: Message, from origin: Router.Origin) {
        perform(router.route(message, from: origin))
    }

    /// Puts the owner's credentials on a message of this broker that has none: receivers refuse it otherwise.
    func stamp(_ message: Message) -> Message {
        guard message.roles == [] else { return message }
        var message = message
        if message.userID == Message.unknownUser { message.userID = host.userID }
        message.roles = [.owner, .local]
        return message
    }

    func perform(_ directive: Router.Directive) {
        switch directive {
        case .serve(let request): serve(stamp(request))
        case .deliver(let message, let peer): deliver(stamp(message), to: peer)
        case .sendToParent(let message): network.sendToParent(stamp(message))
        case .sendToChild(let request, let child): network.sendRequest(stamp(request), toChild: child)
        case .answerChild(let response, let child):
            network.sendResponse(stamp(response), toChildWithUUID: child)
        case .complete(let response): deliverToSelf(stamp(response))
        case .publish(let event): publish(event)
        case .distribute(let event): distribute(event)
        case .drop: break
        }
    }

    /// Answers a request that has reached the broker itself.
    func respond(to request: Message, _ reply: Reply) {
        guard !request.flags.contains(.noResponse) else { return }
        builtinStates.countResponse(request.topic ?? "")
        switch reply {
        case .deferred: break
        case .empty: route(request.response(), from: .broker)
        case .json(let json): route(request.response(json: json), from: .broker)
        case .bytes(let bytes): route(request.response(payload: bytes), from: .broker)
        }
    }

    func respond(to request: Message, errnum: Int32, _ text: String? = nil) {
        perform(router.fail(request, errnum, text))
    }

    /// Gives a message to a module or to a client.
    private func deliver(_ message: Message, to peer: String) {
        if let port = ports[peer] {
            deliverToModule(message, peer, port)
        } else if let client = clients[peer] {
            if message.kind == .request { client.asked.note(message) }
            send(message, to: client)
        }
    }

    func send(_ message: Message, to client: ClientConnection) {
        guard !client.send(message) else { return }
        note(.err, "dropping client \(client.uuid.prefix(8)): it does not read, and \(ClientConnection.backlogLimit >> 20) MiB wait for it")
        remove(client)
    }

    // MARK: Events

    /// Gives an event its number and sends it to everyone. Rank 0 only.
    @discardableResult
    func publish(_ event: Message) -> UInt32 {
        eventSequence &+= 1
        var event = stamp(event)
        event.sequence = eventSequence
        distribute(event)
        return eventSequence
    }

    /// The event as clients see it, with the broker as its hop (observed: flux-core 0.88; RFC 3 has no routes in events).
    private func routed(_ event: Message) -> Message {
        var event = event
        event.routes = [attributes["broker.uuid"] ?? ""]
        return event
    }

    /// To the brokers below first, then to the subscribers here.
    func distribute(_ event: Message) {
        let topic = event.topic ?? "", peers = event.topic.map { subscriptions.peers(for: $0) } ?? []
        var event = event
        if size > 1 || peers.contains(where: { clients[$0] != nil }) { event.printPayload() }
        network.broadcast(event)
        builtinStates.countEvent(topic)
        for peer in peers {
            if peer.isEmpty {
                deliverToSelf(event)
            } else if let port = ports[peer] {
                deliverToModule(event, peer, port)
            } else if let client = clients[peer], client.maySee(event) {
                send(routed(event), to: client)
            }
        }
    }
}
