import Blob
@testable import Content
import RFC10Content
import Testing

@Suite("Conversations with the content cache")
struct ContentCacheTests {
    private func blob(_ text: String) -> (Blobref, [UInt8]) {
        let bytes = Array(text.utf8)
        return (Blobref.Algorithm.sha1.reference(to: bytes), bytes)
    }

    private func makeLeader(isLazy: Bool = false, target: Int = 16 << 20) -> ContentCache {
        var settings = ContentCache.Settings()
        settings.isLeader = true
        settings.isLazy = isLazy
        settings.targetSize = target
        return ContentCache(settings)
    }

    @Test("a follower writes through and loads once")
    func follower() {
        var cache = ContentCache()
        let (a, bytes) = blob("a")
        #expect(cache.apply(.load(1, a)) == [.load(a)])
        #expect(cache.apply(.load(2, a)) == [])
        #expect(cache.apply(.loaded(a, bytes, isEphemeral: false)) == [.answerBlob([1, 2], bytes, isEphemeral: false)])
        #expect(cache.apply(.load(3, a)) == [.answerBlob([3], bytes, isEphemeral: false)])
        let (b, more) = blob("b")
        #expect(cache.apply(.store(4, b, more)) == [.store(b, more)])
        #expect(cache.apply(.store(5, b, more)) == [])
        #expect(cache.dirtyCount == 1)
        #expect(cache.apply(.stored(b)) == [.answerHash([4, 5], b)])
        #expect(cache.dirtyCount == 0)
        #expect(cache.size == 2)
    }

    @Test("a failed store on a follower is told and forgotten")
    func followerFailure() {
        var cache = ContentCache()
        let (a, bytes) = blob("a")
        _ = cache.apply(.store(1, a, bytes))
        #expect(cache.apply(.storeFailed(a, errnum: 28)) == [.refuse([1], errnum: 28, text: nil)])
        #expect(cache.count == 0)
        #expect(cache.apply(.load(2, a)) == [.load(a)])
        #expect(cache.apply(.loadFailed(a, errnum: 2, text: nil)) == [.refuse([2], errnum: 2, text: nil)])
        #expect(cache.count == 0)
    }

    @Test("the leader answers at once and writes back when a store is there")
    func leader() {
        var cache = makeLeader()
        let (a, bytes) = blob("a")
        #expect(cache.apply(.load(1, a)) == [.refuse([1], errnum: 2, text: nil)])
        #expect(cache.apply(.flush(2)) == [.refuse([2], errnum: 38, text: nil)])
        #expect(cache.apply(.store(3, a, bytes)) == [.answerHash([3], a)])
        #expect(cache.apply(.backingRegistered(asksBack: true)) == [.store(a, bytes)])
        #expect(cache.apply(.flush(4)) == [])
        #expect(cache.apply(.stored(a)) == [.answerEmpty([4])])
        #expect(cache.apply(.flush(5)) == [.answerEmpty([5])])
        // Stored again, so that the store sees that it is in use.
        #expect(cache.apply(.store(6, a, bytes)) == [.answerHash([6], a), .store(a, bytes)])
    }

    @Test("a flush waits for what was dirty when it came, not for what comes later")
    func flushTurn() {
        var cache = makeLeader()
        _ = cache.apply(.backingRegistered(asksBack: true))
        let (a, bytesA) = blob("a")
        let (b, bytesB) = blob("b")
        _ = cache.apply(.keep(a, bytesA))
        #expect(cache.apply(.flush(1)) == [])
        _ = cache.apply(.keep(b, bytesB))
        #expect(cache.apply(.stored(b)) == [])
        #expect(cache.apply(.stored(a)) == [.answerEmpty([1])])
    }

