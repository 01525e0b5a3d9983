internal import Client
public import FluxJSON
public import RFC03Message
internal import RFC10Content
internal import Reactor
public import Service

/// The `kvs-watch` module of every broker: answers a look-up again and again as the key changes.
///
/// Asks ``WatchTable`` and carries out what it wants with requests to `kvs` and `content`.
public actor KVSWatchService: Service {
    public nonisolated let context: ServiceContext
    private var table = WatchTable()
    private var requests = PendingRequests<Void>()
    /// Watchers by sender and matchtag, for `cancel`.
    private var byTag: [Tag: WatchTable.ID] = [:]
    private var subscriptions: [String: SubscriptionID] = [:]
    /// Namespaces that are followed, also while the subscription is being made.
    private var followed: Set<String> = []

    private struct Tag: Hashable {
        let sender: String
        let matchtag: UInt32
    }

    public init(context: ServiceContext) { self.context = context }

    public static let methods: [String: Method<KVSWatchService>] = [
        "lookup": .now(.anyUser) { (service, request) in try service.lookUp(request) },
        "cancel": .now(.anyUser) { (service, request) in service.cancel(request) },
    ]

    public func statistics() async throws -> JSON? { table.statistics }

    public func disconnected(_ request: Message) {
        let gone = byTag.filter { $0.key.sender == request.sender && mayTouch($0.value, request) }
        for id in gone.values.sorted() {
            forget(id)
            apply(.forget(id))
        }
    }

    private func lookUp(_ request: Message) throws -> Reply {
        let payload = try request.decodeJSON().requireObject()
        let namespace = try payload.string("namespace")
        let key = try payload.string("key")
        let flags = WatchTable.Flags(rawValue: try payload.int("flags"))
        if let (errnum, text) = WatchTable.refusal(of: flags, isStreaming: request.flags.contains(.streaming)) {
            throw ServiceError(errnum: errnum, text: text)
        }
        let id = requests.add(request, ())
        byTag[Tag(sender: request.sender, matchtag: request.matchtag)] = id
        let user = request.roles.contains(.owner) ? nil : request.userID
        apply(.add(id, namespace: namespace, key: Self.normalized(key), flags: flags, user: user))
        return .deferred
    }

    /// The key as set-root events name it: without leading, trailing and doubled dots.
    private static func normalized(_ key: String) -> String {
        let joined = key.split(separator: ".").joined(separator: ".")
        return joined.isEmpty && !key.isEmpty ? "." : joined
    }

    private func cancel(_ request: Message) -> Reply {
        guard let matchtag = try? request.decodeJSON()["matchtag"]?.intValue else { return .deferred }
        let tag = Tag(sender: request.sender, matchtag: UInt32(truncatingIfNeeded: matchtag))
        guard let id = byTag[tag], requests[id] != nil, mayTouch(id, request) else { return .deferred }
        apply(.cancel(id))
        return .deferred
    }

    /// Whether the sender is the instance owner or the user who asked.
    private func mayTouch(_ id: WatchTable.ID, _ request: Message) -> Bool {
        request.roles.contains(.owner)
            || (request.roles.contains(.user) && request.userID == requests[id]?.request.userID)
    }

    // MARK: Carrying out

    private func apply(_ event: WatchTable.Event) {
        for directive in table.apply(event) { carryOut(directive) }
    }

    private func carryOut(_ directive: WatchTable.Directive) {
        switch directive {
        case .follow(let namespace):
            followed.insert(namespace)
            Task { await self.follow(namespace) }
        case .askRoot(let namespace): askRoot(namespace)
        case .unfollow(let namespace):
            followed.remove(namespace)
            if let id = subscriptions.removeValue(forKey: namespace) { flux.unsubscribe(id) }
        case .lookUp(let id, let turn, let key, let flags, let namespace):
            lookUp(id, turn, ["key": .string(key), "namespace": .string(namespace), "flags": .int(flags)])
        case .lookUpAt(let id, let turn, let key, let flags, let root):
            let directory: JSON = ["data": [.string(root.reference)], "type": "dirref", "ver": 1]
            lookUp(
                id, turn,
                [
                    "key": .string(key), "flags": .int(flags), "rootseq": .int(root.sequence), "rootdir": directory,
                ])
        case .load(let id, let turn, let reference): load(id, turn, reference)
        case .answer(let id, let payload):
            if let request = requests[id]?.request { flux.respond(to: request, payload) }
        case .answerSentinel(let id):
            if let request = requests[id]?.request { flux.respond(to: request) }
        case .end(let id, let errnum, let text):
            if let entry = forget(id) { flux.respond(to: entry.request, errnum: errnum, text) }
        case .drop(let id): forget(id)
        }
    }

    @discardableResult
    private func forget(_ id: WatchTable.ID) -> PendingRequests<Void>.Entry? {
        guard let entry = requests.remove(id) else { return nil }
        let tag = Tag(sender: entry.request.sender, matchtag: entry.request.matchtag)
        // The tag may be in use again already.
        if byTag[tag] == id { byTag[tag] = nil }
        return entry
    }

    /// Looks up with the watcher's own credentials: a link may lead into a namespace that is not its own.
    private func lookUp(_ id: WatchTable.ID, _ turn: Int, _ payload: JSON) {
        var message = Message.request("kvs.lookup-plus", json: payload)
        if let request = requests[id]?.request {
            message.userID = request.userID
            message.roles = request.roles
        }
        flux.call(message) { result in
            self.here { $0.apply(.found(id, turn: turn, Self.finding(result))) }
        }
    }

    private static func finding(_ result: Result<Message, RPCError>) -> WatchTable.Finding {
        switch result {
        case .failure(let error): return .failed(errnum: error.errnum, text: error.text)
        case .success(let answer):
            guard let payload = try? answer.decodeJSON(), let sequence = payload["rootseq"]?.intValue else {
                return .failed(errnum: Errno.proto, text: nil)
            }
            if let value = payload["val"] { return .value(value, sequence: sequence) }
            return .absent(sequence: sequence)
        }
    }

    private func load(_ id: WatchTable.ID, _ turn: Int, _ reference: String) {
        guard let digest = try? Blobref(parsing: reference).digest else {
            apply(.loadFailed(id, turn: turn, errnum: Errno.invalid))
            return
        }
        flux.call(.request("content.load", payload: digest)) { result in
            self.here { service in
                switch result {
                case .success(let answer): service.apply(.loaded(id, turn: turn, answer.payload ?? []))
                case .failure(let error): service.apply(.loadFailed(id, turn: turn, errnum: error.errnum))
                }
            }
        }
    }

    // MARK: Namespaces

    private func follow(_ namespace: String) async {
        do throws(RPCError) {
            let id = try await flux.subscribe("kvs.namespace-\(namespace)") { event in
                self.here { $0.receive(event, of: namespace) }
            }
            guard followed.contains(namespace), subscriptions[namespace] == nil else {
                flux.unsubscribe(id)
                return
            }
            subscriptions[namespace] = id
        } catch {
            apply(.rootFailed(namespace: namespace, errnum: error.errnum))
            return
        }
        askRoot(namespace)
    }

    private func askRoot(_ namespace: String) {
        flux.call(.request("kvs.getroot", json: ["namespace": .string(namespace)])) { result in
            self.here { service in
                switch result {
                case .failure(let error):
                    service.apply(.rootFailed(namespace: namespace, errnum: error.errnum))
                case .success(let answer):
                    guard let payload = try? answer.decodeJSON(), let root = Self.root(payload) else {
                        service.apply(.rootFailed(namespace: namespace, errnum: Errno.proto))
                        return
                    }
                    service.apply(.root(namespace: namespace, owner: Self.owner(payload), root))
                }
            }
        }
    }

    private func receive(_ event: Message, of namespace: String) {
        guard let topic = event.topic, let payload = try? event.decodeJSON(),
            payload["namespace"]?.stringValue == namespace
        else { return }
        if topic.hasSuffix("-setroot") {
            guard let root = Self.root(payload) else { return }
            let keys = payload["keys"]?.objectValue.map { Array($0.keys) } ?? []
            apply(.changed(namespace: namespace, owner: Self.owner(payload), root, keys: keys))
        } else if topic.hasSuffix("-created") {
            guard let root = Self.root(payload) else { return }
            apply(.created(namespace: namespace, owner: Self.owner(payload), root))
        } else if topic.hasSuffix("-removed") {
            apply(.removed(namespace: namespace))
        }
    }

    private static func root(_ payload: JSON) -> WatchTable.Root? {
        guard let sequence = payload["rootseq"]?.intValue, let reference = payload["rootref"]?.stringValue else {
            return nil
        }
        return WatchTable.Root(reference: reference, sequence: sequence)
    }

    private static func owner(_ payload: JSON) -> UInt32 {
        UInt32(truncatingIfNeeded: payload["owner"]?.intValue ?? -1)
    }
}
