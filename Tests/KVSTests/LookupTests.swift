import Blob
@testable import KVS
import Testing

@Suite("Look-ups")
struct LookupTests {
    private func store() -> Store {
        var store = Store()
        store.commit(
            "d.a=1", "v=2", "big=\(String(repeating: "x", count: 100))",
            #"toA={"data":{"target":"d.a"},"type":"symlink","ver":1}"#,
            #"toD={"data":{"target":"d"},"type":"symlink","ver":1}"#,
            #"toRoot={"data":{"target":"."},"type":"symlink","ver":1}"#,
            #"self={"data":{"target":"self"},"type":"symlink","ver":1}"#,
            #"chain={"data":{"target":"toD.a"},"type":"symlink","ver":1}"#,
            #"other={"data":{"namespace":"ns","target":"v"},"type":"symlink","ver":1}"#)
        return store
    }

    @Test("results by key and flags", arguments: [
        ("v", [], "2"), ("d.a", [], "1"), (".d..a.", [], "1"), ("d", [], "error 21"), (".", [], "error 21"),
        ("v", .readDirectory, "error 20"), ("v", .readLink, "error 22"), ("big", .readDirectory, "error 20"),
        ("d", .readLink, "error 22"), ("nope", [], "absent"), ("d.nope", [], "absent"), ("v.x", [], "absent"),
        ("toA", [], "1"), ("toD.a", [], "1"), ("toRoot.v", [], "2"), ("toRoot.toRoot.toD.a", [], "1"), ("chain", [], "1"),
        ("self", [], "error 40"), ("self.x", [], "error 40"), ("toRoot", [], "error 21"),
        ("toA", .readLink, #"{"data":{"target":"d.a"},"type":"symlink","ver":1}"#),
        ("toA", .treeObject, #"{"data":{"target":"d.a"},"type":"symlink","ver":1}"#),
        ("toA", [.readLink, .readDirectory], "error 20"),
        ("d", .readDirectory, #"{"data":{"a":{"data":"MQ==","type":"val","ver":1}},"type":"dir","ver":1}"#),
        ("toD", .readDirectory, #"{"data":{"a":{"data":"MQ==","type":"val","ver":1}},"type":"dir","ver":1}"#),
        ("other", [], "needs ns"),
    ] as [(String, Lookup.Flags, String)])
    func results(key: String, flags: Lookup.Flags, result: String) {
        var store = store()
        #expect(store.look(key, flags) == result)
        store.cache = BlobCache()
        #expect(store.look(key, flags) == result)
    }

    @Test("links into other namespaces need the right to be there")
    func namespaces() {
        var store = store()
        var other = Store(namespace: "ns")
        other.commit("v=elsewhere")
        for (reference, blob) in other.blobs { store.blobs[reference] = blob }
        #expect(store.look("other", others: ["ns": .root(other.queue.root)]) == "elsewhere")
        #expect(store.look("other", others: ["ns": .forbidden]) == "error 1")
    }

    @Test("a root that is no directory is the client's fault, one inside the tree is not")
    func badObjects() throws {
        var store = store()
        store.commit(#"bad={"data":["sha1-0000000000000000000000000000000000000000"],"type":"dirref","ver":1}"#)
        #expect(store.look("bad.x").hasPrefix("lost"))
        let text = Array("no directory".utf8)
        let reference = store.queue.algorithm.reference(to: text)
        store.blobs[reference] = text
        store.commit(#"worse={"data":["\#(reference)"],"type":"dirref","ver":1}"#)
        #expect(store.look("worse.x") == "error 131")
        let lookup = Lookup(key: "x", flags: [], root: reference)
        store.cache.insert(reference, blob: text)
        #expect(lookup.run(&store.cache) { _ in .unknown } == .refused(22))
    }

    @Test("the cache is bounded and drops what is not used")
    func bounds() {
        var cache = BlobCache()
        cache.targetSize = 10_000
        for number in 0..<100 {
            cache.now = Double(number) / 100
            let blob = [UInt8](repeating: UInt8(number), count: 1000)
            cache.insert(Store().queue.algorithm.reference(to: blob), blob: blob)
        }
        cache.now = 2
        cache.trim(keeping: [])
        #expect(cache.size <= 10_000)
        cache.now = 20
        cache.trim(keeping: [])
        #expect(cache.count == 0)
        #expect(cache.size == 0)
    }
}
