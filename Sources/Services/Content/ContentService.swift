public import Service
internal import Blob
internal import RFC10Content
internal import Client
public import FluxJSON
public import RFC03Message
internal import Reactor

/// The `content` module: every broker's cache of blobs, addressed by their digest.
///
/// Decodes requests, asks ``ContentCache`` and carries out its directives.
public actor ContentService: Service {
    public nonisolated let context: ServiceContext
    var cache = ContentCache()
    var algorithm = Blobref.Algorithm.sha1
    var waiting: [ContentCache.RequestID: Message] = [:]
    private var lastRequest: ContentCache.RequestID = 0
    /// Durable: a store is answered only when the backing store has it on disk.
    var isDurable = false
    var files = MappedFiles()

    public init(context: ServiceContext) { self.context = context }

    public static let methods: [String: Method<ContentService>] = [
        "load": .now { (service, request) in try service.load(request) },
        "store": .now { (service, request) in try service.store(request) },
        "store-many": .now { (service, request) in try service.storeMany(request) },
        "peek": .now { (service, request) in try service.peek(request) },
        "root-put": .now { (service, request) in try service.putRoot(request) },
        "flush": .now { (service, request) in service.flush(request) },
        "dropcache": .now { (service, _) in service.dropCache() },
        "register-backing": .waiting { (service, request) in try await service.registerBacking(request) },
        "unregister-backing": .now { (service, _) in try service.unregisterBacking() },
        "checkpoint-get": .waiting { (service, request) in try await service.checkpointGet(request) },
        "checkpoint-put": .waiting { (service, request) in try await service.checkpointPut(request) },
        "mmap-add": .now { (service, request) in try service.mapFile(request) },
        "mmap-remove": .now { (service, request) in try service.unmapFiles(request) },
    ]

    public func start() async throws {
        let (name, settings) = try await readSettings()
        guard let algorithm = Blobref.Algorithm(rawValue: name) else {
            throw ServiceError(errnum: Errno.invalid, text: "\(name): unknown hash type")
        }
        self.algorithm = algorithm
        cache = ContentCache(settings)
        try await flux.subscribe("heartbeat.pulse") { _ in self.here { $0.carryOut(.purge) } }
    }

    public func statistics() async throws -> JSON? {
        [
            "count": .int(Int64(cache.count)), "valid": .int(Int64(cache.validCount)),
            "dirty": .int(Int64(cache.dirtyCount)), "size": .int(Int64(cache.size)),
            "flush-batch-count": .int(Int64(cache.storingCount)),
            "mmap": files.statistics,
        ]
    }

    public func disconnected(_ request: Message) {
        let gone = waiting.filter { $0.value.sender == request.sender }.keys
        for id in gone {
            waiting[id] = nil
            carryOut(.forget(id))
        }
    }

    // MARK: Requests

    private func load(_ request: Message) throws -> Reply {
        guard let hash = try? Blobref(algorithm, digest: request.payload ?? []) else {
            throw ServiceError(errnum: Errno.proto)
        }
        cache.now = seconds
        if let (blob, isEphemeral) = cache.hit(hash) {
            if !isEphemeral { return .bytes(blob) }
            sendBlob(blob, to: request, isEphemeral: true)
            return .deferred
        }
        switch files.find(hash) {
        case .unknown: break
        case .changed: throw ServiceError(errnum: Errno.invalid, text: "mapped file content has changed")
        case .blob(let blob):
            sendBlob(blob, to: request, isEphemeral: true)
            return .deferred
        }
        carryOut(.load(keep(request), hash))
        return .deferred
    }

    private func store(_ request: Message) throws -> Reply {
        let blob = request.payload ?? []
        guard blob.count <= cache.settings.blobLimit else { throw ServiceError(errnum: Errno.tooLarge) }
        let hash = algorithm.reference(to: blob)
        if isDurable, cache.hasBacking {
            carryOut(.keep(hash, blob))
            let request = request
            flushThen { failure in
                if let failure {
                    self.flux.respond(to: request, errnum: failure.errnum, failure.text)
                } else {
                    self.flux.respond(to: request, bytes: hash.digest)
                }
            }
        } else {
            carryOut(.store(keep(request), hash, blob))
        }
        return .deferred
    }

    private func flush(_ request: Message) -> Reply {
        carryOut(.flush(keep(request)))
        return .deferred
    }

    private func dropCache() -> Reply {
        let before = cache.count
        carryOut(.dropClean)
        context.log(.debug, "content dropcache \(before - cache.count)/\(before)")
        return .empty
    }

    // MARK: Carrying out

    var rank: UInt32 { context.rank }
    var seconds: Double { Double(flux.reactor.now) / 1e9 }

    /// Keeps a request until the cache answers it.
    func keep(_ request: Message) -> ContentCache.RequestID {
        lastRequest += 1
        waiting[lastRequest] = request
        return lastRequest
    }

    func carryOut(_ event: ContentCache.Event) {
        cache.now = seconds
        for directive in cache.apply(event) { carryOut(directive) }
    }

    private func carryOut(_ directive: ContentCache.Directive) {
        switch directive {
        case .answerBlob(let requests, let blob, let isEphemeral):
            for request in take(requests) { sendBlob(blob, to: request, isEphemeral: isEphemeral) }
        case .answerHash(let requests, let hash):
            for request in take(requests) { flux.respond(to: request, bytes: hash.digest) }
        case .answerEmpty(let requests):
            for id in requests {
                if let after = afterFlush.removeValue(forKey: id) { after(nil) }
            }
            for request in take(requests) { flux.respond(to: request) }
        case .refuse(let requests, let errnum, let text):
            for id in requests {
                if let after = afterFlush.removeValue(forKey: id) { after(ServiceError(errnum: errnum, text: text)) }
            }
            for request in take(requests) { flux.respond(to: request, errnum: errnum, text) }
        case .load(let hash): askBelow(for: hash)
        case .store(let hash, let blob): giveBelow(hash, blob)
        }
    }

    private func take(_ requests: [ContentCache.RequestID]) -> [Message] {
        requests.compactMap { waiting.removeValue(forKey: $0) }
    }

    private func sendBlob(_ blob: [UInt8], to request: Message, isEphemeral: Bool) {
        guard isEphemeral else { return flux.respond(to: request, bytes: blob.isEmpty ? nil : blob) }
        guard !request.flags.contains(.noResponse) else { return }
        var response = request.response(payload: blob.isEmpty ? nil : blob)
        response.flags.insert(.user1)
        flux.send(response)
    }

    /// A request to the next level: the parent's content service, or the backing store on the leader.
    func below(_ method: String, payload: [UInt8]?) -> Message {
        rank == 0
            ? .request("content-backing.\(method)", payload: payload, nodeID: 0)
            : .request("content.\(method)", payload: payload, nodeID: rank, flags: .upstream)
    }

    private func askBelow(for hash: Blobref) {
        flux.call(below("load", payload: hash.digest)) { result in
            self.here { service in
                switch result {
                case .success(let answer):
                    let isEphemeral = answer.flags.contains(.user1)
                    service.carryOut(.loaded(hash, answer.payload ?? [], isEphemeral: isEphemeral))
                case .failure(let error):
                    if error.errnum != Errno.noEntry, error.errnum != Errno.noSystem {
                        service.context.log(.err, "content load: \(error)")
                    }
                    service.carryOut(.loadFailed(hash, errnum: error.errnum, text: error.text))
                }
            }
        }
    }

    private func giveBelow(_ hash: Blobref, _ blob: [UInt8]) {
        flux.call(below("store", payload: blob.isEmpty ? nil : blob)) { result in
            self.here { service in
                switch result {
                case .success(let answer) where answer.payload ?? [] == hash.digest:
                    service.carryOut(.stored(hash))
                case .success:
                    service.context.log(.crit, "content store: \(hash): the store computed another digest")
                    service.carryOut(.storedOther(hash))
                case .failure(let error):
                    service.reportFailedStore(error)
                    service.carryOut(.storeFailed(hash, errnum: error.errnum))
                }
            }
        }
    }

    private func reportFailedStore(_ error: RPCError) {
        // One line for each kind of trouble, not one for each blob.
        guard cache.lastFailure != error.errnum else { return }
        if rank == 0, error.errnum == Errno.noSystem {
            context.log(.debug, "content store: backing store service unavailable")
        } else {
            context.log(.crit, "content store: \(error)")
        }
    }

    // MARK: Flushing for the service's own ends

    private var afterFlush: [ContentCache.RequestID: (ServiceError?) -> Void] = [:]

    /// Runs `body` when all that is dirty now is below, or with the error that prevents it.
    func flushThen(_ body: @escaping (ServiceError?) -> Void) {
        lastRequest += 1
        afterFlush[lastRequest] = body
        carryOut(.flush(lastRequest))
    }

    func flushed() async throws {
        let failure: ServiceError? = await withCheckedContinuation { continuation in
            flushThen { continuation.resume(returning: $0) }
        }
        if let failure { throw failure }
    }
}
