internal import Glibc

extension BlobStore {
    private static let makeObjects =
        "CREATE TABLE IF NOT EXISTS objects(  hash BLOB PRIMARY KEY,  size INT,  object BLOB,  epoch INT DEFAULT 0);"
    private static let makeCheckpoints =
        "CREATE TABLE IF NOT EXISTS checkpt_v2(  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,  value TEXT);"

    /// Refuses what is not a content store before anything is written to it.
    static func check(_ database: borrowing Database, _ path: String) throws(DatabaseError) {
        let tables = try database.texts("SELECT tbl_name FROM sqlite_master WHERE type = 'table'")
        guard tables.isEmpty || tables.contains("objects") else {
            throw DatabaseError(code: 0, message: "this database is no content store (it has no table \"objects\")")
        }
        let version = try database.number("PRAGMA user_version")
        guard version == 0 else {
            throw DatabaseError(code: 0, message: "this content store is of a newer version (\(version))")
        }
    }

    /// Sets the modes, checks the pages, makes what is missing and brings older files to today's form.
    static func prepare(_ database: borrowing Database, _ options: StoreOptions) throws(DatabaseError) {
        try database.execute("PRAGMA locking_mode=EXCLUSIVE")
        // Before anything is written: the journal mode is kept in the file.
        if let damage = try database.texts("PRAGMA quick_check(1)").first, damage != "ok" {
            throw DatabaseError(code: 11, message: "the database is damaged: \(damage)")
        }
        // For a new file only: it can be made shorter later. Both implementations read such files.
        try database.execute("PRAGMA auto_vacuum=INCREMENTAL")
        try database.execute("PRAGMA journal_mode=\(options.journalMode)")
        try database.execute("PRAGMA synchronous=\(options.synchronous)")
        try database.execute(makeObjects)
        try database.execute(makeCheckpoints)
        let columns = try database.texts("SELECT name FROM pragma_table_info('objects')")
        if !columns.contains("epoch") {
            try database.execute("ALTER TABLE objects ADD COLUMN epoch INT DEFAULT 0")
        }
        try migrateCheckpoint(database)
    }

    /// Takes the one checkpoint of the table that flux-core used before its version 0.76.
    private static func migrateCheckpoint(_ database: borrowing Database) throws(DatabaseError) {
        let tables = try database.texts("SELECT tbl_name FROM sqlite_master WHERE type = 'table'")
        guard tables.contains("checkpt") else { return }
        try database.execute("BEGIN")
        try database.execute(
            "INSERT INTO checkpt_v2 (value) SELECT value FROM checkpt WHERE key = 'kvs-primary'")
        try database.execute("DROP TABLE IF EXISTS checkpt")
        try database.execute("COMMIT")
    }
}
