internal import Blob
package import RFC10Content

/// The blobs that a broker keeps in memory, and what is to be done to keep the promise that a stored blob can be loaded
/// from any rank.
///
/// A value that does no I/O: ``apply(_:)`` takes an event and gives directives. On followers a store is answered once
/// the parent has the blob (write-through); on the leader at once, while a backing store takes it over later
/// (write-back). Memory is bounded: clean blobs that were not used for a while are dropped, the least used first.
///
/// Source: RFC 10; job-protocol §1.1 (observed: flux-core 0.88).
package struct ContentCache: Sendable {
    /// Names a request that waits; made by the owner.
    package typealias RequestID = UInt64

    package struct Settings: Hashable, Sendable {
        /// Rank 0: the backing store is below, not a parent.
        package var isLeader = false
        /// Bytes above which clean blobs are dropped.
        package var targetSize = 16 << 20
        /// Seconds that a clean blob is kept at least.
        package var minimumAge = 10.0
        /// Stores that are under way to the backing store at one time.
        package var batchLimit = 256
        /// Largest blob in bytes.
        package var blobLimit = 1 << 30
        /// Leader only: dirty blobs stay in memory until a flush or until they fill half of `targetSize`, if the
        /// backing store knows to ask for them.
        package var isLazy = false

        package init() {}
    }

    package enum Event: Sendable {
        case load(RequestID, Blobref)
        /// The blob's digest is computed by the owner.
        case store(RequestID, Blobref, [UInt8])
        /// As `store`, for a blob whose storing nobody waits for.
        case keep(Blobref, [UInt8])
        case flush(RequestID)
        /// Everything dirty goes to the backing store now, in front of what the owner sends next.
        case push
        case loaded(Blobref, [UInt8], isEphemeral: Bool)
        case loadFailed(Blobref, errnum: Int32, text: String?)
        case stored(Blobref)
        case storeFailed(Blobref, errnum: Int32)
        /// The backing store computed another digest: what was kept under this one is not that blob.
        case storedOther(Blobref)
        /// A backing store is there; `asksBack`: it asks the cache before it says that a blob is nowhere.
        case backingRegistered(asksBack: Bool)
        case backingUnregistered
        case dropClean
        case purge
        /// A request was withdrawn; its answer is not wanted.
        case forget(RequestID)
    }

    package enum Directive: Hashable, Sendable {
        case answerBlob([RequestID], [UInt8], isEphemeral: Bool)
        case answerHash([RequestID], Blobref)
        case answerEmpty([RequestID])
        case refuse([RequestID], errnum: Int32, text: String?)
        /// Ask the parent or the backing store for a blob.
        case load(Blobref)
        /// Give a blob to the parent or to the backing store.
        case store(Blobref, [UInt8])
    }

    package let settings: Settings
    package internal(set) var hasBacking = false
    /// Dirty blobs are kept back, see ``Settings/isLazy``.
    var isLazy = false
    /// Bytes of all blobs held.
    package internal(set) var size = 0
    /// What a blob costs in memory beside its bytes: small ones cost more than they are long.
    static let overhead = 256
    /// What all blobs cost in memory; this is what is bounded.
    var weight: Int { size + index.count * Self.overhead }
    package internal(set) var validCount = 0
    package internal(set) var dirtyCount = 0
    package internal(set) var dirtySize = 0
    /// Stores under way.
    package internal(set) var storingCount = 0
    var lastFailure: Int32 = 0
    var lastTurn: UInt64 = 0
    var slots: [Slot] = []
    var freeSlots: [Int] = []
    var index: [Blobref: Int] = [:]
    /// Valid and clean, the most recently used first.
    var recent = SlotList()
    /// Dirty and not under way, the oldest first.
    var queue = SlotList()
    var flushes: [Flush] = []
    /// Seconds on any clock that does not go back; set by the owner before it applies events.
    package var now = 0.0

    /// A flush waits for the blobs that were dirty when it came.
    struct Flush: Sendable {
        let request: RequestID
        let turn: UInt64
        var remaining: Int
    }

    package init(_ settings: Settings = Settings()) { self.settings = settings }

    package var count: Int { index.count }

    /// A blob that is here, marked as used; the quick way for the most frequent request.
    package mutating func hit(_ hash: Blobref) -> (blob: [UInt8], isEphemeral: Bool)? {
        guard let slot = index[hash], let blob = slots[slot].blob else { return nil }
        touch(slot)
        return (blob, slots[slot].isEphemeral)
    }

    /// A blob that is here and nowhere else yet.
    package func dirtyBlob(_ hash: Blobref) -> [UInt8]? {
        guard let slot = index[hash], slots[slot].isDirty else { return nil }
        return slots[slot].blob
    }

    /// Whether a blob is here, and clean or dirty.
    package func contains(_ hash: Blobref) -> Bool { index[hash].map { slots[$0].blob != nil } ?? false }

    package mutating func apply(_ event: Event) -> [Directive] {
        switch event {
        case .load(let request, let hash): load(hash, for: request)
        case .store(let request, let hash, let blob): store(blob, hash, for: request)
        case .keep(let hash, let blob): store(blob, hash, for: nil)
        case .flush(let request): flush(for: request)
        case .push: startStores(upTo: .max)
        case .loaded(let hash, let blob, let isEphemeral): loaded(hash, blob, isEphemeral)
        case .loadFailed(let hash, let errnum, let text): loadFailed(hash, errnum, text)
        case .stored(let hash): stored(hash)
        case .storeFailed(let hash, let errnum): storeFailed(hash, errnum)
        case .storedOther(let hash): storedOther(hash)
        case .backingRegistered(let asksBack): registered(asksBack)
        case .backingUnregistered: unregistered()
        case .dropClean: dropClean()
        case .purge: purge()
        case .forget(let request): forget(request)
        }
    }
}
