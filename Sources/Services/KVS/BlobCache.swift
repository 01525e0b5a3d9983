package import RFC10Content
package import Blob

/// Blobs and decoded directories that the KVS keeps in memory, addressed by reference.
///
/// Bounded: ``trim(now:)`` drops the least used ones. A blob that was just used is never dropped, so work that needs
/// many of them gets through.
package struct BlobCache: Sendable {
    struct Item: Sendable {
        /// nil when only the directory is kept.
        var blob: [UInt8]?
        var directory: Directory?
        /// Asked as a directory before, and it is none.
        var isNoDirectory = false
        var size: Int
        var lastUsed: Double
    }

    /// Bytes above which unused items are dropped.
    package var targetSize = 16 << 20
    /// Seconds after which an unused item is dropped, unless there is little.
    package var maximumAge = 10.0
    package var now = 0.0
    package private(set) var size = 0
    /// What an item costs in memory beside its bytes, a directory with its pieces.
    static let overhead = 1024
    /// What all items cost in memory; this is what is bounded.
    package var weight: Int { size + items.count * Self.overhead }
    private var items: [Blobref: Item] = [:]

    package init() {}

    package var count: Int { items.count }
    /// Sizes in bytes, for the statistics.
    package var sizes: RunningStatistics {
        var sizes = RunningStatistics()
        for item in items.values { sizes.add(Double(item.size)) }
        return sizes
    }

    package func contains(_ reference: Blobref) -> Bool { items[reference] != nil }

    /// The bytes of a blob that is here.
    package mutating func blob(_ reference: Blobref) -> [UInt8]? {
        guard let index = items.index(forKey: reference) else { return nil }
        items.values[index].lastUsed = now
        return items.values[index].blob ?? items.values[index].directory?.blob
    }

    /// A directory that is here; `.some(nil)` when the blob is here and is no directory.
    package mutating func directory(_ reference: Blobref) -> Directory?? {
        guard let index = items.index(forKey: reference) else { return nil }
        items.values[index].lastUsed = now
        if let directory = items.values[index].directory { return directory }
        if items.values[index].isNoDirectory { return .some(nil) }
        guard let blob = items.values[index].blob, let directory = Directory(blob: blob) else {
            items.values[index].isNoDirectory = true
            return .some(nil)
        }
        items.values[index].directory = directory
        items.values[index].blob = nil
        return directory
    }

    package mutating func insert(_ reference: Blobref, blob: [UInt8]) {
        guard items[reference] == nil else { return }
        size += blob.count
        items[reference] = Item(blob: blob, directory: nil, size: blob.count, lastUsed: now)
    }

    package mutating func insert(_ reference: Blobref, _ directory: Directory) {
        if let index = items.index(forKey: reference) {
            items.values[index].lastUsed = now
            return
        }
        let bytes = directory.blobSize
        size += bytes
        items[reference] = Item(blob: nil, directory: directory, size: bytes, lastUsed: now)
    }

    package mutating func remove(_ reference: Blobref) {
        if let item = items.removeValue(forKey: reference) { size -= item.size }
    }

    /// Whether there is so much that it must not wait for the next heartbeat.
    package var isOverfull: Bool { weight > 2 * targetSize }

    /// Drops what has not been used for long, and the least used ones while there is too much.
    package mutating func trim(keeping kept: Set<Blobref>) {
        if weight > targetSize / 8 {
            let old = items.filter { now - $0.value.lastUsed > maximumAge && !kept.contains($0.key) }.keys
            for reference in old { remove(reference) }
        }
        guard weight > targetSize else { return }
        for (reference, item) in items.sorted(by: { $0.value.lastUsed < $1.value.lastUsed }) {
            guard weight > targetSize / 2, item.lastUsed < now else { return }
            if !kept.contains(reference) { remove(reference) }
        }
    }
}
