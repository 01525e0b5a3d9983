internal import Blob
internal import Client
internal import ContentBacking
public import FluxJSON
internal import Glibc
internal import RFC03Message
internal import RFC10Content
internal import Reactor
public import Service

/// The `content-files` module: a backing store of plain files, for people who want to look into it.
///
/// It may block on the disk, so it lives on a reactor of its own. Slower than `content-sqlite`.
public actor ContentFilesService: Service {
    public nonisolated let context: ServiceContext
    private var backing: ContentBacking?
    private var opened: BlobFolder?
    private var isRegistered = false
    private var isDurable = false
    /// Blobs that could not be written; no root is accepted while one of them is missing.
    private var missing: Set<Blobref> = []
    /// Files written since the last sync.
    private var unsynced: [String] = []
    /// Roots and checkpoints that wait for the end of the turn: one sync serves all that came before.
    private var waiting: [(request: Message, value: JSON)] = []

    public init(context: ServiceContext) { self.context = context }

    public static let methods: [String: Method<ContentFilesService>] = [
        "content-backing.load": .now { (service, request) in try service.load(request) },
        "content-backing.store": .now { (service, request) in try service.store(request) },
        "content-backing.validate": .now { (service, request) in try service.validate(request) },
        "content-backing.checkpoint-get": .now { (service, _) in try service.checkpointGet() },
        "content-backing.checkpoint-put": .now { (service, request) in try service.checkpointPut(request) },
        "content-backing.root-put": .now { (service, request) in try service.checkpointPut(request) },
    ]

    public func start() async throws {
        var (isTesting, mustTruncate) = (false, false)
        for argument in context.arguments {
            switch argument {
            case "testing": isTesting = true
            case "truncate": mustTruncate = true
            default:
                context.log(.err, "Unknown module option: \(argument)")
                throw ServiceError(errnum: EINVAL)
            }
        }
        let backing = try await ContentBacking(context)
        self.backing = backing
        isDurable = !backing.isTemporary
        opened = try refusing {
            () throws(BlobFolder.Failure) in
            try BlobFolder(
                path: "\(backing.directory)/content.files", algorithm: backing.algorithm, mustTruncate: mustTruncate)
        }
        try await backing.serve()
        guard !isTesting else { return }
        try await backing.register()
        isRegistered = true
    }

    public func stop() async {
        if isRegistered { await backing?.unregister() }
        finishTurn()
    }

    public func statistics() async throws -> JSON? {
        let folder = try folder()
        let count = try refusing { () throws(BlobFolder.Failure) in try folder.count() }
        return ["object_count": .int(Int64(count))]
    }

    private func folder() throws -> BlobFolder {
        guard let opened else { throw ServiceError(errnum: Errno.noSystem) }
        return opened
    }

    private func refusing<Value>(_ body: () throws(BlobFolder.Failure) -> Value) throws -> Value {
        do throws(BlobFolder.Failure) { return try body() } catch {
            throw ServiceError(errnum: error.errnum, text: error.errnum == ENOENT ? nil : error.description)
        }
    }

    private func reference(_ request: Message, _ folder: BlobFolder) throws -> Blobref {
        guard let reference = try? Blobref(folder.algorithm, digest: request.payload ?? []) else {
            throw ServiceError(errnum: Errno.proto)
        }
        return reference
    }

    private func load(_ request: Message) throws -> Reply {
        let folder = try folder()
        let reference = try reference(request, folder)
        let blob = try refusing { () throws(BlobFolder.Failure) in try folder.read("\(reference)") }
        guard folder.algorithm.reference(to: blob) == reference else {
            throw ServiceError(errnum: EINVAL, text: "\(folder.path)/\(reference): the file is damaged")
        }
        return blob.isEmpty ? .empty : .bytes(blob)
    }

    private func store(_ request: Message) throws -> Reply {
        let folder = try folder()
        let blob = request.payload ?? []
        do {
            let reference = try refusing { () throws(BlobFolder.Failure) in try folder.store(blob) }
            if !missing.isEmpty { missing.remove(reference) }
            if isDurable { unsynced.append("\(reference)") }
            return .bytes(reference.digest)
        } catch {
            missing.insert(folder.algorithm.reference(to: blob))
            throw error
        }
    }

    private func validate(_ request: Message) throws -> Reply {
        let folder = try folder()
        guard folder.exists(try reference(request, folder)) else { throw ServiceError(errnum: ENOENT) }
        return .empty
    }

    private func checkpointGet() throws -> Reply {
        let folder = try folder()
        let text = try refusing { () throws(BlobFolder.Failure) in try folder.read(BlobFolder.checkpointName) }
        do throws(JSON.ParseError) {
            return .json(["value": [try JSON(parsing: text)]])
        } catch {
            throw ServiceError(errnum: EINVAL, text: "\(error)")
        }
    }

    /// Takes a checkpoint, or a root that must survive a crash: here they are the same, as only one is kept.
    private func checkpointPut(_ request: Message) throws -> Reply {
        let value = try request.decodeJSON().requireObject().value("value")
        guard missing.isEmpty else {
            throw ServiceError(errnum: ENOSPC, text: "\(missing.count) blobs could not be written to the content store")
        }
        waiting.append((request, value))
        if waiting.count == 1 { flux.reactor.later { self.here { $0.finishTurn() } } }
        return .deferred
    }

    private func finishTurn() {
        let held = waiting
        waiting = []
        guard let newest = held.last, let opened else { return }
        do throws(BlobFolder.Failure) {
            if isDurable { try opened.sync(unsynced) }
            unsynced = []
            try opened.write(BlobFolder.checkpointName, newest.value.bytes, mustSync: isDurable)
            for (request, _) in held { flux.respond(to: request) }
        } catch {
            for (request, _) in held { flux.respond(to: request, errnum: error.errnum, error.description) }
        }
    }
}
