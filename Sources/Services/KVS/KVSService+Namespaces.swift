internal import Blob
internal import Client
internal import FluxJSON
internal import Glibc
internal import RFC03Message
internal import RFC10Content
internal import Reactor
internal import Service

extension KVSService {
    // MARK: Requests

    /// `kvs.getroot`.
    func getRoot(_ request: Message) throws -> Reply {
        let name = try request.decodeJSON().requireObject().string("namespace")
        guard let namespace = try namespace(name, for: request) else { return .deferred }
        return .json([
            "owner": .int(Int64(Int32(bitPattern: namespace.owner))), "rootseq": .int(namespace.sequence),
            "rootref": .string(namespace.root.description), "flags": .int(namespace.flags),
            "namespace": .string(name),
        ])
    }

    /// `kvs.wait-version`.
    func waitVersion(_ request: Message) throws -> Reply {
        let payload = try request.decodeJSON().requireObject()
        let sequence = try payload.int("rootseq")
        let name = try payload.string("namespace")
        guard let namespace = try namespace(name, for: request) else { return .deferred }
        guard namespace.sequence >= sequence else {
            namespaces[name]?.versionWaiters.append((sequence, request))
            return .deferred
        }
        return .json(["rootseq": .int(namespace.sequence), "rootref": .string(namespace.root.description)])
    }

    /// `kvs.namespace-create`.
    func createNamespace(_ request: Message) async throws -> Reply {
        let payload = try request.decodeJSON().requireObject()
        let name = try payload.string("namespace")
        let rootText = try payload.string("rootref")
        let owner = try payload.int("owner")
        let flags = try payload.int("flags")
        guard rank == 0 else { throw ServiceError(errnum: Errno.noSystem, text: "Unknown service method 'kvs.namespace-create'") }
        guard let root = try? Blobref(parsing: rootText) else { throw ServiceError(errnum: Errno.invalid) }
        if let known = namespaces[name] {
            throw ServiceError(
                errnum: Errno.exists,
                text: known.isRemoved
                    ? "namespace with identical name in process of being removed. Try again later" : nil)
        }
        let user = UInt32(truncatingIfNeeded: owner)
        addNamespace(name, owner: user == UInt32.max ? instanceOwner : user, flags: flags, root: root, sequence: 0)
        sendEvent(
            "kvs.namespace-\(name)-created",
            [
                "namespace": .string(name), "rootseq": 0, "rootref": .string(root.description),
                "owner": .int(Int64(Int32(bitPattern: namespaces[name]?.owner ?? 0))),
            ])
        return .empty
    }

    /// The user that the instance belongs to.
    var instanceOwner: UInt32 { context.attributes["security.owner"].flatMap { UInt32($0) } ?? getuid() }

    func addNamespace(_ name: String, owner: UInt32, flags: Int64, root: Blobref, sequence: Int64) {
        var namespace = Namespace(
            name: name, owner: owner, flags: flags, root: root, sequence: sequence, now: seconds)
        if rank == 0 {
            var queue = CommitQueue(namespace: name, algorithm: algorithm, root: root, sequence: sequence)
            queue.isMerging = isMerging
            namespace.queue = queue
        }
        namespaces[name] = namespace
    }

    /// `kvs.namespace-remove`; an unknown name is no error.
    func removeNamespace(_ request: Message) throws -> Reply {
        let name = try request.decodeJSON().requireObject().string("namespace")
        guard name.lowercased() != CommitQueue.primary else { throw ServiceError(errnum: Errno.notSupported) }
        guard rank == 0 else { throw ServiceError(errnum: Errno.noSystem, text: "Unknown service method 'kvs.namespace-remove'") }
        guard let namespace = namespaces[name], !namespace.isRemoved else { return .empty }
        sendEvent("kvs.namespace-\(name)-removed", ["namespace": .string(name)])
        startRemoval(name)
        return .empty
    }

    /// From now on requests are refused; the namespace goes away when nothing is under way in it.
    func startRemoval(_ name: String) {
        guard let namespace = namespaces[name], !namespace.isRemoved else { return }
        namespaces[name]?.isRemoved = true
        for (_, request) in namespace.versionWaiters { flux.respond(to: request, errnum: Errno.notSupported) }
        namespaces[name]?.versionWaiters = []
        if rank == 0, var queue = namespace.queue {
            let waiting = queue.abandon(Errno.notSupported)
            namespaces[name]?.queue = queue
            for case .fail(let names, let errnum) in waiting {
                sendEvent(
                    "kvs.namespace-\(name)-error",
                    [
                        "namespace": .string(name), "names": .array(names.map { .string($0) }),
                        "errnum": .int(Int64(errnum)),
                    ])
                finish(name, names, errnum)
            }
        }
        dropIfIdle(name)
    }

    func dropIfIdle(_ name: String) {
        guard let namespace = namespaces[name], namespace.isRemoved, namespace.isIdle else { return }
        namespaces[name] = nil
        if let subscription = subscriptions.removeValue(forKey: name) { flux.unsubscribe(subscription) }
    }

