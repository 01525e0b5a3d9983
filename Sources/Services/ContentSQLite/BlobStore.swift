internal import Blob
internal import RFC10Content
internal import Glibc

/// Blobs and checkpoints in one SQLite file, in the format of flux-core.
///
/// Writes are grouped: the first write opens a transaction and ``commit()`` closes it; the owner answers nobody before
/// that. A class because a database connection has one owner; it belongs to the thread of the store's reactor.
///
/// Source: job-protocol §1.3 (observed: flux-core 0.88).
final class BlobStore {
    /// A refusal with what the peer is told.
    struct Failure: Error, Hashable, CustomStringConvertible {
        let errnum: Int32
        let text: String?

        init(errnum: Int32, text: String? = nil) {
            self.errnum = errnum
            self.text = text
        }

        init(_ error: DatabaseError) { self.init(errnum: error.errnum, text: error.description) }

        var description: String { text ?? String(cString: strerror(errnum)) }
    }

    let path: String
    let options: StoreOptions
    let algorithm: Blobref.Algorithm
    let database: Database
    /// Id of the newest checkpoint; what is stored now belongs to it.
    var epoch: Int64 = 0
    /// Blobs that could not be stored since. No root is accepted while one of them is missing.
    private var missing: Set<Blobref> = []
    private(set) var isGroupOpen = false
    var knowsRootTable = false
    /// The first failure of the open group.
    private var groupFailure: Failure?
    private var hasRootInGroup = false
    private let log: LogFile
    private let loadStatement: Statement
    private let storeStatement: Statement
    private let existsStatement: Statement

    init(path: String, options: StoreOptions, algorithm: Blobref.Algorithm) throws(Failure) {
        self.path = path
        self.options = options
        self.algorithm = algorithm
        if options.mustTruncate { Self.remove(path) }
        if access(path, F_OK) == 0, access(path, R_OK | W_OK) != 0 {
            throw Failure(errnum: errno, text: "\(path): \(String(cString: strerror(errno)))")
        }
        do throws(DatabaseError) {
            let database = try Database(path: path)
            try Self.check(database, path)
            try Self.prepare(database, options)
            loadStatement = try database.prepare("SELECT object, size FROM objects WHERE hash = ?1 LIMIT 1")
            storeStatement = try database.prepare(
                """
                INSERT INTO objects (hash, size, object, epoch) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT(hash) DO UPDATE SET epoch = excluded.epoch
                """)
            existsStatement = try database.prepare("SELECT EXISTS(SELECT 1 FROM objects WHERE hash = ?1)")
            log = LogFile(path: path + "-wal")
            epoch = try database.number("SELECT MAX(id) FROM checkpt_v2")
            self.database = database
        } catch {
            throw Failure(errnum: error.errnum, text: "\(path): \(error)")
        }
        try adoptCrashedRoot()
    }

