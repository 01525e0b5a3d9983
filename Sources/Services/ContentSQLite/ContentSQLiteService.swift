internal import Blob
internal import RFC10Content
internal import Client
internal import ContentBacking
public import FluxJSON
internal import Glibc
internal import RFC03Message
internal import Reactor
public import Service

/// The `content-sqlite` module: the backing store of the leader's content cache, in one SQLite file.
///
/// It may block on the disk, so it lives on a reactor of its own. Writes that arrive together are committed together,
/// and answered after the commit: one sync of the disk serves them all.
public actor ContentSQLiteService: Service {
    public nonisolated let context: ServiceContext
    private var backing: ContentBacking?
    private var opened: BlobStore?
    private var isRegistered = false
    private var isTemporary = false
    private var group: [Held] = []
    /// The errno of the last commit; 0 when it succeeded.
    private var trouble: Int32 = 0
    private var loadTimes = RunningStatistics()
    private var storeTimes = RunningStatistics()

    /// A request that waits for the commit of its group, with its answer if that succeeds.
    private struct Held {
        let request: Message
        let answer: Reply
        let hash: Blobref?
    }

    public init(context: ServiceContext) { self.context = context }

    public static let methods: [String: Method<ContentSQLiteService>] = [
        "content-backing.load": .now { (service, request) in try service.load(request) },
        "content-backing.store": .now { (service, request) in try service.store(request) },
        "content-backing.validate": .now { (service, request) in try service.validate(request) },
        "content-backing.checkpoint-get": .now { (service, _) in try service.checkpointGet() },
        "content-backing.checkpoint-put": .now { (service, request) in try service.checkpointPut(request) },
        "content-backing.root-put": .now { (service, request) in try service.rootPut(request) },
        "content-backing.mark": .now { (service, request) in try service.mark(request) },
        "content-backing.sweep": .now { (service, request) in try service.sweep(request) },
        "content-backing.gc-info": .now { (service, request) in try service.collectorInformation(request) },
    ]

    public func start() async throws {
        let backing: ContentBacking
        do throws(ServiceError) {
            backing = try await ContentBacking(context)
            try open(backing)
        } catch {
            context.log(.err, "\(error)")
            throw ServiceError(errnum: error.errnum)
        }
        self.backing = backing
        try await backing.serve()
        try await backing.register(asksBack: isTemporary)
        isRegistered = true
    }

    private func open(_ backing: ContentBacking) throws(ServiceError) {
        isTemporary = backing.isTemporary
        var options = StoreOptions(isTemporary: isTemporary)
        try options.apply(context.configuration)
        try options.apply(arguments: context.arguments)
        let path = "\(backing.directory)/content.sqlite"
        do throws(BlobStore.Failure) {
            let store = try BlobStore(path: path, options: options, algorithm: backing.algorithm)
            let count = try store.objectCount()
            opened = store
            context.log(
                .debug,
                "\(path) (\(count) objects) journal_mode=\(options.journalMode) synchronous=\(options.synchronous)")
        } catch {
            throw ServiceError(errnum: error.errnum, text: error.description)
        }
    }

    public func stop() async {
        if isRegistered { await backing?.unregister() }
        finishGroup()
        opened = nil
    }

    public func statistics() async throws -> JSON? {
        try refusing { (store) throws(BlobStore.Failure) in
            let checkpoints = try store.checkpoints().map { JSON.object(["id": .int($0.id), "value": $0.value]) }
            return [
                "object_count": .int(try store.objectCount()),
                "current_epoch": .int(store.epoch),
                "dbfile_size": .int(FileSize.ofFile(store.path)),
                "dbfile_free": .int(FileSize.freeBeside(store.path)),
                "load_time": Self.json(loadTimes),
                "store_time": Self.json(storeTimes),
                "config": [
                    "journal_mode": .string(store.options.journalMode),
                    "synchronous": .string(store.options.synchronous),
                ],
                "checkpoints": .array(checkpoints),
            ]
        }
    }

    private static func json(_ numbers: RunningStatistics) -> JSON {
        [
            "count": .int(Int64(numbers.count)), "min": .real(numbers.minimum), "max": .real(numbers.maximum),
            "mean": .real(numbers.mean), "stddev": .real(numbers.standardDeviation),
        ]
    }

    // MARK: Groups

    /// Runs `body` on the store; its refusals become answers.
    private func refusing<Value>(_ body: (BlobStore) throws(BlobStore.Failure) -> Value) throws -> Value {
        guard let opened else { throw ServiceError(errnum: Errno.noSystem) }
        do throws(BlobStore.Failure) { return try body(opened) } catch {
            throw ServiceError(errnum: error.errnum, text: error.text)
        }
    }

    /// Keeps an answer until the group is on disk.
    private func hold(_ request: Message, _ answer: Reply, _ hash: Blobref? = nil) -> Reply {
        group.append(Held(request: request, answer: answer, hash: hash))
        if group.count == 1 { flux.reactor.later { self.here { $0.finishGroup() } } }
        return .deferred
    }

    private func finishGroup() {
        let held = group
        group = []
        guard let opened else { return }
        do throws(BlobStore.Failure) {
            try opened.commit()
            trouble = 0
            for one in held { answer(one) }
        } catch {
            // A line for each kind of trouble, not one for each commit that has it.
            if trouble != error.errnum { context.log(.crit, "commit: \(error): \(String(cString: strerror(error.errnum)))") }
            trouble = error.errnum
            opened.lost(held.compactMap(\.hash))
            for one in held { flux.respond(to: one.request, errnum: error.errnum, error.text) }
        }
    }

    private func answer(_ held: Held) {
        switch held.answer {
        case .bytes(let bytes): flux.respond(to: held.request, bytes: bytes)
        case .json(let json): flux.respond(to: held.request, json)
        case .empty, .deferred: flux.respond(to: held.request)
        }
    }

    // MARK: Blobs

    private func hash(_ request: Message, _ store: BlobStore) throws(BlobStore.Failure) -> Blobref {
        guard let hash = try? Blobref(store.algorithm, digest: request.payload ?? []) else {
            throw BlobStore.Failure(errnum: Errno.proto)
        }
        return hash
    }

    private func load(_ request: Message) throws -> Reply {
        let start = flux.reactor.now
        let found: [UInt8]? = try refusing { (store) throws(BlobStore.Failure) in
            let hash = try hash(request, store)
            do throws(BlobStore.Failure) { return try store.load(hash) } catch {
                guard error.errnum == ENOENT, isTemporary else { throw error }
                return nil
            }
        }
        guard let blob = found else { return askCache(request) }
        loadTimes.add(Double(flux.reactor.now - start) / 1e6)
        return blob.isEmpty ? .empty : .bytes(blob)
    }

    /// With a temporary statedir the cache may keep a blob in memory that somebody looks for here.
    private func askCache(_ request: Message, wantsBlob: Bool = true) -> Reply {
        flux.call(.request("content.peek", payload: request.payload, nodeID: 0)) { result in
            switch result {
            case .success(let answer): self.flux.respond(to: request, bytes: wantsBlob ? answer.payload : nil)
            case .failure: self.flux.respond(to: request, errnum: ENOENT)
            }
        }
        return .deferred
    }

    private func store(_ request: Message) throws -> Reply {
        let start = flux.reactor.now
        let hash = try refusing { (store) throws(BlobStore.Failure) in try store.store(request.payload ?? []) }
        storeTimes.add(Double(flux.reactor.now - start) / 1e6)
        return hold(request, .bytes(hash.digest), hash)
    }

    private func validate(_ request: Message) throws -> Reply {
        let isThere = try refusing { (store) throws(BlobStore.Failure) in try store.exists(try hash(request, store)) }
        if !isThere, isTemporary { return askCache(request, wantsBlob: false) }
        guard isThere else { throw ServiceError(errnum: ENOENT) }
        return .empty
    }

    // MARK: Checkpoints

    private func checkpointGet() throws -> Reply {
        let all = try refusing { (store) throws(BlobStore.Failure) in try store.checkpoints() }
        guard !all.isEmpty else { throw ServiceError(errnum: ENOENT) }
        return .json(["value": .array(all.map(\.value))])
    }

    private func checkpointPut(_ request: Message) throws -> Reply {
        let value = try request.decodeJSON().requireObject().value("value")
        try refusing { (store) throws(BlobStore.Failure) in try store.putCheckpoint(value) }
        return hold(request, .empty)
    }

    private func rootPut(_ request: Message) throws -> Reply {
        let value = try request.decodeJSON().requireObject().value("value")
        try refusing { (store) throws(BlobStore.Failure) in try store.putRoot(value) }
        return hold(request, .empty)
    }

    // MARK: Garbage collection

    private func mark(_ request: Message) throws -> Reply {
        let payload = try request.decodeJSON().requireObject()
        let epoch = try payload.int("epoch")
        let names = try payload.array("hashes")
        guard names.count <= BlobStore.markLimit else {
            throw ServiceError(
                errnum: EINVAL, text: "mark request of \(names.count) hashes exceeds limit of \(BlobStore.markLimit)")
        }
        let marked = try refusing { (store) throws(BlobStore.Failure) in
            let hashes = names.compactMap { $0.stringValue.flatMap { try? Blobref(parsing: $0) } }
            guard hashes.count == names.count, hashes.allSatisfy({ $0.algorithm == store.algorithm }) else {
                throw BlobStore.Failure(errnum: Errno.proto)
            }
            return try store.mark(hashes, epoch: epoch)
        }
        return hold(request, .json(["marked": .int(Int64(marked))]))
    }

    private func sweep(_ request: Message) throws -> Reply {
        let payload = try request.decodeJSON().requireObject()
        let (epoch, cursor) = (try payload.int("epoch"), try payload.int("cursor"))
        let (highWater, cap, window) = (
            try payload.int("high_water"), try payload.int("delete_cap"), try payload.int("window")
        )
        guard cursor >= 0, highWater >= 0, cap > 0, window > 0 else { throw ServiceError(errnum: EINVAL) }
        let (deleted, next) = try refusing { (store) throws(BlobStore.Failure) in
            try store.sweep(below: epoch, cursor: cursor, highWater: highWater, deleteCap: cap, window: window)
        }
        return hold(request, .json(["deleted": .int(deleted), "cursor": .int(next)]))
    }

    private func collectorInformation(_ request: Message) throws -> Reply {
        let payload = try request.decodeJSON().requireObject()
        let epoch = try payload.int("epoch")
        let mustCount = try payload.optionalBool("get_count") ?? false
        return try refusing { (store) throws(BlobStore.Failure) in
            let (highWater, candidates) = try store.collectorInformation(below: mustCount ? epoch : nil)
            var answer: JSON.Object = ["current_epoch": .int(store.epoch), "high_water": .int(highWater)]
            if let candidates { answer["candidates"] = .int(candidates) }
            return .json(.object(answer))
        }
    }
}

/// Sizes that the statistics show.
enum FileSize {
    static func ofFile(_ path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }

    static func freeBeside(_ path: String) -> Int64 {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return 0 }
        return Int64(clamping: UInt64(status.f_bsize).multipliedReportingOverflow(by: UInt64(status.f_bavail)).partialValue)
    }
}
