public import RFC21JobStates
public import RFC22Idset
public import RFC29Hostlist

/// A question about jobs: an object with one operator.
///
/// Source: RFC 31 for the form, RFC 43 for the operators; observed: flux-core 0.88.
public indirect enum JobConstraint: Hashable, Sendable {
    /// How a time is compared.
    public enum Comparison: String, Hashable, Sendable {
        case atLeast = ">="
        case atMost = "<="
        case after = ">"
        case before = "<"
    }

    /// Matches every job.
    case everything
    /// Any of the users; 4294967295 is any user.
    case users([UInt32])
    case names([String])
    /// Any of the queues, or a virtual queue below one of them.
    case queues([String])
    case states(JobStates)
    /// Any of the results; a job that is not inactive has none.
    case results(JobResults)
    /// Ran on one of the hosts.
    case hosts(Hostlist)
    /// Ran on one of the ranks.
    case ranks(Idset)
    /// When a state was reached; a job that has not reached it does not match.
    case time(JobAttribute, Comparison, Double)
    case and([JobConstraint])
    /// Empty is true.
    case or([JobConstraint])
    /// Not all of them.
    case not([JobConstraint])

    /// What limits and inheritance of queues a constraint is read and matched with.
    public struct Environment: Hashable, Sendable {
        /// Most hosts or ranks of one constraint.
        public var hostLimit = 1024
        /// Parents of virtual queues (RFC 33).
        public var parentQueues: [String: String] = [:]

        public init(hostLimit: Int = 1024, parentQueues: [String: String] = [:]) {
            self.hostLimit = hostLimit
            self.parentQueues = parentQueues
        }
    }
}

/// Counts comparisons of one query, so that a question that is too expensive ends.
public struct ComparisonMeter: Hashable, Sendable {
    /// Most comparisons; 0 for no limit.
    public let limit: Int
    /// Comparisons so far.
    public private(set) var count = 0

    public init(limit: Int) { self.limit = limit }

    /// - Throws: ``JobListError`` when the limit is passed.
    mutating func add(_ comparisons: Int = 1) throws(JobListError) {
        count &+= comparisons
        guard limit == 0 || count <= limit else {
            throw JobListError(errno: 22, "Excessive comparisons made, limit search via states or since")
        }
    }
}
