import RFC22Idset

/// Shells that wait for each other.
///
/// Source: observed: flux-core 0.88; the first barrier of a job has a time limit.
struct Barrier: Hashable, Sendable {
    /// Who has not come yet.
    private(set) var pending: Idset
    private(set) var waiting: [UInt64] = []
    private(set) var entered = 0
    let total: Int
    /// A shell ended: nobody may wait any more.
    private(set) var isBroken = false

    init(ranks: Idset) {
        pending = ranks
        total = ranks.count
    }

    enum Entry: Hashable, Sendable {
        /// The rank is none that is waited for.
        case unknown
        /// A shell has ended already.
        case broken
        case waits
        /// The last one came: all of these go on.
        case complete([UInt64])
    }

    mutating func enter(rank: UInt32, request: UInt64) -> Entry {
        guard pending.contains(rank) else { return .unknown }
        pending.remove(rank)
        entered += 1
        guard !isBroken else { return .broken }
        waiting.append(request)
        guard entered == total else { return .waits }
        defer { waiting = [] }
        return .complete(waiting)
    }

    /// A shell ended. Returns who must be told that the barrier will not open.
    mutating func shellEnded() -> [UInt64] {
        isBroken = true
        defer { waiting = [] }
        return waiting
    }
}