    func listNamespaces() -> Reply {
        let known = namespaces.values.filter { !$0.isRemoved }.sorted { $0.name < $1.name }
        return .json([
            "namespaces": .array(
                known.map { namespace in
                    [
                        "namespace": .string(namespace.name),
                        "owner": .int(Int64(Int32(bitPattern: namespace.owner))),
                        "flags": .int(namespace.flags),
                    ]
                })
        ])
    }

    // MARK: Hooks of tests

    func pause(_ request: Message) throws -> Reply {
        let name = try request.decodeJSON().requireObject().string("namespace")
        guard try namespace(name, for: request) != nil else { return .deferred }
        namespaces[name]?.isPaused = true
        return .empty
    }

    func resume(_ request: Message) throws -> Reply {
        let name = try request.decodeJSON().requireObject().string("namespace")
        guard try namespace(name, for: request) != nil else { return .deferred }
        namespaces[name]?.isPaused = false
        let held = namespaces[name]?.heldEvents ?? []
        namespaces[name]?.heldEvents = []
        for event in held { receiveSetRoot(event) }
        return .empty
    }

    // MARK: Following

    /// Gets a namespace's root from upstream; the requests that need it run again then.
    func fetchRoot(_ name: String, for request: Message) {
        fetching[name, default: []].append(request)
        guard fetching[name]?.count == 1 else { return }
        Task { await self.follow(name) }
    }

    private func follow(_ name: String) async {
        do throws(RPCError) {
            // First the events, so that no update is lost between the answer and the subscription.
            if subscriptions[name] == nil {
                let id = try await flux.subscribe("kvs.namespace-\(name)") { event in
                    self.here { $0.receiveEvent(event, of: name) }
                }
                subscriptions[name] = id
            }
            let answer = try await flux.query(
                "kvs.getroot", ["namespace": .string(name)], nodeID: rank, flags: .upstream)
            try take(answer, name)
        } catch {
            if namespaces[name] == nil, let id = subscriptions.removeValue(forKey: name) { flux.unsubscribe(id) }
            for request in fetching.removeValue(forKey: name) ?? [] {
                flux.respond(to: request, errnum: error.errnum)
            }
            return
        }
        for request in fetching.removeValue(forKey: name) ?? [] { runAgain(request) }
    }

    private func take(_ answer: JSON, _ name: String) throws(RPCError) {
        guard let owner = answer["owner"]?.intValue, let sequence = answer["rootseq"]?.intValue,
            let text = answer["rootref"]?.stringValue, let root = try? Blobref(parsing: text),
            let flags = answer["flags"]?.intValue
        else { throw RPCError(errnum: Errno.proto) }
        if let namespace = namespaces[name] {
            // It is on its way out here; whoever asks for it is told so.
            guard !namespace.isRemoved else { throw RPCError(errnum: Errno.notSupported) }
            let ready = namespaces[name]?.setRoot(root, sequence, now: seconds) ?? []
            for request in ready { runAgain(request) }
        } else {
            addNamespace(
                name, owner: UInt32(truncatingIfNeeded: owner), flags: flags, root: root, sequence: sequence)
        }
    }

    /// An event whose topic begins with `kvs.namespace-NAME`; followers only.
    ///
    /// - Parameter name: the namespace of the subscription: another one may have a name that begins like it.
    func receiveEvent(_ event: Message, of name: String) {
        guard let topic = event.topic, let payload = try? event.decodeJSON().objectValue,
            let own = payload["namespace"]?.stringValue, own == name, namespaces[own] != nil
        else { return }
        if topic.hasSuffix("-setroot") {
            if namespaces[own]?.isPaused == true {
                namespaces[own]?.heldEvents.append(event)
            } else {
                receiveSetRoot(event)
            }
        } else if topic.hasSuffix("-error") {
            guard let errnum = payload["errnum"]?.intValue else { return }
            finish(own, Self.names(payload), Int32(truncatingIfNeeded: errnum))
            dropIfIdle(own)
        } else if topic.hasSuffix("-removed") {
            startRemoval(own)
        }
    }

    func receiveSetRoot(_ event: Message) {
        guard let payload = try? event.decodeJSON().objectValue, let name = payload["namespace"]?.stringValue,
            let sequence = payload["rootseq"]?.intValue, let text = payload["rootref"]?.stringValue,
            let root = try? Blobref(parsing: text)
        else { return }
        guard namespaces[name]?.isRemoved == false else {
            finish(name, Self.names(payload), Errno.notSupported)
            dropIfIdle(name)
            return
        }
        let ready = namespaces[name]?.setRoot(root, sequence, now: seconds) ?? []
        finish(name, Self.names(payload), nil)
        for request in ready { runAgain(request) }
    }

    private static func names(_ payload: JSON.Object) -> [String] {
        payload["names"]?.arrayValue?.compactMap(\.stringValue) ?? []
    }

    /// On each heartbeat: forget what has not been used for long.
    func expire() {
        cache.now = seconds
        cache.trim(keeping: Set(namespaces.values.map(\.root)))
        for (name, namespace) in namespaces {
            if namespace.isRemoved {
                dropIfIdle(name)
            } else if rank != 0, name != CommitQueue.primary, namespace.isIdle, seconds - namespace.lastUsed > 3600 {
                startRemoval(name)
            }
        }
    }
}
