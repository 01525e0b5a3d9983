internal import Blob
package import RFC10Content
internal import Service

/// The transactions of one namespace on the leader: applied in order, merged where they may be, stored and published.
///
/// A value: events in, directives out. One batch is under way at a time; what arrives meanwhile becomes the next one,
/// so that a loaded store commits in large batches and an idle one at once.
package struct CommitQueue: Sendable {
    package enum Event: Sendable {
        case add(Transaction)
        /// Time to begin a batch if none is under way.
        case begin
        /// What a batch waited for is in the cache.
        case loaded
        case loadFailed(Int32)
        case stored
        case storeFailed(Int32)
        case checkpointed
        case checkpointFailed(Int32)
    }

    package enum Directive: Sendable {
        case load(Set<Blobref>)
        /// Store new blobs; for a durable store together with the root they belong to.
        case store([(reference: Blobref, bytes: [UInt8])], root: Blobref, sequence: Int64)
        /// Write a checkpoint.
        case checkpoint(root: Blobref, sequence: Int64)
        /// The namespace has a new root: publish it and answer these transactions.
        case publish(root: Blobref, sequence: Int64, names: [String], keys: [String])
        case fail(names: [String], errnum: Int32)
        /// Something waits for its turn: send `.begin` when what is at hand is done, or after some seconds.
        case callBack(after: Double)
    }

    private enum Step: Sendable {
        case idle, loading, storing, checkpointing
    }

    package let namespace: String
    package let algorithm: Blobref.Algorithm
    package var isMerging = true
    package internal(set) var root: Blobref
    package internal(set) var sequence: Int64
    private var waiting: [Transaction] = []
    /// How many of those that wait are not patient.
    private var urgentCount = 0
    private var step = Step.idle
    /// The transactions under way, those that failed taken out when they are published.
    private var batch: [Transaction] = []
    private var failed: [(name: String, errnum: Int32)] = []
    private var newRoot: Blobref?
    /// When `.begin` is expected, in seconds of the cache's clock.
    private var expectedCall: Double?
    /// When patient transactions begin a batch of their own.
    private var pacer = Pacer(interval: 0.002, burst: 8)
    /// New blobs that were in the cache already.
    package private(set) var repeatedStores = 0

    package init(namespace: String, algorithm: Blobref.Algorithm, root: Blobref, sequence: Int64) {
        self.namespace = namespace
        self.algorithm = algorithm
        self.root = root
        self.sequence = sequence
    }

    /// Transactions that are not finished.
    package var count: Int { waiting.count + batch.count }

    package mutating func apply(_ event: Event, _ cache: inout BlobCache) -> [Directive] {
        switch event {
        case .add(let transaction):
            waiting.append(transaction)
            if !transaction.isPatient { urgentCount += 1 }
            return callBack(at: cache.now)
        case .begin:
            expectedCall = nil
            guard step == .idle, !waiting.isEmpty else { return [] }
            takeBatch()
            pacer.spend(at: cache.now)
            return process(&cache)
        case .loaded: return process(&cache)
        case .loadFailed(let errnum), .checkpointFailed(let errnum): return failBatch(errnum, at: cache.now)
        case .stored: return stored(at: cache.now)
        case .storeFailed(let errnum): return storeFailed(errnum, at: cache.now)
        case .checkpointed: return publish(at: cache.now)
        }
    }

    /// Asks for the next batch, unless that is due soon enough.
    private mutating func callBack(at now: Double) -> [Directive] {
        guard step == .idle, !waiting.isEmpty else { return [] }
        let delay = urgentCount > 0 ? 0 : pacer.delay(at: now)
        if let expectedCall, expectedCall <= now + delay { return [] }
        expectedCall = now + delay
        return [.callBack(after: delay)]
    }

    private mutating func takeBatch() {
        var end = 1
        if isMerging, waiting[0].isMergeable {
            while end < waiting.count, waiting[end].isMergeable { end += 1 }
        }
        batch = Array(waiting[..<end])
        waiting.removeFirst(end)
        urgentCount -= batch.count { !$0.isPatient }
    }

    /// Applies the batch from its beginning; again from the beginning after what was missing is loaded.
    private mutating func process(_ cache: inout BlobCache) -> [Directive] {
        if batch.contains(where: { $0.flags.contains(.sync) }), namespace != Self.primary {
            return failBatch(ErrorNumber.invalid, at: cache.now)
        }
        guard let rootDirectory = cache.directory(root) else {
            step = .loading
            return [.load([root])]
        }
        guard let rootDirectory else { return failBatch(ErrorNumber.notRecoverable, at: cache.now) }
        let start = WorkingTree(root: rootDirectory, namespace: namespace, algorithm: algorithm)
        var tree = start
        var missing = applyBatch(to: &tree, keepsWayBack: false, &cache)
        if missing.isEmpty, !failed.isEmpty, batch.count > 1 {
            // Once more: what is refused must leave nothing behind. Rare, and so the way back is not paid for each time.
            tree = start
            missing = applyBatch(to: &tree, keepsWayBack: true, &cache)
        }
        guard missing.isEmpty else {
            step = .loading
            return [.load(missing)]
        }
        guard failed.count < batch.count else { return publish(at: cache.now) }
        return store(&tree, &cache)
    }

    /// Applies all transactions of the batch.
    ///
    /// - Parameter keepsWayBack: a transaction that is refused leaves nothing behind.
    /// - Returns: the directories that have to be loaded first.
    private mutating func applyBatch(
        to tree: inout WorkingTree, keepsWayBack: Bool, _ cache: inout BlobCache
    ) -> Set<Blobref> {
        failed = []
        var missing: Set<Blobref> = []
        for transaction in batch { apply(transaction, &tree, keepsWayBack, &missing, &cache) }
        return missing
    }

    private mutating func apply(
        _ transaction: Transaction, _ tree: inout WorkingTree, _ keepsWayBack: Bool, _ missing: inout Set<Blobref>,
        _ cache: inout BlobCache
    ) {
        if let errnum = transaction.failure {
            failed.append((transaction.name, errnum))
            return
        }
        let before = keepsWayBack ? tree : nil
        for operation in transaction.operations {
            do throws(WorkingTree.Problem) {
                try tree.apply(operation, &cache)
            } catch {
                switch error {
                case .missing(let reference): missing.insert(reference)
                case .refused(let errnum):
                    failed.append((transaction.name, errnum))
                    if let before { tree = before }
                    return
                }
            }
        }
    }

    private mutating func store(_ tree: inout WorkingTree, _ cache: inout BlobCache) -> [Directive] {
        let hasChanges = batch.contains { !$0.operations.isEmpty }
        guard hasChanges else {
            newRoot = root
            return stored(at: cache.now)
        }
        let (root, directories) = tree.finish()
        newRoot = root
        var blobs = tree.blobs
        for (reference, bytes) in blobs {
            if cache.contains(reference) { repeatedStores += 1 } else { cache.insert(reference, blob: bytes) }
        }
        for (reference, directory) in directories {
            if cache.contains(reference) { repeatedStores += 1 }
            blobs.append((reference, directory.blob))
            cache.insert(reference, directory)
        }
        step = .storing
        return [.store(blobs, root: root, sequence: sequence + 1)]
    }

    private mutating func stored(at now: Double) -> [Directive] {
        guard let newRoot, batch.contains(where: { $0.flags.contains(.sync) }) else { return publish(at: now) }
        step = .checkpointing
        return [.checkpoint(root: newRoot, sequence: sequence + 1)]
    }

    /// What could not be stored together is tried one by one.
    private mutating func storeFailed(_ errnum: Int32, at now: Double) -> [Directive] {
        guard batch.count > 1 else { return failBatch(errnum, at: now) }
        urgentCount += batch.count { !$0.isPatient }
        for var transaction in batch.reversed() {
            transaction.flags.insert(.noMerge)
            waiting.insert(transaction, at: 0)
        }
        batch = []
        newRoot = nil
        step = .idle
        return callBack(at: now)
    }

    private mutating func publish(at now: Double) -> [Directive] {
        var directives: [Directive] = []
        let failedNames = Set(failed.map(\.name))
        let done = batch.filter { !failedNames.contains($0.name) }
        if let newRoot, !done.isEmpty {
            root = newRoot
            sequence += 1
            var keys: Set<String> = []
            for transaction in done { keys.formUnion(transaction.operations.map(\.key)) }
            directives.append(
                .publish(root: newRoot, sequence: sequence, names: done.map(\.name), keys: keys.sorted()))
        }
        for (errnum, names) in Dictionary(grouping: failed, by: \.errnum).sorted(by: { $0.key < $1.key }) {
            directives.append(.fail(names: names.map(\.name), errnum: errnum))
        }
        return directives + finishBatch(at: now)
    }

    private mutating func failBatch(_ errnum: Int32, at now: Double) -> [Directive] {
        let names = batch.map(\.name)
        return [.fail(names: names, errnum: errnum)] + finishBatch(at: now)
    }

    private mutating func finishBatch(at now: Double) -> [Directive] {
        batch = []
        failed = []
        newRoot = nil
        step = .idle
        return callBack(at: now)
    }

    /// Everything that waits fails: the namespace is going away.
    package mutating func abandon(_ errnum: Int32) -> [Directive] {
        let names = waiting.map(\.name)
        waiting = []
        urgentCount = 0
        return names.isEmpty ? [] : [.fail(names: names, errnum: errnum)]
    }

    package static let primary = "primary"
}
