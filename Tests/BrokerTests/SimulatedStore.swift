import Blob
import Client
import FluxJSON
import RFC03Message
import RFC10Content
import Reactor
import Service
import Synchronization

/// What a store has written, group by group, as a log on a disk: a crash may take its unsynced end away.
///
/// Touched on one reactor at a time.
final class SimulatedDisk: @unchecked Sendable {
    enum Record {
        case blob(Blobref, [UInt8])
        case checkpoint(JSON)
        case root(JSON)
    }

    private(set) var groups: [[Record]] = []
    private var syncedCount = 0
    private(set) var blobs: [Blobref: [UInt8]] = [:]
    /// Newest first; a root that is newer than the newest checkpoint is the first.
    private(set) var checkpoints: [JSON] = []
    private var hasLiveRoot = false
    /// One of so many groups cannot be written; 0 for none.
    var failureRate: UInt64 = 0

    /// Adds a group as a whole. One with a root is synced, and with it all before.
    func write(_ group: [Record]) {
        groups.append(group)
        for record in group { apply(record) }
        if group.contains(where: { if case .root = $0 { true } else { false } }) { syncedCount = groups.count }
    }

    private func apply(_ record: Record) {
        switch record {
        case .blob(let hash, let bytes): blobs[hash] = bytes
        case .checkpoint(let value):
            if hasLiveRoot { checkpoints.removeFirst() }
            hasLiveRoot = false
            checkpoints.insert(value, at: 0)
        case .root(let value):
            if hasLiveRoot { checkpoints.removeFirst() }
            hasLiveRoot = true
            checkpoints.insert(value, at: 0)
        }
    }

    /// The power fails: any part of what is not synced is gone, the latest first.
    func losePower(_ random: UInt64) {
        let kept = groups[..<(syncedCount + Int(random % UInt64(groups.count - syncedCount + 1)))]
        (groups, blobs, checkpoints, hasLiveRoot) = ([], [:], [], false)
        for group in kept { write(group) }
    }

    // Services are made by the broker, which knows no disk: each finds the one of its reactor.
    private static let disks = Mutex<[ObjectIdentifier: SimulatedDisk]>([:])

    static subscript(reactor: Reactor) -> SimulatedDisk? {
        get { disks.withLock { $0[ObjectIdentifier(reactor)] } }
        set { disks.withLock { $0[ObjectIdentifier(reactor)] = newValue } }
    }
}

/// A backing store that takes its time: groups of writes reach the disk later than they come, their answers later still.
///
/// The same promises as `content-sqlite`: a group is written as a whole or not at all, and no root while a blob in front of
/// it is missing.
actor SimulatedStore: Service {
    nonisolated let context: ServiceContext
    private let disk: SimulatedDisk
    private var group: [(record: SimulatedDisk.Record, request: Message, answer: [UInt8]?)] = []
    private var missing: Set<Blobref> = []

    init(context: ServiceContext) {
        self.context = context
        disk = SimulatedDisk[context.reactor] ?? SimulatedDisk()
    }

    static let methods: [String: Method<SimulatedStore>] = [
        "content-backing.load": .now { (store, request) in try store.load(request) },
        "content-backing.store": .now { (store, request) in store.store(request) },
        "content-backing.checkpoint-get": .now { (store, _) in try store.checkpoints() },
        "content-backing.checkpoint-put": .now { (store, request) in try store.put(request) { .checkpoint($0) } },
        "content-backing.root-put": .now { (store, request) in try store.put(request) { .root($0) } },
    ]

    func start() async throws {
        try await flux.rpc("service.add", ["service": "content-backing"])
        try await flux.rpc("content.register-backing", ["name": .string(context.name)], nodeID: 0)
    }

    private func load(_ request: Message) throws -> Reply {
        let hash = try Blobref(.sha1, digest: request.payload ?? [])
        for case (.blob(hash, let bytes), _, _) in group { return .bytes(bytes) }
        guard let bytes = disk.blobs[hash] else { throw ServiceError(errnum: Errno.noEntry) }
        return .bytes(bytes)
    }

    private func store(_ request: Message) -> Reply {
        let bytes = request.payload ?? []
        let hash = Blobref.Algorithm.sha1.reference(to: bytes)
        missing.remove(hash)
        return add(.blob(hash, bytes), request, hash.digest)
    }

    private func checkpoints() throws -> Reply {
        guard !disk.checkpoints.isEmpty else { throw ServiceError(errnum: Errno.noEntry) }
        return .json(["value": .array(disk.checkpoints)])
    }

    private func put(_ request: Message, _ make: (JSON) -> SimulatedDisk.Record) throws -> Reply {
        guard missing.isEmpty else { throw ServiceError(errnum: Errno.noSpace) }
        return add(make(try request.decodeJSON().requireObject().value("value")), request, nil)
    }

    private func add(_ record: SimulatedDisk.Record, _ request: Message, _ answer: [UInt8]?) -> Reply {
        group.append((record, request, answer))
        if group.count == 1 { after(3_000_000) { $0.finishGroup() } }
        return .deferred
    }

    private func finishGroup() {
        let done = group
        group = []
        if disk.failureRate > 0, flux.reactor.randomNumber() % disk.failureRate == 0 {
            for case .blob(let hash, _) in done.map(\.record) { missing.insert(hash) }
            for one in done { flux.respond(to: one.request, errnum: Errno.noSpace) }
            return
        }
        disk.write(done.map(\.record))
        after(1_000_000) { store in
            for one in done { store.flux.respond(to: one.request, bytes: one.answer) }
        }
    }

    /// Less than some nanoseconds later, at random.
    private func after(_ limit: UInt64, _ body: @escaping @Sendable (isolated SimulatedStore) -> Void) {
        let delay = Duration.nanoseconds(Int64(flux.reactor.randomNumber() % limit))
        flux.reactor.schedule(after: delay) { self.here(body) }
    }
}
