import Blob
@testable import ContentSQLite
import FluxJSON
import Glibc
import RFC10Content
import Testing

@Suite("The SQLite file")
struct BlobStoreTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/flux-store-XXXXXX".utf8CString)
        let folder = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
        defer {
            for name in ["content.sqlite", "content.sqlite-wal", "content.sqlite-shm"] { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
        try body("\(folder)/content.sqlite")
    }

    private func open(_ path: String) throws -> BlobStore {
        try BlobStore(path: path, options: StoreOptions(isTemporary: false), algorithm: .sha1)
    }

    private func root(_ sequence: Int64) -> JSON {
        ["version": 1, "rootref": "sha1-c0a9faf907dda6216fd73bf81d0b3b21a1a8cb91", "sequence": .int(sequence), "timestamp": 1.5]
    }

    @Test("blobs come back, small and large, also after reopening", arguments: [0, 1, 255, 256, 100_000])
    func blobs(size: Int) throws {
        try withFolder { path in
            let blob = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* $0) }
            var hash: Blobref?
            do {
                let store = try open(path)
                hash = try store.store(blob)
                #expect(try store.store(blob) == hash)
                try store.commit()
                #expect(try store.objectCount() == 1)
            }
            let store = try open(path)
            let known = try #require(hash)
            #expect(try store.load(known) == blob)
            #expect(try store.exists(known))
            let other = Blobref.Algorithm.sha1.reference(to: Array("other".utf8))
            #expect(try !store.exists(other))
            #expect(throws: BlobStore.Failure(errnum: 2)) { try store.load(other) }
        }
    }

    @Test("the newest five checkpoints are kept, and give the epoch")
    func checkpoints() throws {
        try withFolder { path in
            let store = try open(path)
            for sequence in 1...7 { try store.putCheckpoint(root(Int64(sequence))) }
            try store.commit()
            #expect(try store.checkpoints().map { $0.value["sequence"]?.intValue } == [7, 6, 5, 4, 3])
            #expect(store.epoch == 7)
        }
    }

    @Test("a durable root becomes a checkpoint after a crash, and only then")
    func crashedRoot() throws {
        try withFolder { path in
            do {
                let store = try open(path)
                try store.putCheckpoint(root(3))
                try store.putRoot(root(4))
                try store.putRoot(root(9))
                try store.commit()
                #expect(try store.checkpoints().count == 1)
            }
            do {
                let store = try open(path)
                #expect(try store.checkpoints().map { $0.value["sequence"]?.intValue } == [9, 3])
                try store.putRoot(root(10))
                try store.putCheckpoint(root(11))
                try store.commit()
            }
            let store = try open(path)
            #expect(try store.checkpoints().map { $0.value["sequence"]?.intValue } == [11, 9, 3])
        }
    }

    @Test("a root from before another program's checkpoints is out of date")
    func staleRoot() throws {
        try withFolder { path in
            do {
                let store = try open(path)
                try store.putCheckpoint(root(3))
                try store.putRoot(root(50))
                try store.commit()
                try store.database.execute("INSERT INTO checkpt_v2 (value) VALUES ('\(root(4).text)')")
            }
            #expect(try open(path).checkpoints().map { $0.value["sequence"]?.intValue } == [4, 3])
        }
    }

    @Test("no root while a blob in front of it is missing")
    func missing() throws {
        try withFolder { path in
            let store = try open(path)
            let hash = try store.store([1])
            try store.commit()
            store.lost([hash])
            #expect(throws: BlobStore.Failure.self) { try store.putRoot(root(1)) }
            _ = try store.store([1])
            try store.putRoot(root(1))
            try store.commit()
        }
    }

    @Test("the file is shorter after a sweep")
    func shrinking() throws {
        try withFolder { path in
            func size() -> Int {
                var status = stat()
                return stat(path, &status) == 0 ? Int(status.st_size) : -1
            }
            do {
                let store = try open(path)
                // Numbers that do not compress.
                var state: UInt32 = 1
                for _ in 0..<200 {
                    _ = try store.store((0..<10_000).map { _ in
                        state = state &* 1_664_525 &+ 1_013_904_223
                        return UInt8(truncatingIfNeeded: state >> 24)
                    })
                }
                try store.putCheckpoint(root(1))
                try store.commit()
            }
            #expect(size() > 2_000_000)
            do {
                let store = try open(path)
                let highWater = try store.collectorInformation(below: nil).highWater
                let (deleted, cursor) = try store.sweep(
                    below: store.epoch, cursor: 0, highWater: highWater, deleteCap: 1000, window: 1000)
                try store.commit()
                #expect(deleted == 200 && cursor == highWater)
            }
            #expect(size() < 200_000)
        }
    }

    @Test("marked blobs survive the sweep, the others go")
    func collecting() throws {
        try withFolder { path in
            let store = try open(path)
            let hashes = try (0..<10).map { try store.store([UInt8($0)]) }
            try store.putCheckpoint(root(1))
            let marked = try store.mark(Array(hashes[..<4]), epoch: store.epoch)
            try store.commit()
            #expect(marked == 4)
            let (highWater, candidates) = try store.collectorInformation(below: store.epoch)
            #expect(candidates == 6)
            var (deleted, cursor) = try store.sweep(below: store.epoch, cursor: 0, highWater: highWater, deleteCap: 4, window: 100)
            #expect(deleted == 4)
            (deleted, cursor) = try store.sweep(below: store.epoch, cursor: cursor, highWater: highWater, deleteCap: 4, window: 100)
            try store.commit()
            #expect(deleted == 2)
            #expect(cursor == highWater)
            #expect(try store.objectCount() == 4)
            for hash in hashes[..<4] { #expect(try store.exists(hash)) }
        }
    }

    @Test("a blob that was changed in the file is not given out", arguments: [10, 1000])
    func forged(size: Int) throws {
        try withFolder { path in
            var hash: Blobref?
            do {
                let store = try open(path)
                hash = try store.store([UInt8](repeating: 7, count: size))
                try store.commit()
            }
            do { try Database(path: path).execute("UPDATE objects SET object = zeroblob(length(object))") }
            let store = try open(path), known = try #require(hash)
            let refusal = #expect(throws: BlobStore.Failure.self) { try store.load(known) }
            #expect(refusal?.errnum == 22)
        }
    }

    @Test("damaged, foreign and newer files are refused and stay as they are")
    func foreign() throws {
        try withFolder { path in
            do {
                let other = try Database(path: path)
                try other.execute("CREATE TABLE other(x INT)")
            }
            #expect(throws: BlobStore.Failure.self) { try open(path) }
            let tables = try Database(path: path).texts("SELECT tbl_name FROM sqlite_master")
            #expect(tables == ["other"])
        }
        try withFolder { path in
            do { _ = try open(path) }
            do { try Database(path: path).execute("PRAGMA user_version=3") }
            #expect(throws: BlobStore.Failure.self) { try open(path) }
        }
        try withFolder { path in
            let file = fopen(path, "w")
            fputs("this is not a database, however long one looks at it", file)
            fclose(file)
            #expect(throws: BlobStore.Failure.self) { try open(path) }
        }
    }
}
