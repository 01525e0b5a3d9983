public import FluxJSON

/// The life of one job as RFC 21 draws it: events in, state out.
///
/// A value: replaying an eventlog through a fresh machine gives the same state ("Replaying the job eventlog SHALL
/// accurately reproduce the current job state"). What the owner of a live job has to do next is
/// ``directives()``; a replay does not ask.
///
/// Source: RFC 21; observed: flux-core 0.88 ignores events that do not belong to the current state.
public struct JobMachine: Hashable, Sendable {
    /// The first event that ended the job.
    public enum EndEvent: Hashable, Sendable {
        /// With the wait status.
        case finish(status: Int64)
        case exception(JobException)
    }

    /// Where the job is now.
    public internal(set) var state = JobState.new
    /// Seconds since 1970-01-01 UTC; 0 before `submit`.
    public internal(set) var submitTime = 0.0
    /// When the job became inactive.
    public internal(set) var cleanTime: Double?
    /// Who submitted it; 4294967295 before `submit`.
    public internal(set) var userID: Int64 = 0xffff_ffff
    /// The present urgency.
    public internal(set) var urgency = JobUrgency.defaultValue
    /// -1 until the first `priority` event.
    public internal(set) var priority: Int64 = -1
    /// Flags of the submission and those set later.
    public internal(set) var flags: JobFlags = []
    /// Resources came from somewhere else than the scheduler.
    public internal(set) var bypassesAllocation = false
    /// The owner of the instance changed the job; guests may not change it again.
    public internal(set) var isImmutable = false
    /// The job was found invalid after submission; nothing more may be logged.
    public internal(set) var isInvalid = false
    /// Whether resources are allocated and not freed.
    public internal(set) var holdsResources = false
    /// Whether the shells were started once.
    public internal(set) var hasStarted = false
    /// Prologs or epilogs that run now.
    public internal(set) var activePerilogs = 0
    /// Descriptions of what the job waits for, in the order of their coming.
    public internal(set) var dependencies: [String] = []
    /// Every description that ever came: one that is gone does not come back.
    var pastDependencies: Set<String> = []
    /// What ended the job; nil while nothing has.
    public internal(set) var endEvent: EndEvent?
    /// Notes of users (`user`) and scheduler (`sched`).
    public var annotations = JSON.Object()

    /// Jobspec without environment; wanted by `jobspec-update`.
    public var jobspec: JSON?
    /// R without `scheduling`; wanted by `resource-update`.
    public var resources: JSON?
    /// What the owner has begun and not finished; no event tells it.
    public var outstanding = Outstanding()

    public init(jobspec: JSON? = nil, resources: JSON? = nil) {
        self.jobspec = jobspec
        self.resources = resources
    }

    /// How the job ended; nil while it has not.
    public var result: JobResult? { state == .inactive ? endEvent.map(JobResult.init(end:)) : nil }

    /// The wait status of the job, nil when it never finished.
    public var waitStatus: Int64? { if case .finish(let status) = endEvent { status } else { nil } }

    /// An event that cannot be applied; the machine is unchanged except for flags set before the bad one.
    public struct EventError: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong with the event.
        public enum Reason: Hashable, Sendable {
            /// The context is not what the event needs.
            case context(PayloadError)
            /// The event does not fit, with the reason.
            case refused(String)
            /// More than 255 prologs or epilogs.
            case overflow
            /// A dependency that is not there.
            case noSuchDependency
        }

        /// Name of the event.
        public let event: String
        /// What is wrong with it.
        public let reason: Reason

        /// The error number flux-core reports: EPROTO 71, EINVAL 22, EOVERFLOW 75, ENOENT 2.
        public var errno: Int32 {
            switch reason {
            case .context: event == "resource-update" || event == "memo" ? 22 : 71
            case .refused: 22
            case .overflow: 75
            case .noSuchDependency: 2
            }
        }

        public var description: String {
            switch reason {
            case .context(let error): "\(event) event: \(error)"
            case .refused(let text): "\(event) event: \(text)"
            case .overflow: "\(event) event: too many prologs or epilogs"
            case .noSuchDependency: "\(event) event: no such dependency"
            }
        }
    }
}
