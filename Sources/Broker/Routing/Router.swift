package import Client
package import RFC03Message

/// Decides where each message of a broker goes. Does nothing itself.
///
/// Peers on this broker (modules and clients) are named by their UUID; a route stack records the way that an answer has
/// to go back. Requests travel towards rank 0 until a broker has the service, or to the rank they are addressed to.
///
/// Source: RFC 3, RFC 6; broker-protocol 2.5, 3.5 (observed: flux-core 0.88).
package struct Router {
    /// Where a message came from.
    package enum Origin: Hashable, Sendable {
        /// The broker's own code.
        case broker
        /// A module in this process or elsewhere, by UUID.
        case module(String)
        /// A client of the local connector, by UUID.
        case client(String)
        case parent
        /// A broker below, by UUID.
        case child(String)
    }

    /// What the owner has to do with a message.
    package enum Directive: Hashable, Sendable {
        /// Give it to a service of the broker itself.
        case serve(Message)
        /// Give it to a module or client, by UUID.
        case deliver(Message, to: String)
        case sendToParent(Message)
        /// Send a request towards a rank below through this direct child.
        case sendToChild(Message, rank: UInt32)
        /// Send an answer to the child with this UUID.
        case answerChild(Message, uuid: String)
        /// An answer to a request of the broker's own.
        case complete(Message)
        /// An event on its way to rank 0, to be given a sequence number and published there.
        case publish(Message)
        /// An event with a number: to everyone below and to the subscribers here.
        case distribute(Message)
        case drop(String)
    }

    /// Who offers a service.
    package enum Provider: Hashable, Sendable {
        case broker
        case peer(String)
    }

    package let rank: UInt32
    package let size: UInt32
    /// UUID of this broker, its hop in routes.
    package let uuid: String
    /// UUID of the parent, known once it has answered our hello.
    package var parentUUID: String?
    /// The direct child through which a rank is reached; nil when the rank is not below.
    package var nextHop: @Sendable (UInt32) -> UInt32?
    package private(set) var services: [String: Provider] = [:]
    private var peers: Set<String> = []
    /// Clients may ask before the broker is up for these topics only, until this is true.
    package var admitsClients = false

    private static let earlyTopics: Set<String> = [
        "state-machine.wait", "state-machine.get", "attr.get", "log.dmesg", "event.subscribe", "event.unsubscribe",
    ]

    package init(rank: UInt32, size: UInt32, uuid: String, nextHop: @escaping @Sendable (UInt32) -> UInt32?) {
        self.rank = rank
        self.size = size
        self.uuid = uuid
        self.nextHop = nextHop
    }

    // MARK: Peers and services

    package mutating func addPeer(_ uuid: String) { peers.insert(uuid) }

    /// Forgets a peer and gives the names of the services that it offered.
    @discardableResult
    package mutating func removePeer(_ uuid: String) -> [String] {
        peers.remove(uuid)
        let names = services.filter { $0.value == .peer(uuid) }.map(\.key)
        for name in names { services[name] = nil }
        return names.sorted()
    }

    /// - Returns: false when the name is taken.
    package mutating func addService(_ name: String, _ provider: Provider) -> Bool {
        guard services[name] == nil else { return false }
        services[name] = provider
        return true
    }

    /// - Throws: ``Client/RPCError`` ENOENT for an unknown name, EINVAL for another's.
    package mutating func removeService(_ name: String, of provider: Provider) throws(RPCError) {
        guard let owner = services[name] else {
            throw RPCError(errnum: Errno.noEntry, text: "\(name) is not registered")
        }
        guard owner == provider else {
            throw RPCError(errnum: Errno.invalid, text: "requestor did not register \(name)")
        }
        services[name] = nil
    }

    // MARK: Messages

    package func route(_ message: Message, from origin: Origin) -> Directive {
        switch message.kind {
        case .request: routeRequest(message, from: origin)
        case .response: routeResponse(message, from: origin)
        case .event: routeEvent(message, from: origin)
        case .control: .drop("control message outside the overlay")
        }
    }

    private func routeRequest(_ request: Message, from origin: Origin) -> Directive {
        var request = request
        switch origin {
        case .module(let id):
            request.pushRoute(id)
        case .client(let id):
            request.pushRoute(id)
            if !admitsClients, let topic = request.topic, !Self.earlyTopics.contains(topic) {
                return fail(request, Errno.again, "Upstream Flux broker is offline. Try again later.")
            }
        case .broker: request.flags.insert(.route)
        case .parent, .child: break
        }

        let node = request.nodeID
        if request.flags.contains(.upstream) && node == rank {
            return rank == 0 ? fail(request, Errno.hostUnreachable, nil) : .sendToParent(request)
        }
        if request.flags.contains(.upstream) || node == Message.anyNode {
            return serveHere(request) ?? towardsParent(request)
        }
        if node == rank { return serveHere(request) ?? noService(request) }
        if let child = nextHop(node) { return .sendToChild(request, rank: child) }
        if rank == 0 { return fail(request, Errno.hostUnreachable, nil) }
        if origin == .parent { return fail(request, Errno.hostUnreachable, nil) }
        return .sendToParent(request)
    }

    private func serveHere(_ request: Message) -> Directive? {
        guard let name = request.service else { return fail(request, Errno.proto, nil) }
        switch services[String(name)] {
        case .broker: return .serve(request)
        case .peer(let id): return .deliver(request, to: id)
        case nil: return nil
        }
    }

    private func towardsParent(_ request: Message) -> Directive {
        rank == 0 ? noService(request) : .sendToParent(request)
    }

    private func noService(_ request: Message) -> Directive {
        fail(request, Errno.noSystem, "No service matching \(request.topic ?? "") is registered")
    }

    /// The way of an error back to the sender of a request.
    package func fail(_ request: Message, _ errnum: Int32, _ text: String?) -> Directive {
        guard !request.flags.contains(.noResponse) else { return .drop("no response wanted") }
        return routeResponse(request.errorResponse(errnum, text), from: .broker)
    }

    private func routeResponse(_ response: Message, from origin: Origin) -> Directive {
        var response = response
        if case .child = origin {
            // The last hop of an answer from below is this broker's own, put there on the way down.
            guard response.routeStack.isLast(uuid) else { return .drop("answer from below without our hop") }
            _ = response.popRoute()
        }
        guard let next = response.lastRoute else { return .complete(response) }
        if peers.contains(next) {
            _ = response.popRoute()
            return .deliver(response, to: next)
        }
        if next == parentUUID { return .sendToParent(response) }
        return .answerChild(response, uuid: next)
    }

    private func routeEvent(_ event: Message, from origin: Origin) -> Directive {
        if origin == .parent { return .distribute(event) }
        return rank == 0 ? .publish(event) : .sendToParent(event)
    }
}
