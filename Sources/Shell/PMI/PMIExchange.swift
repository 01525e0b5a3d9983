/// Gathers the keys of all shells of a job up a tree and spreads the whole back down.
///
/// A value without I/O: one exchange at a time; `Request` is what the owner needs to answer a child.
/// Source: observed: flux-core 0.88 uses a tree of fan-out 2 over shell ranks and the method `pmi-exchange`.
struct PMIExchange<Request> {
    typealias Keys = [String: String]

    enum Directive {
        /// Send what was gathered to the parent, and pass its answer to ``parentAnswered(_:)``.
        case ask(parent: Int, Keys)
        /// Give a child the whole.
        case answer(Request, Keys)
        /// Refuse a child.
        case refuse(Request, String)
        /// The exchange is complete on this shell; nil when it failed.
        case complete(Keys?)
    }

    let rank: Int
    let childCount: Int
    let parent: Int?
    private var gathered: Keys = [:]
    private var children: [Request] = []
    private var isEntered = false
    private var isAsking = false

    init(rank: Int, size: Int, fanOut: Int = 2) {
        let fanOut = max(1, min(fanOut <= 0 ? 2 : fanOut, max(1, size)))
        self.rank = rank
        let first = rank * fanOut + 1
        childCount = max(0, min(size, first + fanOut) - first)
        parent = rank == 0 ? nil : (rank - 1) / fanOut
    }

    /// All tasks of this shell wait in the barrier.
    mutating func enter(_ keys: Keys) -> [Directive] {
        guard !isEntered else { return [.complete(nil)] }
        isEntered = true
        gathered.merge(keys) { $1 }
        return proceed()
    }

    /// A child passes on what it gathered.
    mutating func childAsked(_ request: Request, _ keys: Keys) -> [Directive] {
        guard children.count < childCount else {
            return [.refuse(request, "pmi-exchange received too many child requests")]
        }
        children.append(request)
        gathered.merge(keys) { $1 }
        return proceed()
    }

    /// The parent answered with the whole, or not at all.
    mutating func parentAnswered(_ keys: Keys?) -> [Directive] {
        guard isAsking else { return [] }
        guard let keys else {
            let waiting = children
            reset()
            return waiting.map { .refuse($0, "pmi-exchange failed") } + [.complete(nil)]
        }
        return spread(keys)
    }

    private mutating func proceed() -> [Directive] {
        guard isEntered, children.count == childCount, !isAsking else { return [] }
        guard let parent else { return spread(gathered) }
        isAsking = true
        return [.ask(parent: parent, gathered)]
    }

    private mutating func spread(_ keys: Keys) -> [Directive] {
        let waiting = children
        reset()
        return waiting.map { .answer($0, keys) } + [.complete(keys)]
    }

    private mutating func reset() {
        gathered = [:]
        children = []
        isEntered = false
        isAsking = false
    }
}
