import RFC19FLUID

/// Jobs in the order in which the scheduler is asked for them: higher priority first, then lower id.
///
/// Complexity: adding and removing cost a binary search and the shift of at most one chunk, so a queue of a million
/// jobs costs the same as one of a thousand.
struct JobQueue: Hashable, Sendable {
    /// A place in the order. Kept by the caller, who names it again to remove the job.
    struct Place: Hashable, Comparable, Sendable {
        let priority: Int64
        let id: JobID

        static func < (left: Place, right: Place) -> Bool {
            left.priority == right.priority ? left.id < right.id : left.priority > right.priority
        }
    }

    private static let chunkLimit = 512
    private var chunks: [[Place]] = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    var first: Place? { chunks.first?.first }
    var last: Place? { chunks.last?.last }
    /// All places in order.
    var all: [Place] { Array(chunks.joined()) }

    mutating func insert(_ place: Place) {
        count += 1
        guard !chunks.isEmpty else {
            chunks = [[place]]
            return
        }
        let chunk = max(0, chunkIndex(after: place) - 1)
        let position = Self.position(of: place, in: chunks[chunk])
        chunks[chunk].insert(place, at: position)
        if chunks[chunk].count > Self.chunkLimit { split(chunk) }
    }

    /// Takes a place out; false when it was not there.
    @discardableResult
    mutating func remove(_ place: Place) -> Bool {
        let chunk = chunkIndex(after: place) - 1
        guard chunk >= 0 else { return false }
        let position = Self.position(of: place, in: chunks[chunk])
        guard position < chunks[chunk].count, chunks[chunk][position] == place else { return false }
        chunks[chunk].remove(at: position)
        if chunks[chunk].isEmpty { chunks.remove(at: chunk) }
        count -= 1
        return true
    }

    /// The first chunk that begins behind `place`.
    private func chunkIndex(after place: Place) -> Int {
        var (low, high) = (0, chunks.count)
        while low < high {
            let middle = (low + high) / 2
            if chunks[middle][0] <= place { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func position(of place: Place, in chunk: [Place]) -> Int {
        var (low, high) = (0, chunk.count)
        while low < high {
            let middle = (low + high) / 2
            if chunk[middle] < place { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func split(_ chunk: Int) {
        let half = chunks[chunk].count / 2
        chunks.insert(Array(chunks[chunk][half...]), at: chunk + 1)
        chunks[chunk].removeSubrange(half...)
    }
}