    @Test("what the disk refuses stays dirty and is tried again; nobody else suffers")
    func fullDisk() {
        var cache = makeLeader()
        _ = cache.apply(.backingRegistered(asksBack: true))
        let (a, bytes) = blob("a")
        _ = cache.apply(.keep(a, bytes))
        _ = cache.apply(.flush(1))
        #expect(cache.apply(.storeFailed(a, errnum: 28)) == [.refuse([1], errnum: 28, text: nil)])
        #expect(cache.dirtyCount == 1)
        #expect(cache.apply(.load(2, a)) == [.answerBlob([2], bytes, isEphemeral: false)])
        #expect(cache.apply(.dropClean) == [])
        #expect(cache.contains(a))
        #expect(cache.apply(.purge) == [.store(a, bytes)])
        #expect(cache.apply(.flush(3)) == [])
        #expect(cache.apply(.stored(a)) == [.answerEmpty([3])])
    }

    @Test("a lazy leader keeps blobs in memory until they are many")
    func lazy() {
        var cache = makeLeader(isLazy: true, target: 2000)
        _ = cache.apply(.backingRegistered(asksBack: true))
        var sent = 0
        for number in 0..<9 {
            let (reference, bytes) = blob("\(number)" + String(repeating: "x", count: 99))
            sent += cache.apply(.keep(reference, bytes)).count
        }
        #expect(sent == 0)
        let (reference, bytes) = blob(String(repeating: "y", count: 200))
        #expect(cache.apply(.keep(reference, bytes)).count == 10)
        #expect(cache.storingCount == 10)
    }

    @Test("memory is bounded: clean blobs go, the least used first, and old ones with time")
    func bounds() {
        var cache = makeLeader(target: 1 << 20)
        _ = cache.apply(.backingRegistered(asksBack: true))
        for number in 0..<200 {
            cache.now = Double(number)
            let (reference, bytes) = blob("\(number)" + String(repeating: "x", count: 100_000))
            _ = cache.apply(.keep(reference, bytes))
            _ = cache.apply(.stored(reference))
            #expect(cache.size <= 3 << 20)
        }
        cache.now = 500
        _ = cache.apply(.purge)
        #expect(cache.size <= 1 << 20)
        _ = cache.apply(.dropClean)
        #expect(cache.size == 0)
        #expect(cache.count == 0)
    }

    @Test("many small blobs are bounded by what they cost, not by how long they are", arguments: [true, false])
    func smallBlobs(isLazy: Bool) {
        var settings = ContentCache.Settings()
        settings.isLeader = true
        settings.isLazy = isLazy
        settings.targetSize = 1 << 20
        var cache = ContentCache(settings)
        _ = cache.apply(.backingRegistered(asksBack: true))
        var most = 0
        for number in 0..<20_000 {
            let (reference, bytes) = blob("\(number)")
            for case .store(let stored, _) in cache.apply(.keep(reference, bytes)) { _ = cache.apply(.stored(stored)) }
            most = max(most, cache.count)
        }
        #expect(most < 8100)
    }

    @Test("a stored blob takes the place of one of a mapped file")
    func ephemeral() {
        var cache = ContentCache()
        let (a, bytes) = blob("a")
        #expect(cache.apply(.loaded(a, bytes, isEphemeral: true)) == [], "nobody has asked")
        _ = cache.apply(.load(1, a))
        #expect(cache.apply(.loaded(a, bytes, isEphemeral: true)) == [.answerBlob([1], bytes, isEphemeral: true)])
        #expect(cache.hit(a)?.isEphemeral == true)
        #expect(cache.apply(.store(2, a, bytes)) == [.store(a, bytes)])
        #expect(cache.apply(.stored(a)) == [.answerHash([2], a)])
        #expect(cache.hit(a)?.isEphemeral == false)
    }

    @Test("what is over the limit is refused; who left is forgotten")
    func refusals() {
        var settings = ContentCache.Settings()
        settings.blobLimit = 3
        var cache = ContentCache(settings)
        let (a, bytes) = blob("abcd")
        #expect(cache.apply(.store(1, a, bytes)) == [.refuse([1], errnum: 27, text: nil)])
        #expect(cache.count == 0)
        let (b, more) = blob("abc")
        _ = cache.apply(.load(2, b))
        _ = cache.apply(.forget(2))
        #expect(cache.apply(.loaded(b, more, isEphemeral: false)) == [])
    }
}
