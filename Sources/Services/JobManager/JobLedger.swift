import FluxJSON
import RFC19FLUID
import RFC21JobStates

/// All jobs of an instance and what has to happen to them: requests and answers go in, directives come out.
///
/// A value without clock, messages or storage. The owner sets ``now`` before each call, and afterwards carries out
/// ``takeDirectives()``.
struct JobLedger: Sendable {
    /// Seconds since 1970-01-01 UTC, as the owner saw it last.
    var now = 0.0
    /// The user that owns the instance.
    let owner: UInt32

    var active: [JobID: Job] = [:]
    var inactive: [JobID: InactiveJob] = [:]
    /// Inactive jobs by the time at which they ended, for purging.
    var purgeQueue = PurgeQueue()
    var largestID = JobID(0)
    var runningCount = 0

    // Allocation
    var scheduler = SchedulerLink()
    /// Jobs that the scheduler was not asked for yet.
    var queue = JobQueue()
    /// Jobs that the scheduler was asked for.
    var pending = JobQueue()

    // Execution
    /// The service that starts jobs, once it said hello.
    var execService: String?

    var queues = QueueTable()
    var limits = Limits()
    var waiters = Waiters()
    var dependents = Dependents()
    var singletons = Singletons()
    var history = History()

    /// Whether the plug-in `alloc-bypass` is loaded.
    var isBypassAllowed = false
    /// Whether the plug-in `submit-hold` is loaded: jobs begin with urgency 0.
    var holdsSubmissions = false
    /// Whether durations may be changed, and by the owner beyond the limits.
    var mayUpdateDuration = true
    var mayUpdateQueue = true
    var ownerMayExceedLimits = true

    private(set) var directives: [Directive] = []

    init(owner: UInt32) { self.owner = owner }

    /// Everything to be done since the last call, in order.
    mutating func takeDirectives() -> [Directive] {
        requestAllocations()
        defer { directives = [] }
        return directives
    }

    mutating func direct(_ directive: Directive) { directives.append(directive) }

    var directiveCount: Int { directives.count }

    /// The events of a job since `mark` are told to the journal's readers only.
    mutating func makeUncommitted(_ id: JobID, from mark: Int) {
        for index in directives.indices.dropFirst(mark) {
            guard case .event(id, let posting, let attachment) = directives[index] else { continue }
            directives[index] = .event(id, posting.uncommitted, attachment: attachment)
        }
    }

    /// The active job, or the refusal that a request for another one gets.
    func activeJob(_ id: JobID, unknown: Refusal, inactive refusal: Refusal) throws(Refusal) -> Job {
        if let job = active[id] { return job }
        throw inactive[id] == nil ? unknown : refusal
    }
}

/// What is known of the scheduler.
struct SchedulerLink: Hashable, Sendable {
    var isOnline = false
    /// How many requests it wants to see at once; 0 means all.
    var limit = 0
    /// Who said ready; the sender's identity in its requests.
    var sender: String?
}

/// Who asks: the credentials of a request.
struct Requester: Hashable, Sendable {
    let userID: UInt32
    let isOwner: Bool

    /// Owners may touch every job, users their own.
    func mayTouch(_ jobUserID: UInt32) -> Bool { isOwner || userID == jobUserID }
}
