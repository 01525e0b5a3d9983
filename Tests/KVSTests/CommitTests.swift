import FluxJSON
@testable import KVS
import RFC11TreeObject
import Testing

@Suite("Commits of one namespace")
struct CommitTests {
    @Test("values are put, replaced and unlinked")
    func values() {
        var store = Store()
        store.commit("a.b.c=1", "x=2")
        #expect(store.log == ["1: t1 [a.b.c x]"])
        #expect(store.look("a.b.c") == "1")
        store.cache = BlobCache()
        store.commit("a.b.c=3", "-x")
        #expect(store.look("a.b.c") == "3")
        #expect(store.look("x") == "absent")
        store.commit("a=4")
        #expect(store.look("a") == "4")
        #expect(store.look("a.b.c") == "absent")
        store.commit("a.b=5")
        #expect(store.look("a.b") == "5")
        store.commit("-nothing.here", "-a.b.c.d")
        #expect(store.look("nothing", .readDirectory) == "absent")
        #expect(store.look("a.b") == "5")
    }

    @Test("the same content has the same root, and each transaction a version")
    func versions() {
        var store = Store()
        store.commit("a=1")
        let root = store.queue.root
        store.commit("a=1")
        #expect(store.queue.root == root)
        #expect(store.queue.sequence == 2)
        store.commit(flags: .sync)
        #expect(store.log.suffix(2) == ["checkpoint 3", "3: t3 []"])
    }

    @Test("objects that are none, and directories with names that no key has, are refused", arguments: [
        #"{"type":"val","ver":2,"data":""}"#, #"{"type":"val","ver":1,"data":5}"#, #"{"type":"bogus","ver":1,"data":""}"#,
        #"{"type":"dirref","ver":1,"data":[]}"#, #"{"type":"dirref","ver":1,"data":["sha1-00"]}"#,
        #"{"type":"valref","ver":1,"data":["md5-00"]}"#, #"{"type":"symlink","ver":1,"data":{}}"#, "{}", "[]", "5",
        #"{"type":"dir","ver":1,"data":{"":{"type":"val","ver":1,"data":""}}}"#,
        #"{"type":"dir","ver":1,"data":{"a.b":{"type":"val","ver":1,"data":""}}}"#,
        #"{"type":"dir","ver":1,"data":{"a":{"type":"dir","ver":1,"data":{".":{"type":"val","ver":1,"data":""}}}}}"#,
    ])
    func malformed(text: String) throws {
        let operation = try Operation(json: ["key": "a", "flags": 0, "dirent": try JSON(parsing: text)])
        #expect(operation.change == .malformed)
    }

    @Test("transactions that wait are merged, except those that must not be")
    func merging() {
        var store = Store()
        store.add("a=1")
        store.add("b=2")
        store.add("c=3", flags: .noMerge)
        store.add("d=4")
        for _ in 0..<4 { store.begin() }
        #expect(store.log == ["1: t1 t2 [a b]", "2: t3 [c]", "3: t4 [d]"])
        store.queue.isMerging = false
        store.add("e=1")
        store.add("f=1")
        for _ in 0..<2 { store.begin() }
        #expect(store.log.suffix(2) == ["4: t5 [e]", "5: t6 [f]"])
    }

    @Test("one that fails in a batch leaves no trace and spares the others")
    func partialFailure() {
        var store = Store()
        store.commit("dir.x=1", "link={\"data\":{\"target\":\"dir\"},\"type\":\"symlink\",\"ver\":1}")
        store.add("a=1", "log+=x")
        store.add("b=2", "dir+=oops")
        store.add("log+=y")
        store.begin()
        #expect(store.log.suffix(2) == ["2: t2 t4 [a log]", "error 21: t3"])
        #expect(store.look("b") == "absent")
        #expect(store.look("log") == "xy")
        store.commit("link+=z")
        #expect(store.log.last == "error 95: t5")
        #expect(store.queue.sequence == 2)
    }

    @Test("what cannot be stored together is tried one by one")
    func storeFailure() {
        var store = Store()
        store.storeFailures = [27, 27]
        store.add("a=1")
        store.add("b=2")
        for _ in 0..<3 { store.begin() }
        #expect(store.log == ["error 27: t1", "1: t2 [b]"])
        #expect(store.look("a") == "absent")
    }

    @Test("appends make blobs in order and lose nothing when a batch begins anew")
    func appends() {
        var store = Store()
        store.commit("d.log=first")
        store.cache = BlobCache()
        store.add("d.log+=second")
        store.add("d.log+=third", "d.new+=n")
        store.begin()
        #expect(store.look("d.log") == "firstsecondthird")
        #expect(store.look("d.new") == "n")
        #expect(store.look("d.log", .treeObject).contains("valref"))
        store.commit("d.log+=")
        #expect(store.look("d.log") == "firstsecondthird")
    }

