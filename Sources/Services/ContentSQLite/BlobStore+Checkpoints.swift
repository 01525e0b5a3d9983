internal import FluxJSON
internal import Glibc

extension BlobStore {
    /// All checkpoints with their ids, newest first.
    func checkpoints() throws(Failure) -> [(id: Int64, value: JSON)] {
        var all: [(Int64, JSON)] = []
        do throws(DatabaseError) {
            let statement = try database.prepare("SELECT id, value FROM checkpt_v2 ORDER BY id DESC")
            while try statement.step() {
                guard let value = try? JSON(parsing: statement.text(1)) else { continue }
                all.append((statement.integer(0), value))
            }
        } catch {
            throw Failure(error)
        }
        return all
    }

    /// Adds a checkpoint to the open group, and forgets the oldest ones.
    func putCheckpoint(_ value: JSON) throws(Failure) {
        try openGroup()
        try requireNothingMissing()
        try guarded { () throws(DatabaseError) in
            let insert = try database.prepare("INSERT INTO checkpt_v2 (value) VALUES (?1)")
            try insert.bind(1, value.text)
            try insert.step()
            epoch = database.lastInsertedRow
            let prune = try database.prepare(
                """
                DELETE FROM checkpt_v2
                WHERE id IN (SELECT id FROM checkpt_v2 ORDER BY id DESC LIMIT -1 OFFSET ?1)
                """)
            try prune.bind(1, Int64(options.maxCheckpoints))
            try prune.step()
            if hasRootTable { try database.execute("DELETE FROM live_root") }
        }
    }

    /// The table of the root that is newer than the newest checkpoint. Ours; flux-core does not look at it.
    private var hasRootTable: Bool {
        let tables = try? database.number("SELECT COUNT(*) FROM sqlite_master WHERE name = 'live_root'")
        return tables ?? 0 > 0
    }

    /// Makes a KVS root durable with the open group: after a crash it becomes the newest checkpoint.
    func putRoot(_ value: JSON) throws(Failure) {
        try openGroup()
        try requireNothingMissing()
        try guarded { () throws(DatabaseError) in
            if !knowsRootTable {
                try database.execute(
                    "CREATE TABLE IF NOT EXISTS live_root(id INTEGER PRIMARY KEY, epoch INT, value TEXT)")
                knowsRootTable = true
            }
            let statement = try database.prepare("INSERT OR REPLACE INTO live_root VALUES (1, ?1, ?2)")
            try statement.bind(1, epoch)
            try statement.bind(2, value.text)
            try statement.step()
        }
    }

    /// After a crash: the last durable root is newer than the newest checkpoint and takes its place.
    ///
    /// A root that was written before checkpoints of another program (flux-core) is out of date and dropped.
    func adoptCrashedRoot() throws(Failure) {
        guard hasRootTable else { return }
        var root: JSON?
        do throws(DatabaseError) {
            let statement = try database.prepare("SELECT epoch, value FROM live_root WHERE id = 1")
            if try statement.step(), statement.integer(0) == epoch { root = try? JSON(parsing: statement.text(1)) }
        } catch {
            throw Failure(error)
        }
        let newest = try checkpoints().first?.value["sequence"]?.intValue ?? 0
        guard let root, root["sequence"]?.intValue ?? 0 > newest else { return }
        try putCheckpoint(root)
        try commit()
    }
}
