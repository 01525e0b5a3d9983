internal import Client
internal import FluxJSON
internal import RFC03Message
internal import Reactor
internal import Service

extension Broker {
    /// Modules that come with every broker, whatever rc1 loads.
    static let builtins: Set = ["groups", "rexec"]

    /// Starts a module; `request` is answered when it runs or has failed.
    ///
    /// - Throws: ``ServiceError`` when there is no such module or its name is taken.
    func loadModule(
        _ path: String, name: String? = nil, arguments: [String] = [], loader: String? = nil, isProcess: Bool = false,
        request: Message?
    ) throws {
        let file = ExternalModule.name(ofFile: path)
        if loader != nil, !path.contains("/") {
            throw ServiceError(
                errnum: Errno.invalid, text: "module loader may only be specified with module path")
        }
        var factory = settings.factories[path] ?? (path.hasPrefix(host.programPath) ? nil : settings.factories[file])
        if loader != nil || isProcess { factory = nil }
        let name = name ?? factory?.name ?? file
        let uuid = reactor.makeUUID()
        guard !name.contains("."), !name.isEmpty else { throw ServiceError(errnum: Errno.invalid) }
        guard modules[name: name] == nil, router.services[name] == nil else {
            throw ServiceError(errnum: Errno.exists, text: "error registering \(name) service")
        }
        let port: any ModuleChannel
        let shownPath: String
        if let factory {
            port = openPort(factory, uuid: uuid)
            shownPath = Self.builtins.contains(name) ? "builtin" : host.programPath
        } else {
            guard let found = ExternalModule.find(path, searchPath: host.environment["FLUX_MODULE_PATH"]) else {
                throw ServiceError(errnum: Errno.noEntry, text: "module not found in search path")
            }
            port = try openProcess(found, loader: loader, uuid: uuid)
            shownPath = found
        }
        _ = router.addService(name, .peer(uuid))
        note(.debug, "insmod \(name)")
        ports[uuid] = port
        router.addPeer(uuid)
        modules[uuid: uuid] = ModuleTable.Module(
            name: name, uuid: uuid, path: shownPath, lastHeard: reactor.now, loadRequest: request)
        port.deliverToModule(welcome(name: name, uuid: uuid, arguments: arguments))
    }

    /// A module in this process.
    private func openPort(_ factory: ServiceFactory, uuid: String) -> ModulePort {
        let moduleReactor = settings.placement(of: factory.name) ?? reactor
        let port = ModulePort(broker: reactor, module: moduleReactor) { message in
            self.assumeIsolated { $0.receive(message, fromModule: uuid) }
        }
        moduleReactor.post {
            do {
                try factory.launch(port, moduleReactor)
            } catch {
                port.send(.request("module.status", json: ["status": 3, "errnum": 22, "errstr": .string("\(error)")]))
            }
        }
        return port
    }

    /// A module that is a process.
    private func openProcess(_ path: String, loader: String?, uuid: String) throws -> ExternalModule {
        var environment = ProgramEnvironment.cleaned(host.environment)
        environment["FLUX_URI"] = attributes["local-uri"]
        do {
            return try ExternalModule(
                path: path, loader: loader, environment: environment, reactor: reactor,
                receive: { message in self.assumeIsolated { $0.receive(message, fromModule: uuid) } },
                ended: { end in self.assumeIsolated { $0.processEnded(uuid, end) } })
        } catch let failure as ExternalModule.Failure {
            throw ServiceError(errnum: failure.errnum, text: failure.description)
        }
    }

    /// The process of a module is gone, with or without a word.
    private func processEnded(_ uuid: String, _ end: ExternalModule.End) {
        guard let module = modules[uuid: uuid] else { return }
        var payload: JSON.Object = ["errnum": .int(Int64(Errno.invalid))]
        if let text = end.text, module.removeRequests.isEmpty {
            payload["errstr"] = .string(text)
            note(.err, "\(module.name): \(text)")
        }
        moduleExited(module, .object(payload))
    }

