internal import CSQLite

/// An error of SQLite: its own words and extended code, and the errno that the service answers with.
struct DatabaseError: Error, Hashable, Sendable, CustomStringConvertible {
    let code: Int32
    let message: String

    /// SQLite's text with the extended code in parentheses.
    var description: String { "\(message)(\(code))" }

    /// Source: job-protocol §1.3 (observed: flux-core 0.88).
    var errnum: Int32 {
        switch code & 0xff {
        case SQLITE_IOERR: 5
        case SQLITE_NOMEM: 12
        case SQLITE_ABORT, SQLITE_PERM, SQLITE_READONLY: 1
        case SQLITE_TOOBIG: 27
        case SQLITE_FULL: 28
        default: 22
        }
    }
}

/// An open database file that closes itself. It belongs to one thread.
struct Database: ~Copyable {
    fileprivate let raw: OpaquePointer

    /// Opens a file, making it if it is not there.
    init(path: String) throws(DatabaseError) {
        var raw: OpaquePointer?
        let code = sqlite3_open_v2(path, &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil)
        guard code == SQLITE_OK, let raw else {
            let message = raw.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(raw)
            throw DatabaseError(code: code, message: message)
        }
        sqlite3_extended_result_codes(raw, 1)
        self.raw = raw
    }

    // Statements that still live keep the connection; the last of them closes it.
    deinit { sqlite3_close_v2(raw) }

    func execute(_ sql: String) throws(DatabaseError) {
        guard sqlite3_exec(raw, sql, nil, nil, nil) == SQLITE_OK else { throw lastError }
    }

    func prepare(_ sql: String) throws(DatabaseError) -> Statement {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(raw, sql, -1, &statement, nil) == SQLITE_OK, let statement else { throw lastError }
        return Statement(raw: statement, database: raw)
    }

    /// The first column of the first row as a number; 0 when it is NULL or there is no row.
    func number(_ sql: String) throws(DatabaseError) -> Int64 {
        let statement = try prepare(sql)
        return try statement.step() ? statement.integer(0) : 0
    }

    /// The first column of all rows as texts.
    func texts(_ sql: String) throws(DatabaseError) -> [String] {
        let statement = try prepare(sql)
        var texts: [String] = []
        while try statement.step() { texts.append(statement.text(0)) }
        return texts
    }

    /// Rows that the last statement changed.
    var changes: Int { Int(sqlite3_changes(raw)) }
    var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(raw) }
    /// Whether a transaction is open.
    var isInTransaction: Bool { sqlite3_get_autocommit(raw) == 0 }

    private var lastError: DatabaseError { DatabaseError(of: raw) }
}

extension DatabaseError {
    fileprivate init(of database: OpaquePointer) {
        self.init(code: sqlite3_extended_errcode(database), message: String(cString: sqlite3_errmsg(database)))
    }
}

/// A prepared statement that finalizes itself.
struct Statement: ~Copyable {
    private let raw: OpaquePointer
    private let database: OpaquePointer

    fileprivate init(raw: OpaquePointer, database: OpaquePointer) {
        self.raw = raw
        self.database = database
    }

    deinit { sqlite3_finalize(raw) }

    // The bytes bound below are copied only where `step` may outlive them.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    func bind(_ index: Int32, _ number: Int64) throws(DatabaseError) {
        guard sqlite3_bind_int64(raw, index, number) == SQLITE_OK else { throw DatabaseError(of: database) }
    }

    func bind(_ index: Int32, _ text: String) throws(DatabaseError) {
        guard sqlite3_bind_text(raw, index, text, -1, Self.transient) == SQLITE_OK else {
            throw DatabaseError(of: database)
        }
    }

    /// Binds bytes as SQLite's TEXT, as flux-core binds digests: a BLOB with the same bytes is another value.
    func bindText(_ index: Int32, _ bytes: UnsafeRawBufferPointer) throws(DatabaseError) {
        let pointer = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        guard sqlite3_bind_text(raw, index, pointer, Int32(bytes.count), Self.transient) == SQLITE_OK else {
            throw DatabaseError(of: database)
        }
    }

    /// Binds bytes that stay where they are until the statement is reset.
    func bindBlob(_ index: Int32, _ bytes: UnsafeRawBufferPointer) throws(DatabaseError) {
        let code =
            bytes.isEmpty
            ? sqlite3_bind_zeroblob(raw, index, 0)
            : sqlite3_bind_blob(raw, index, bytes.baseAddress, Int32(bytes.count), nil)
        guard code == SQLITE_OK else { throw DatabaseError(of: database) }
    }

    /// Goes to the next row; false at the end.
    @discardableResult
    func step() throws(DatabaseError) -> Bool {
        switch sqlite3_step(raw) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw DatabaseError(of: database)
        }
    }

    /// Makes the statement ready for its next use.
    func reset() {
        sqlite3_reset(raw)
        sqlite3_clear_bindings(raw)
    }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(raw, column) }
    func isInteger(_ column: Int32) -> Bool { sqlite3_column_type(raw, column) == SQLITE_INTEGER }
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(raw, column) == SQLITE_NULL }
    func isBlob(_ column: Int32) -> Bool { sqlite3_column_type(raw, column) == SQLITE_BLOB }

    func text(_ column: Int32) -> String {
        sqlite3_column_text(raw, column).map { String(cString: $0) } ?? ""
    }

    /// The bytes of a column; valid until the next step or reset.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(raw, column)
        return UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(raw, column)))
    }
}
