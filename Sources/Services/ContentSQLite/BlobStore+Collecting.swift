internal import Blob
internal import RFC10Content
internal import Glibc

extension BlobStore {
    /// Hashes that one mark request may name; the store does nothing else meanwhile.
    static let markLimit = 16384
    static let sweepDeleteLimit: Int64 = 8192
    static let sweepWindowLimit: Int64 = 1 << 19
    /// Free pages that one sweep request gives back to the file system, and that the last one gives back.
    static let vacuumLimit = 4096, lastVacuumLimit = 1 << 17

    /// Raises the epoch of blobs that are in use.
    ///
    /// - Returns: how many changed.
    func mark(_ hashes: [Blobref], epoch target: Int64) throws(Failure) -> Int {
        try openGroup()
        var marked = 0
        try guarded { () throws(DatabaseError) in
            let statement = try database.prepare("UPDATE objects SET epoch = MAX(epoch, ?1) WHERE hash = ?2")
            for hash in hashes {
                try statement.bind(1, target)
                try hash.digest.bound(to: statement, 2)
                try statement.step()
                marked += database.changes
                statement.reset()
            }
        }
        return marked
    }

    /// Deletes blobs below an epoch among the rows after `cursor`.
    ///
    /// - Returns: how many went, and the row up to which all is settled.
    func sweep(
        below epoch: Int64, cursor: Int64, highWater: Int64, deleteCap: Int64, window: Int64
    ) throws(Failure) -> (deleted: Int64, cursor: Int64) {
        let deleteCap = min(deleteCap, Self.sweepDeleteLimit)
        let limit = min(highWater, cursor &+ min(window, Self.sweepWindowLimit))
        try openGroup()
        var rows: [Int64] = []
        var deleted: Int64 = 0
        try guarded { () throws(DatabaseError) in
            let select = try database.prepare(
                """
                SELECT rowid FROM objects WHERE epoch < ?1 AND rowid > ?2 AND rowid <= ?3
                ORDER BY rowid LIMIT ?4
                """)
            for (index, number) in [epoch, cursor, limit, deleteCap].enumerated() {
                try select.bind(Int32(index + 1), number)
            }
            while try select.step() { rows.append(select.integer(0)) }
            let delete = try database.prepare("DELETE FROM objects WHERE rowid = ?1")
            for row in rows {
                try delete.bind(1, row)
                try delete.step()
                deleted += Int64(database.changes)
                delete.reset()
            }
        }
        let next = Int64(rows.count) == deleteCap ? rows.last ?? limit : limit
        try shrink(by: next >= highWater ? Self.lastVacuumLimit : Self.vacuumLimit)
        return (deleted, next)
    }

    /// Moves the last pages of the file into free ones and cuts it off behind them; the file becomes shorter when the
    /// write-ahead log is next taken into it. Files that were not made for it stay as long as they are.
    private func shrink(by pages: Int) throws(Failure) {
        try guarded { () throws(DatabaseError) in try database.execute("PRAGMA incremental_vacuum(\(pages))") }
    }

    /// The last row, and how many blobs are below an epoch when that is asked for (it reads the whole table).
    func collectorInformation(below epoch: Int64?) throws(Failure) -> (highWater: Int64, candidates: Int64?) {
        do throws(DatabaseError) {
            let highWater = try database.number("SELECT MAX(rowid) FROM objects")
            guard let epoch else { return (highWater, nil) }
            return (highWater, try database.number("SELECT COUNT(*) FROM objects WHERE epoch < \(epoch)"))
        } catch {
            throw Failure(error)
        }
    }

    func objectCount() throws(Failure) -> Int64 {
        do throws(DatabaseError) { return try database.number("SELECT COUNT(1) FROM objects") } catch {
            throw Failure(errnum: EPERM, text: error.description)
        }
    }
}