    private func welcome(name: String, uuid: String, arguments: [String]) -> Message {
        var attributeObject: JSON.Object = [:]
        for (key, value) in attributes.immutable { attributeObject[key] = .string(value) }
        var welcome = Message.request(
            "welcome",
            json: [
                "args": .array(arguments.map { .string($0) }), "attrs": .object(attributeObject),
                "conf": configuration, "name": .string(name), "uuid": .string(uuid),
            ])
        welcome.flags.insert(.noResponse)
        welcome.roles = .owner
        welcome.userID = host.userID
        return welcome
    }

    /// Loads a module and waits until it runs.
    func load(_ path: String, arguments: [String] = []) async throws(RPCError) {
        let payload: JSON = ["path": .string(path), "args": .array(arguments.map { .string($0) })]
        try await flux.rpc("module.load", payload, nodeID: rank)
    }

    private func receive(_ message: Message, fromModule uuid: String) {
        guard modules.hear(from: uuid, at: reactor.now) else { return }
        var message = message
        if message.userID == Message.unknownUser { message.userID = host.userID }
        if message.roles == [] { message.roles = [.owner, .local] }
        trace(message, "rx", uuid)
        if message.kind == .request {
            if message.topic == "module.status", moduleStatus(message, uuid) { return }
            modules.note(message, from: uuid)
        }
        route(message, from: .module(uuid))
    }

    func deliverToModule(_ message: Message, _ uuid: String, _ port: any ModuleChannel) {
        switch modules.admit(message, to: uuid) {
        case .deliver:
            trace(message, "tx", uuid)
            port.deliverToModule(message)
        case .refuse: respond(to: message, errnum: Errno.noSystem, nil)
        case .deferred, .drop: break
        }
    }

    /// A module tells how far it is.
    ///
    /// - Returns: false when the request makes no sense; then it is refused like anybody's.
    private func moduleStatus(_ message: Message, _ uuid: String) -> Bool {
        guard var module = modules[uuid: uuid], let payload = try? message.decodeJSON(),
            let number = payload["status"]?.intValue, let status = ModuleTable.Status(rawValue: Int(number))
        else { return false }
        module.status = status
        let loadRequest = module.loadRequest
        if status == .running { module.loadRequest = nil }
        modules[uuid: uuid] = module
        switch status {
        case .starting: break
        case .running: if let loadRequest { respond(to: loadRequest, .empty) }
        case .finalizing:
            var answer = message
            answer.pushRoute(uuid)
            respond(to: answer, .empty)
        case .exited: moduleExited(module, payload)
        }
        return true
    }

    private func moduleExited(_ module: ModuleTable.Module, _ payload: JSON) {
        let errnum = Int32(truncatingIfNeeded: payload["errnum"]?.intValue ?? 0)
        let text = payload["errstr"]?.stringValue
        note(.debug, "rmmod \(module.name)")
        for farewell in module.sent.farewells {
            var farewell = farewell
            farewell.userID = host.userID
            farewell.roles = [.owner, .local]
            route(farewell, from: .module(module.uuid))
        }
        subscriptions.removeAll(of: module.uuid)
        router.removePeer(module.uuid)
        let unanswered = ports.removeValue(forKey: module.uuid)?.disconnect() ?? []
        modules[uuid: module.uuid] = nil
        for request in unanswered { respond(to: request, errnum: Errno.hostUnreachable, "module disconnect") }
        if let request = module.loadRequest {
            if errnum == 0 {
                respond(to: request, .empty)
            } else {
                respond(to: request, errnum: errnum, text)
            }
        } else if errnum != 0, module.removeRequests.isEmpty {
            note(.crit, "\(module.name) module runtime failure: \(text ?? RPCError(errnum: errnum).description)")
            if attributes["broker.module-nopanic"] == nil { panic() }
        }
        for request in module.removeRequests { respond(to: request, .empty) }
    }

    private func requestRemoval(_ name: String, isForced: Bool, _ request: Message) throws -> Reply {
        guard var module = modules.find(name), let port = ports[module.uuid] else {
            throw ServiceError(errnum: Errno.noEntry)
        }
        module.removeRequests.append(request)
        let isFirst = module.removeRequests.count == 1
        modules[uuid: module.uuid] = module
        if isForced {
            if !port.cancel() { moduleExited(module, [:]) }
        } else if isFirst {
            var shutdown = Message.request("\(module.name).shutdown")
            shutdown.flags.insert(.noResponse)
            shutdown.roles = .owner
            port.deliverToModule(shutdown)
        }
        return .deferred
    }

