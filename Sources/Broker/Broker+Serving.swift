internal import Client
internal import FluxJSON
internal import RFC03Message
internal import Service

/// A method of the broker's own services.
struct BrokerMethod: Sendable {
    let roles: Message.Roles
    let body: @Sendable (isolated Broker, Message) throws -> Reply

    init(_ roles: Message.Roles = .owner, _ body: @escaping @Sendable (isolated Broker, Message) throws -> Reply) {
        self.roles = roles
        self.body = body
    }
}

extension Broker {
    /// The services that the broker offers itself; everything else is a module.
    static let ownServices = [
        "broker", "log", "attr", "event", "service", "module", "runat", "state-machine", "shutdown", "overlay",
        "heaptrace", "config", "connector-local",
    ]

    static let methods: [String: BrokerMethod] = {
        let groups = [
            attributeMethods, eventMethods, serviceMethods, logMethods, moduleMethods, lifeCycleMethods, ownMethods,
            configMethods,
        ]
        return groups.reduce(into: [:]) { table, group in table.merge(group) { first, _ in first } }
    }()

    /// Runs the method of a request that the router gave to the broker.
    func serve(_ request: Message) {
        let topic = request.topic ?? ""
        builtinStates.countRequest(topic)
        guard let method = Self.methods[topic] ?? Self.standardMethod(topic) else {
            if topic.hasPrefix("overlay."), network.serve(request, respond: { self.here($0) }) { return }
            if topic.hasSuffix(".disconnect") { return disconnect(request) }
            return respond(to: request, errnum: Errno.noSystem, "Unknown service method '\(topic)'")
        }
        guard method.roles == .everyone || !request.roles.isDisjoint(with: method.roles) else {
            let text =
                method.roles == .owner
                ? "Request requires owner credentials" : "Request rejected due to insufficient privilege"
            return respond(to: request, errnum: Errno.perm, text)
        }
        do {
            respond(to: request, try method.body(self, request))
        } catch {
            let refusal = ServiceError(describing: error)
            respond(to: request, errnum: refusal.errnum, refusal.text)
        }
    }

    /// A response that the overlay network made.
    private nonisolated func here(_ response: Message) {
        assumeIsolated { $0.route(response, from: .broker) }
    }

    /// A sender is gone: forget what it waits for.
    private func disconnect(_ request: Message) {
        _ = logFollowers.disconnect(by: request)
        _ = stateMonitors.disconnect(by: request)
        _ = traces.disconnect(by: request)
        stateWaiters.removeAll { $0.sender == request.sender }
        if shutdownRequest?.sender == request.sender {
            shutdownRequest = nil
            if lifeCycle.state == .goodbye { finishGoodbye() }
        }
    }

    /// `broker.*` and `heaptrace.*`.
    private static let ownMethods: [String: BrokerMethod] = [
        "broker.getenv": BrokerMethod { broker, request in
            var found: JSON.Object = [:]
            for name in try request.decodeJSON().requireObject().array("names") {
                guard let name = name.stringValue else { throw ServiceError(errnum: Errno.proto) }
                if let value = broker.host.environment[name] { found[name] = .string(value) }
            }
            return .json(["env": .object(found)])
        },
        "heaptrace.start": BrokerMethod { _, request in
            _ = try request.decodeJSON().requireObject().string("filename")
            throw ServiceError(errnum: Errno.noSystem, text: "this broker has no heap profiler")
        },
        "heaptrace.dump": BrokerMethod { _, request in
            _ = try request.decodeJSON().requireObject().string("reason")
            throw ServiceError(errnum: Errno.noSystem, text: "this broker has no heap profiler")
        },
        "broker.setenv": BrokerMethod { broker, request in
            let changes = try request.decodeJSON().requireObject().object("env")
            for (name, value) in changes {
                guard !name.isEmpty, !name.contains("="), value == .null || value.stringValue != nil else {
                    throw ServiceError(errnum: Errno.proto)
                }
            }
            for (name, value) in changes { broker.host.environment[name] = value.stringValue }
            return .empty
        },
        "broker.conf-builtin": BrokerMethod(.everyone) { broker, request in
            let keys = try request.decodeJSON().requireObject().array("keys")
            var values: JSON.Object = [:]
            for key in keys {
                guard let key = key.stringValue else { continue }
                guard let value = broker.host.installation[key] else {
                    throw ServiceError(errnum: Errno.invalid, text: "\(key): invalid key")
                }
                values[key] = .string(value)
            }
            return .json(["values": .object(values)])
        },
        "broker.disconnect": BrokerMethod(.everyone) { broker, request in
            broker.disconnect(request)
            return .deferred
        },
    ]