    @Test("values longer than 72 base64 characters become blobs", arguments: [(54, "val"), (55, "valref"), (1000, "valref")])
    func longValues(count: Int, kind: String) {
        var store = Store()
        let value = String(repeating: "v", count: count)
        store.commit("big=\(value)")
        let entry = Entry(text: Array(store.look("big", .treeObject).utf8)[...])
        if kind == "valref" { #expect(entry?.kind == .valref) }
        store.cache = BlobCache()
        #expect(store.look("big") == value)
    }

    @Test("changes follow links of their own namespace and no further", arguments: [
        (#"{"data":{"target":"d"},"type":"symlink","ver":1}"#, "2: t2 [l.x]"),
        (#"{"data":{"namespace":"primary","target":"d"},"type":"symlink","ver":1}"#, "2: t2 [l.x]"),
        (#"{"data":{"namespace":"other","target":"d"},"type":"symlink","ver":1}"#, "error 22: t2"),
        (#"{"data":{"target":"l"},"type":"symlink","ver":1}"#, "error 40: t2"),
    ])
    func links(link: String, log: String) {
        var store = Store()
        store.commit("d.a=1", "l=\(link)")
        store.commit("l.x=2")
        #expect(store.log.last == log)
        if log.hasPrefix("2") { #expect(store.look("d.x") == "2") }
    }

    @Test("given directories are stored with all that is in them")
    func directories() {
        var store = Store()
        let directory = #"{"data":{"e":{"data":{"f":{"data":"Mg==","type":"val","ver":1}},"type":"dir","ver":1}},"type":"dir","ver":1}"#
        store.commit("d=\(directory)", "d.e.g=3")
        #expect(store.look("d.e.f") == "2")
        #expect(store.look("d.e.g") == "3")
        store.commit("empty={\"data\":{},\"type\":\"dir\",\"ver\":1}")
        #expect(store.look("empty", .readDirectory) == #"{"data":{},"type":"dir","ver":1}"#)
        #expect(store.look("empty", .treeObject).contains("sha1-c0a9faf907dda6216fd73bf81d0b3b21a1a8cb91"))
    }

    @Test("malformed operations are refused, each with its errno", arguments: [
        (#"[{"key":"a","flags":0}]"#, 71), (#"[{"key":"a","flags":0,"dirent":{"ver":1}}]"#, 22),
        (#"[{"key":".","flags":0,"dirent":{"data":"","type":"val","ver":1}}]"#, 22),
        (#"[{"key":"a","flags":0,"dirent":null,"x":1}]"#, 71), (#"[5]"#, 71),
        (#"[{"key":"a","flags":32,"dirent":{"data":{},"type":"dir","ver":1}}]"#, 71),
    ])
    func malformed(text: String, errnum: Int32) throws {
        var store = Store()
        store.add(ops: try #require(try JSON(parsing: text).arrayValue))
        store.begin()
        #expect(store.log == ["error \(errnum): t1"])
        #expect(store.queue.sequence == 0)
    }

    @Test("a lost directory fails the commit and nothing else")
    func lost() {
        var store = Store()
        store.commit("d.a=1", "x=1")
        store.blobs = store.blobs.filter { $0.key == store.queue.root }
        store.cache = BlobCache()
        store.commit("d.b=2")
        #expect(store.log.last == "error 2: t2")
        store.commit("x=2")
        #expect(store.look("x") == "2")
    }

    @Test("keys are normalized", arguments: [
        ("a", "a"), (".a", "a"), ("a.", "a"), ("a..b", "a.b"), ("...a...b...", "a.b"), (".", "."), ("..", "."), ("", ""),
    ])
    func keys(key: String, normalized: String) {
        #expect(Key.normalized(key) == normalized)
    }

    @Test("guests may put values and empty directories, and unlink", arguments: [
        ("a=1", nil), ("-a", nil), (#"a={"data":{},"type":"dir","ver":1}"#, nil),
        (#"a={"data":{"target":"b"},"type":"symlink","ver":1}"#, "guests may not commit symlink objects"),
        (#"a={"data":["sha1-c0a9faf907dda6216fd73bf81d0b3b21a1a8cb91"],"type":"valref","ver":1}"#, "guests may not commit valref objects"),
        (#"a={"data":{"b":{"data":"","type":"val","ver":1}},"type":"dir","ver":1}"#, "guests may not commit non-empty dir objects"),
    ])
    func guests(text: String, refusal: String?) throws {
        #expect(try Operation(json: Store.operation(text)).refusalForGuests == refusal)
    }
}

@Suite("Patient commits")
struct PatientCommitTests {
    /// What the queue asks for when a transaction is added: nil for nothing, else seconds until its batch.
    private func delay(_ store: inout Store, _ flags: Transaction.Flags, at now: Double) -> Double? {
        store.cache.now = now
        let transaction = Transaction(name: "t", flags: flags.rawValue, ops: [Store.operation("a=1")])
        let directives = store.queue.apply(.add(transaction), &store.cache)
        for case .callBack(let delay) in directives { return delay }
        return nil
    }

    @Test("a few are applied at once, many wait for each other, and none holds back one that is waited for")
    func pace() {
        var store = Store()
        for _ in 0..<8 {
            #expect(delay(&store, .patient, at: 1) == 0)
            store.begin()
        }
        // However many went before, none waits for long.
        for _ in 0..<100 {
            #expect(delay(&store, [], at: 1) == 0)
            store.begin()
        }
        let wait = delay(&store, .patient, at: 1) ?? 0
        #expect(wait > 0.0019 && wait < 0.0021)
        // Asked for already.
        #expect(delay(&store, .patient, at: 1) == nil)
        // Somebody waits for this one: all go now, in order.
        #expect(delay(&store, [], at: 1) == 0)
        store.begin()
        #expect(store.queue.count == 0)
        // After a pause there is no load.
        #expect(delay(&store, .patient, at: 2) == 0)
    }

    @Test("a patient one that must not be merged is no patient one")
    func unmergeable() {
        var store = Store()
        for _ in 0..<20 {
            #expect(delay(&store, [.patient, .noMerge], at: 1) == 0)
            store.begin()
        }
    }
}