    /// `module.*`.
    static let moduleMethods: [String: BrokerMethod] = [
        "module.load": BrokerMethod { broker, request in
            let payload = try request.decodeJSON().requireObject()
            let arguments = try payload.array("args").map { value throws(ServiceError) in
                guard let text = value.stringValue else { throw ServiceError(errnum: Errno.proto) }
                return text
            }
            try broker.loadModule(
                try payload.string("path"), name: try payload.optionalString("name"), arguments: arguments,
                loader: try payload.optionalString("loader"), isProcess: try payload.optionalBool("exec") ?? false,
                request: request)
            return .deferred
        },
        "module.remove": BrokerMethod { broker, request in
            let payload = try request.decodeJSON().requireObject()
            return try broker.requestRemoval(
                try payload.string("name"), isForced: try payload.optionalBool("cancel") ?? false, request)
        },
        "module.status": BrokerMethod { _, request in
            // From a module this does not come here; anybody else may say what he likes.
            guard let payload = try? request.decodeJSON(), payload["status"]?.intValue != nil else {
                throw ServiceError(errnum: Errno.proto, text: "error decoding module.status request")
            }
            return .empty
        },
        "module.list": BrokerMethod(.anyUser) { broker, _ in
            let own = ["config", "connector-local", "overlay"].map { name -> JSON in
                [
                    "name": .string(name), "path": "builtin", "idle": 0, "status": 1, "services": [.string(name)],
                    "sendqueue": 0, "recvqueue": 0,
                ]
            }
            let list = broker.modules.all.map { module -> JSON in
                let idle = (broker.reactor.now - module.lastHeard) / 1_000_000_000
                return [
                    "name": .string(module.name), "path": .string(module.path), "idle": .int(idle),
                    "status": .int(Int64(module.status.rawValue)),
                    "services": .array(([module.name] + module.services).map { .string($0) }), "sendqueue": 0, "recvqueue": 0,
                ]
            }
            return .json(["mods": .array(own + list)])
        },
        "module.debug": BrokerMethod { broker, request in
            let payload = try request.decodeJSON().requireObject()
            guard var module = broker.modules[name: try payload.string("name")] else {
                throw ServiceError(errnum: Errno.noEntry)
            }
            let isDeferred = try payload.optionalBool("defer") ?? false
            let waiting = isDeferred ? [] : module.deferred
            module.isDeferred = isDeferred
            if !isDeferred { module.deferred = [] }
            broker.modules[uuid: module.uuid] = module
            if let port = broker.ports[module.uuid] {
                for message in waiting { port.deliverToModule(message) }
            }
            return .empty
        },
        "module.trace": BrokerMethod { broker, request in
            guard request.flags.contains(.streaming) else { throw ServiceError(errnum: Errno.proto) }
            broker.traces.add(request, try TraceFilter(json: try request.decodeJSON()))
            return .deferred
        },
        "module.disconnect": BrokerMethod(.everyone) { broker, request in
            _ = broker.traces.disconnect(by: request)
            return .deferred
        },
        "module.cancel": BrokerMethod(.everyone) { broker, request in
            let matchtag = try request.decodeJSON().requireObject().int("matchtag", as: UInt32.self)
            if let entry = broker.traces.cancel(matchtag: matchtag, by: request) {
                broker.respond(to: entry.request, errnum: Errno.noData)
            }
            return .deferred
        },
    ]

    private func trace(_ message: Message, _ prefix: String, _ uuid: String) {
        guard !traces.isEmpty, let module = modules[uuid: uuid] else { return }
        for (_, entry) in traces.all where entry.value.admits(message, module: module.name) {
            let record = entry.value.record(message, prefix: prefix, module: module.name, time: reactor.wallTime)
            respond(to: entry.request, .json(record))
        }
    }
}
