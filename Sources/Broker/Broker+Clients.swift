internal import Client
internal import RFC03Message
internal import Reactor
internal import Service

extension Broker {
    /// Opens the socket of the local connector.
    ///
    /// - Throws: `SystemError` when the path cannot be bound.
    func openConnector() throws {
        guard host.hasConnector, let uri = attributes["local-uri"] else { return }
        let path = String(uri.dropFirst("local://".count))
        listener = try SocketListener(path: path, reactor: reactor) { peer in
            self.assumeIsolated { $0.accept(peer) }
        }
    }

    /// Admits a client or turns it away, with one byte.
    private func accept(_ peer: SocketListener.Peer) {
        let policy = (try? AccessPolicy(configuration: configuration)) ?? AccessPolicy()
        var roles = policy.roles(of: peer.userID, owner: host.userID)
        var userID = peer.userID
        if takeConnectorDebugFlag(1) {
            note(.err, "connect by uid=\(userID) denied by debug flag")
            roles = []
        }
        guard roles != [] else {
            SocketHandshake.refuse(peer.descriptor, errnum: Errno.perm)
            return
        }
        if takeConnectorDebugFlag(4), roles.contains(.owner) {
            roles = .user
            userID = Message.unknownUser
        }
        SocketHandshake.accept(peer.descriptor)
        let client = ClientConnection(
            uuid: reactor.makeUUID(), userID: userID, roles: roles,
            transport: SocketTransport(descriptor: peer.descriptor, reactor: reactor))
        let uuid = client.uuid
        clients[uuid] = client
        router.addPeer(uuid)
        do {
            try client.open(
                deliver: { message in self.assumeIsolated { $0.receive(message, from: uuid) } },
                closed: { _ in self.assumeIsolated { $0.clientClosed(uuid) } })
        } catch {
            remove(client)
        }
    }

    /// Flags for tests that hold for one connection: 1 denies it, 4 makes a guest of the owner.
    private func takeConnectorDebugFlag(_ flag: Int64) -> Bool {
        let flags = builtinStates["connector-local"].debug
        builtinStates["connector-local"].debug = flags & ~flag
        return flags & flag != 0
    }

    /// Says in the log who may connect.
    func noteAccess(_ policy: AccessPolicy) {
        for (key, isAllowed) in [
            ("allow-guest-user", policy.allowsGuests), ("allow-root-owner", policy.allowsRootOwner),
        ] {
            note(.debug, "\(key)=\(isAllowed)", component: "connector-local")
        }
    }

    private func receive(_ message: Message, from uuid: String) {
        guard let client = clients[uuid] else { return }
        var message = message
        client.stamp(&message)
        switch message.kind {
        case .request:
            if message.topic?.hasPrefix("event.") == true || message.topic?.hasPrefix("service.") == true {
                if serveConnectorMethod(message, from: client) { return }
            }
            client.sent.note(message)
            route(message, from: .client(uuid))
        case .response:
            guard client.asked.admits(message) else {
                note(.err, "client \(uuid.prefix(8)) sent a response that nobody asked it for: \(message.topic ?? "")")
                return
            }
            route(message, from: .client(uuid))
        case .event: route(message, from: .client(uuid))
        case .control: break
        }
    }

    /// The four topics that the connector answers itself.
    private func serveConnectorMethod(_ request: Message, from client: ClientConnection) -> Bool {
        guard let topic = request.topic,
            ["event.subscribe", "event.unsubscribe", "service.add", "service.remove"].contains(topic)
        else { return false }
        var request = request
        request.flags.insert(.route)
        request.pushRoute(client.uuid)
        var response: Message
        do {
            guard let method = Self.methods[topic] else { return false }
            _ = try method.body(self, request)
            response = request.response()
        } catch {
            response = request.errorResponse(ServiceError(describing: error).errnum, nil)
        }
        _ = response.popRoute()
        response.roles = .owner
        response.flags.remove(.noResponse)
        send(response, to: client)
        return true
    }

    private func clientClosed(_ uuid: String) {
        if let client = clients[uuid] { remove(client) }
    }

    /// Ends a client's connection and tells everyone whom it asked.
    func remove(_ client: ClientConnection) {
        guard clients.removeValue(forKey: client.uuid) != nil else { return }
        client.close()
        subscriptions.removeAll(of: client.uuid)
        for farewell in client.sent.farewells { route(farewell, from: .client(client.uuid)) }
        router.removePeer(client.uuid)
        for request in client.asked.unanswered {
            respond(to: request, errnum: Errno.noSystem, "No service matching \(request.topic ?? "") is registered")
        }
    }
}
