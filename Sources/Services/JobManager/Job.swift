import FluxJSON
import RFC19FLUID
import RFC21JobStates

/// The name that a service gives a request which it answers later.
typealias RequestID = UInt64

/// One active job as job-manager knows it: the machine of RFC 21 and what is under way with others.
struct Job: Sendable {
    let id: JobID
    var machine: JobMachine
    /// Every committed event so far, oldest first.
    var eventlog: [JSON] = []

    /// Where the job stands in the queue of jobs that the scheduler was not asked for.
    var queuedPlace: JobQueue.Place? {
        didSet { machine.outstanding.isAllocQueued = queuedPlace != nil }
    }
    /// Where the job stands among those that the scheduler was asked for.
    var pendingPlace: JobQueue.Place? {
        didSet { machine.outstanding.isAllocPending = pendingPlace != nil }
    }
    /// A cancel request for the allocation is on its way.
    var isCancelSent = false
    var wasAllocated = false
    /// No more events are taken.
    var isReadOnly = false

    /// Events that wait for the one that is being worked on, which is the first.
    var postings: [Posting] = [] {
        didSet { machine.outstanding.queuedEvents = postings.map(\.name) }
    }
    var isPosting = false
    /// The request that waits for this job's end.
    var waiter: RequestID?
    /// When a `begin-time` dependency ends; seconds since 1970-01-01 UTC.
    var beginTime: Double?

    init(id: JobID, machine: JobMachine) {
        self.id = id
        self.machine = machine
    }

    var state: JobState { machine.state }
    var userID: UInt32 { UInt32(truncatingIfNeeded: machine.userID) }
    var priority: Int64 { machine.priority }
    var jobspec: JSON { machine.jobspec ?? .object([:]) }
    var resources: JSON? { machine.resources }
    var isAllocPending: Bool { pendingPlace != nil }
    var isStartPending: Bool { machine.outstanding.isStartPending }
    var isRunning: Bool { state == .run || state == .cleanup }

    /// The name of the queue that the jobspec asks for.
    var queue: String? { jobspec["attributes"]?["system"]?["queue"]?.stringValue }
    /// The name that the user gave the job.
    var name: String? { jobspec["attributes"]?["system"]?["job"]?["name"]?.stringValue }
    /// Seconds; nil when the jobspec names none.
    var duration: Double? { jobspec["attributes"]?["system"]?["duration"]?.numberValue }

    /// Whether an event of this name waits or is being worked on.
    func isQueued(_ name: String) -> Bool { postings.contains { $0.name == name } }

    /// How the job ended, or will count when it has.
    var result: JobResult { machine.endEvent.map(JobResult.init(end:)) ?? .failed }
    var endedByException: Bool { if case .exception = machine.endEvent { true } else { false } }
}

/// What is kept of a job that has ended: enough to answer for it without the KVS.
struct InactiveJob: Hashable, Sendable {
    let userID: UInt32
    let result: JobResult
    let wasAllocated: Bool
    let wasStarted: Bool
    let endedByException: Bool
    /// Seconds since 1970-01-01 UTC.
    let cleanTime: Double

    init(_ job: Job, cleanTime: Double) {
        userID = job.userID
        result = job.result
        wasAllocated = job.wasAllocated
        wasStarted = job.machine.hasStarted
        endedByException = job.endedByException
        self.cleanTime = cleanTime
    }
}