    /// `service.*`.
    private static let serviceMethods: [String: BrokerMethod] = [
        "service.add": BrokerMethod(.anyUser) { broker, request in
            let name = try request.decodeJSON().requireObject().string("service")
            let peer = try broker.localPeer(of: request)
            guard !name.contains(".") else { throw ServiceError(errnum: Errno.invalid) }
            guard request.roles.contains(.owner) || name.hasPrefix("\(request.userID)-") else {
                throw ServiceError(errnum: Errno.perm)
            }
            guard broker.router.addService(name, .peer(peer)) else { throw ServiceError(errnum: Errno.exists) }
            broker.modules[uuid: peer]?.services.append(name)
            broker.clients[peer]?.services.insert(name)
            return .empty
        },
        "service.remove": BrokerMethod(.anyUser) { broker, request in
            let name = try request.decodeJSON().requireObject().string("service")
            let peer = try broker.localPeer(of: request)
            try broker.router.removeService(name, of: .peer(peer))
            broker.modules[uuid: peer]?.services.removeAll { $0 == name }
            broker.clients[peer]?.services.remove(name)
            return .empty
        },
    ]

    /// The module or client of this broker that a request comes from.
    private func localPeer(of request: Message) throws(ServiceError) -> String {
        guard let peer = request.firstRoute else { throw ServiceError(errnum: Errno.proto) }
        guard ports[peer] != nil || clients[peer] != nil else {
            throw ServiceError(errnum: Errno.noEntry, text: "requestor is not local")
        }
        return peer
    }

    /// `event.*`.
    private static let eventMethods: [String: BrokerMethod] = [
        "event.subscribe": BrokerMethod(.anyUser) { broker, request in
            let topic = try request.decodeJSON().requireObject().string("topic")
            broker.subscriptions.add(topic, of: request.firstRoute ?? "")
            return .empty
        },
        "event.unsubscribe": BrokerMethod(.anyUser) { broker, request in
            let topic = try request.decodeJSON().requireObject().string("topic")
            guard broker.subscriptions.remove(topic, of: request.firstRoute ?? "") else {
                throw ServiceError(errnum: Errno.noEntry)
            }
            return .empty
        },
        "event.publish": BrokerMethod(.anyUser) { broker, request in
            guard broker.rank == 0 else {
                throw ServiceError(errnum: Errno.proto, text: "this service is only available on rank 0")
            }
            let payload = try request.decodeJSON().requireObject()
            let flags = try payload.int("flags")
            guard flags == 0 || flags == 0x20 else { throw ServiceError(errnum: Errno.proto) }
            var event = Message.event(try payload.string("topic"))
            if let text = try payload.optionalString("payload") {
                guard let bytes = try? Base64.decode(text) else { throw ServiceError(errnum: Errno.proto) }
                event.payload = bytes.isEmpty ? nil : bytes
            }
            if flags == 0x20 { event.flags.insert(.isPrivate) }
            event.userID = request.userID
            event.roles = request.roles
            return .json(["seq": .int(Int64(broker.publish(event)))])
        },
    ]

    /// `attr.*`.
    private static let attributeMethods: [String: BrokerMethod] = [
        "attr.get": BrokerMethod(.everyone) { broker, request in
            let name = try request.decodeJSON().requireObject().string("name")
            guard let value = broker.attributes[name] else { throw ServiceError(errnum: Errno.noEntry) }
            let isImmutable = AttributeTable.flags(of: name)?.contains(.immutable) == true
            return .json(["value": .string(value), "flags": .int(isImmutable ? 1 : 0)])
        },
        "attr.list": BrokerMethod(.everyone) { broker, _ in
            .json(["names": .array(broker.attributes.names.map { .string($0) })])
        },
        "attr.set": BrokerMethod { broker, request in
            let payload = try request.decodeJSON().requireObject()
            let name = try payload.string("name")
            let value = try payload.string("value")
            do {
                try broker.attributes.checkUpdate(name, isForced: try payload.optionalBool("force") ?? false)
            } catch let refusal as AttributeTable.Refusal {
                throw ServiceError(errnum: refusal.errnum, text: refusal.description)
            }
            if name == "log-stderr-level" {
                guard let level = Int(value), (-1...7).contains(level) else {
                    throw ServiceError(errnum: Errno.invalid, text: "invalid level")
                }
                broker.log.levels.stderr = level
            }
            if name.hasPrefix("test-rd.") { return broker.redirectAttribute(name, value, request) }
            broker.attributes.put(name, value)
            return .empty
        },
        "attr.rm": BrokerMethod { broker, request in
            let name = try request.decodeJSON().requireObject().string("name")
            do {
                try broker.attributes.remove(name)
            } catch let error as AttributeTable.Refusal {
                throw ServiceError(errnum: error.errnum, text: nil)
            }
            return .empty
        },
    ]

    /// Lets the service that owns an attribute decide; the value is stored when it agrees.
    private func redirectAttribute(_ name: String, _ value: String, _ request: Message) -> Reply {
        flux.call(.request("testrd.setattr", json: ["name": .string(name), "value": .string(value)])) { result in
            self.assumeIsolated { broker in
                switch result {
                case .success:
                    broker.attributes.put(name, value)
                    broker.respond(to: request, .empty)
                case .failure(let error): broker.respond(to: request, errnum: error.errnum, error.text)
                }
            }
        }
        return .deferred
    }
}