    private static func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
    }

    // MARK: Blobs

    func load(_ hash: Blobref) throws(Failure) -> [UInt8] {
        defer { loadStatement.reset() }
        let isThere: Bool
        do throws(DatabaseError) {
            try hash.digest.bound(to: loadStatement, 1)
            isThere = try loadStatement.step()
        } catch {
            throw Failure(error)
        }
        guard isThere else { throw Failure(errnum: ENOENT) }
        let object = loadStatement.bytes(0)
        guard loadStatement.isBlob(0) || object.isEmpty, loadStatement.isInteger(1) else {
            throw Failure(errnum: EINVAL, text: "\(hash): the stored object is not a blob")
        }
        let size = loadStatement.integer(1)
        let blob = size == -1 ? Array(object) : BlobCompression.expanded(object, size: Int(clamping: size))
        // The file may have been changed by other hands: what is given out is what was asked for.
        guard let blob, algorithm.reference(to: blob) == hash else {
            throw Failure(errnum: EINVAL, text: "\(hash): the stored object is damaged")
        }
        return blob
    }

    /// Stores a blob in the open group, or raises the epoch of one that is there.
    ///
    /// - Returns: its digest.
    func store(_ blob: [UInt8]) throws(Failure) -> Blobref {
        let hash = algorithm.reference(to: blob)
        do throws(Failure) {
            try openGroup()
            try write(blob, hash)
            if !missing.isEmpty { missing.remove(hash) }
        } catch {
            missing.insert(hash)
            throw error
        }
        return hash
    }

    private func write(_ blob: [UInt8], _ hash: Blobref) throws(Failure) {
        let result: Result<Void, Failure> = blob.withUnsafeBytes { bytes in
            do throws(Failure) {
                guard bytes.count >= BlobCompression.threshold else { return .success(try insert(bytes, -1, hash)) }
                guard let block = BlobCompression.compressed(bytes) else { throw Failure(errnum: EINVAL) }
                return block.withUnsafeBytes { packed in
                    do throws(Failure) { return .success(try insert(packed, Int64(bytes.count), hash)) } catch {
                        return .failure(error)
                    }
                }
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    private func insert(_ object: UnsafeRawBufferPointer, _ size: Int64, _ hash: Blobref) throws(Failure) {
        defer { storeStatement.reset() }
        try guarded { () throws(DatabaseError) in
            try hash.digest.bound(to: storeStatement, 1)
            try storeStatement.bind(2, size)
            try storeStatement.bindBlob(3, object)
            try storeStatement.bind(4, epoch)
            try storeStatement.step()
        }
    }

    func exists(_ hash: Blobref) throws(Failure) -> Bool {
        defer { existsStatement.reset() }
        do throws(DatabaseError) {
            try hash.digest.bound(to: existsStatement, 1)
            return try existsStatement.step() && existsStatement.integer(0) != 0
        } catch {
            throw Failure(error)
        }
    }

    // MARK: Groups of writes

    func openGroup() throws(Failure) {
        guard !isGroupOpen else { return }
        do throws(DatabaseError) { try database.execute("BEGIN IMMEDIATE") } catch { throw Failure(error) }
        isGroupOpen = true
        groupFailure = nil
        hasRootInGroup = false
    }

    /// Runs a write of the group; remembers that it failed, and whether SQLite took back all of the group with it.
    func guarded(_ body: () throws(DatabaseError) -> Void) throws(Failure) {
        do throws(DatabaseError) { try body() } catch {
            let failure = Failure(error)
            if isGroupOpen, !database.isInTransaction { groupFailure = groupFailure ?? failure }
            throw failure
        }
    }

    /// Ends the group: all of it is in the file now, or nothing is.
    ///
    /// - Throws: why; whoever wrote in this group must be told.
    func commit() throws(Failure) {
        guard isGroupOpen else { return }
        isGroupOpen = false
        if let groupFailure { throw groupFailure }
        do throws(DatabaseError) {
            try database.execute("COMMIT")
        } catch {
            // Without a journal there is nothing to go back to.
            if options.journalMode != "OFF" { try? database.execute("ROLLBACK") }
            throw Failure(error)
        }
        // The write-ahead log is written but not synced at NORMAL; an acknowledged root must survive power loss.
        if hasRootInGroup, options.journalMode == "WAL", options.synchronous == "NORMAL" { log.sync() }
    }

    /// What a group wrote that was taken back is missing until it is stored again.
    func lost(_ hashes: [Blobref]) { missing.formUnion(hashes) }

    /// Refuses a root while blobs below it may be missing.
    func requireNothingMissing() throws(Failure) {
        guard missing.isEmpty else {
            throw Failure(errnum: ENOSPC, text: "\(missing.count) blobs could not be written to the content store")
        }
        hasRootInGroup = true
    }
}

extension [UInt8] {
    /// Binds bytes as SQLite's TEXT.
    func bound(to statement: borrowing Statement, _ index: Int32) throws(DatabaseError) {
        let result: Result<Void, DatabaseError> = withUnsafeBytes { bytes in
            do throws(DatabaseError) { return .success(try statement.bindText(index, bytes)) } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}

/// The write-ahead log beside the database, opened only to be synced.
final class LogFile {
    private let path: String
    private var descriptor: Int32 = -1

    init(path: String) { self.path = path }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func sync() {
        if descriptor < 0 { descriptor = open(path, O_RDWR | O_CLOEXEC) }
        if descriptor >= 0 { fdatasync(descriptor) }
    }
}
