public import FluxJSON
public import RFC21JobStates

/// What job-list knows of one job.
///
/// Times are seconds since 1970-01-01 UTC. Numbers that are not known (yet) are nil.
public struct JobRecord: Hashable, Sendable, Identifiable {
    /// The job's id.
    public let id: UInt64
    /// Who submitted it.
    public internal(set) var userID: Int64 = 0xffff_ffff
    /// The present urgency; -1 before it is known.
    public internal(set) var urgency: Int32 = -1
    /// 0 until the priority is known, so that jobs without one come last.
    public internal(set) var priority: Int64 = 0
    /// Where the job is now.
    public internal(set) var state = JobState.new
    /// Every state the job has been in and has not been taken back from.
    public internal(set) var states: JobStates = .new

    /// When it was submitted.
    public internal(set) var submitTime = 0.0
    /// When it was found valid.
    public internal(set) var dependTime = 0.0
    /// The first time; the state may be entered again. 0 before.
    public internal(set) var priorityTime = 0.0
    /// The first time; the state may be entered again. 0 before.
    public internal(set) var schedTime = 0.0
    /// When it got resources.
    public internal(set) var runTime = 0.0
    /// When it ended.
    public internal(set) var cleanupTime = 0.0
    /// When everything was cleaned up.
    public internal(set) var inactiveTime = 0.0

    /// Its name, or the base name of its command.
    public internal(set) var name: String?
    /// Working directory.
    public internal(set) var cwd: String?
    /// Queue; nil for the one without name.
    public internal(set) var queue: String?
    /// Accounting project.
    public internal(set) var project: String?
    /// Accounting bank.
    public internal(set) var bank: String?
    /// Tasks.
    public internal(set) var ntasks: Int64?
    /// Cores.
    public internal(set) var ncores: Int64?
    /// Nodes.
    public internal(set) var nnodes: Int64?
    /// Seconds; 0 for no limit.
    public internal(set) var duration: Double?
    /// Broker ranks as an idset, in brackets when there are several.
    public internal(set) var ranks: String?
    /// Hosts as a hostlist.
    public internal(set) var nodelist: String?
    /// When its resources expire; 0 for never.
    public internal(set) var expiration: Double?

    /// Largest wait status of its shells.
    public internal(set) var waitStatus: Int64?
    /// Whether it finished with status 0 and without fatal exception.
    public internal(set) var isSuccessful = false
    /// The worst exception; of several equally bad ones the first.
    public internal(set) var exception: JobException?
    /// Notes of users (`user`) and scheduler (`sched`).
    public internal(set) var annotations: JSON.Object?
    /// Descriptions of what the job waits for; nil when it never waited.
    public internal(set) var dependencies: [String]?

    /// The jobspec without environment; given up when the job is inactive.
    public var jobspec: JSON?
    /// R without `scheduling`; given up when the job is inactive.
    public internal(set) var resources: JSON?
    /// The version of the log; logs of old instances have none and no `validate` event.
    var logVersion: Int64?
    var pastDependencies: Set<String> = []
    /// Tasks of each node or core, when only R tells how many of these there are.
    var tasksPerNode: Int64?
    var tasksPerCore: Int64?

    /// A job nothing is known of yet.
    public init(id: UInt64) { self.id = id }

    /// How it ended; nil while it has not.
    public var result: JobResult? {
        guard state == .inactive else { return nil }
        if isSuccessful { return .completed }
        switch exception?.type {
        case "cancel": return .canceled
        case "timeout": return .timeout
        default: return .failed
        }
    }
}
