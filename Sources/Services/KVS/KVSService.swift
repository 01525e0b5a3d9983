internal import Blob
internal import Client
public import FluxJSON
internal import Glibc
public import RFC03Message
internal import RFC10Content
internal import Reactor
public import Service

/// The `kvs` module of every broker: the leader's is authoritative, the others follow its set-root events.
///
/// Decodes requests, asks ``CommitQueue`` and ``Lookup``, and carries out what they want.
public actor KVSService: Service {
    public nonisolated let context: ServiceContext
    var cache = BlobCache()
    var algorithm = Blobref.Algorithm.sha1
    var namespaces: [String: Namespace] = [:]
    var isMerging = true
    /// Leader with a statedir that is kept: a commit is answered when it is on disk.
    var isDurable = false
    var initialRoot: Blobref?
    var checkpointPeriod = 0.0
    var checkpointTimer: TimerID?
    var lastCheckpoint: Int64 = 0
    /// Begins anywhere, so that the names of a broker's transactions are not those of its life before a restart.
    var commitCount: UInt64
    /// Followers: runs while commits wait.
    var leaderTimer: TimerID?
    var operationCounts = RunningStatistics()
    /// Loads from the content service.
    var faults: Int64 = 0
    /// What waits for a blob.
    var loading: [Blobref: [Waiter]] = [:]
    /// What waits for a namespace's root from upstream.
    var fetching: [String: [Message]] = [:]
    var subscriptions: [String: SubscriptionID] = [:]
    var lookups: [UInt64: PendingLookup] = [:]
    var lastLookup: UInt64 = 0
    /// Blobs that a namespace's batch still waits for.
    var batchLoads: [String: BatchLoad] = [:]

    enum Waiter {
        case lookup(UInt64)
        case batch(String)
    }

    struct BatchLoad {
        var missing: Int
        var failure: Int32?
    }

    public init(context: ServiceContext) {
        self.context = context
        commitCount = context.reactor.randomNumber()
    }

    public static let methods: [String: Method<KVSService>] = [
        "lookup": .now(.anyUser) { (service, request) in try service.lookup(request, isPlus: false) },
        "lookup-plus": .now(.anyUser) { (service, request) in try service.lookup(request, isPlus: true) },
        "commit": .now(.anyUser) { (service, request) in try service.commit(request) },
        "relaycommit": .now { (service, request) in service.relayCommit(request) },
        "getroot": .now(.anyUser) { (service, request) in try service.getRoot(request) },
        "wait-version": .now(.anyUser) { (service, request) in try service.waitVersion(request) },
        "namespace-create": .waiting { (service, request) in try await service.createNamespace(request) },
        "namespace-remove": .now { (service, request) in try service.removeNamespace(request) },
        "namespace-list": .now { (service, _) in service.listNamespaces() },
        "setroot-pause": .now(.anyUser) { (service, request) in try service.pause(request) },
        "setroot-unpause": .now(.anyUser) { (service, request) in try service.resume(request) },
    ]

    var rank: UInt32 { context.rank }
    var seconds: Double { Double(flux.reactor.now) / 1e9 }

    public func disconnected(_ request: Message) {
        for name in namespaces.keys {
            namespaces[name]?.versionWaiters.removeAll { $0.request.sender == request.sender }
        }
        lookups = lookups.filter { $0.value.request.sender != request.sender }
    }

    public func configure(_ configuration: JSON) throws {
        let period = try Self.checkpointPeriod(configuration)
        guard period != checkpointPeriod else { return }
        checkpointPeriod = period
        startCheckpointTimer()
    }

    // MARK: Namespaces

    /// The namespace of a request, if this broker knows it and the sender may use it.
    ///
    /// - Returns: nil when its root has to come from upstream first; the request runs again then.
    /// - Throws: ENOTSUP or EPERM.
    func namespace(_ name: String, for request: Message) throws -> Namespace? {
        guard let namespace = namespaces[name], !namespace.isRemoved else {
            if rank == 0 { throw ServiceError(errnum: Errno.notSupported) }
            fetchRoot(name, for: request)
            return nil
        }
        guard namespace.admits(request) else { throw ServiceError(errnum: Errno.perm) }
        namespaces[name]?.lastUsed = seconds
        return namespace
    }

    /// Runs a request that waited for something, and answers it.
    func runAgain(_ request: Message) {
        do {
            let reply: Reply
            switch request.topic {
            case "kvs.lookup": reply = try lookup(request, isPlus: false)
            case "kvs.lookup-plus": reply = try lookup(request, isPlus: true)
            case "kvs.commit": reply = try commit(request)
            case "kvs.getroot": reply = try getRoot(request)
            case "kvs.wait-version": reply = try waitVersion(request)
            case "kvs.setroot-pause": reply = try pause(request)
            case "kvs.setroot-unpause": reply = try resume(request)
            default: return
            }
            answer(request, reply)
        } catch {
            refuse(request, error)
        }
    }

    func answer(_ request: Message, _ reply: Reply) {
        switch reply {
        case .deferred: return
        case .empty: flux.respond(to: request)
        case .json(let json): flux.respond(to: request, json)
        case .bytes(let bytes): flux.respond(to: request, bytes: bytes)
        }
    }

    func refuse(_ request: Message, _ error: any Error) {
        let refusal = ServiceError(describing: error)
        flux.respond(to: request, errnum: refusal.errnum, refusal.text)
    }

    // MARK: Blobs

    /// Asks the content service for blobs, each once however many wait for it.
    func load(_ references: Set<Blobref>, for waiter: Waiter) {
        for reference in references {
            loading[reference, default: []].append(waiter)
            guard loading[reference]?.count == 1 else { continue }
            faults += 1
            flux.call(.request("content.load", payload: reference.digest)) { result in
                self.here { service in
                    switch result {
                    case .success(let answer): service.loaded(reference, answer.payload ?? [])
                    case .failure(let error): service.loadFailed(reference, error)
                    }
                }
            }
        }
    }

    private func loaded(_ reference: Blobref, _ blob: [UInt8]) {
        cache.now = seconds
        cache.insert(reference, blob: blob)
        for waiter in loading.removeValue(forKey: reference) ?? [] { wake(waiter, failure: nil) }
    }

    private func loadFailed(_ reference: Blobref, _ error: RPCError) {
        context.log(.err, "content load \(reference): \(error)")
        for waiter in loading.removeValue(forKey: reference) ?? [] { wake(waiter, failure: error.errnum) }
    }

    private func wake(_ waiter: Waiter, failure: Int32?) {
        switch waiter {
        case .lookup(let id): wakeLookup(id, failure: failure)
        case .batch(let name):
            guard var load = batchLoads[name] else { return }
            load.missing -= 1
            load.failure = load.failure ?? failure
            batchLoads[name] = load.missing > 0 ? load : nil
            guard load.missing == 0 else { return }
            advance(name, load.failure.map { .loadFailed($0) } ?? .loaded)
        }
    }
}
