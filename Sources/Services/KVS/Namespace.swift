internal import Blob
internal import RFC03Message
internal import RFC10Content

/// What a broker knows of one namespace.
struct Namespace {
    let name: String
    let owner: UInt32
    let flags: Int64
    /// Version of the root; grows by one with each update.
    private(set) var sequence: Int64
    private(set) var root: Blobref
    /// Marked for removal: requests are refused, what is under way is finished.
    var isRemoved = false
    /// Set-root events are held back (a hook of tests).
    var isPaused = false
    var heldEvents: [Message] = []
    /// Commit requests that wait for the event that lists their name.
    var commits: [String: Message] = [:]
    /// `wait-version` requests with the version they wait for.
    var versionWaiters: [(sequence: Int64, request: Message)] = []
    /// Leader only.
    var queue: CommitQueue?
    /// When it was used last, in seconds of the reactor's clock.
    var lastUsed: Double

    init(name: String, owner: UInt32, flags: Int64, root: Blobref, sequence: Int64, now: Double) {
        self.name = name
        self.owner = owner
        self.flags = flags
        self.root = root
        self.sequence = sequence
        lastUsed = now
    }

    /// Takes a newer root; an older one is ignored.
    ///
    /// - Returns: the requests that waited for this version.
    mutating func setRoot(_ root: Blobref, _ sequence: Int64, now: Double) -> [Message] {
        guard sequence == 0 || sequence > self.sequence else { return [] }
        self.root = root
        self.sequence = sequence
        lastUsed = now
        let ready = versionWaiters.filter { $0.sequence <= sequence }.map(\.request)
        if !ready.isEmpty { versionWaiters.removeAll { $0.sequence <= sequence } }
        return ready
    }

    /// Whether nothing waits here any more.
    var isIdle: Bool { commits.isEmpty && versionWaiters.isEmpty && (queue?.count ?? 0) == 0 }

    /// Whether a request's sender may use the namespace: the instance owner, or the namespace's own user.
    func admits(_ request: Message) -> Bool { admits(roles: request.roles, userID: request.userID) }

    func admits(roles: Message.Roles, userID: UInt32) -> Bool {
        roles.contains(.owner) || (roles.contains(.user) && userID == owner)
    }
}
