public import RFC22Idset

/// What happened to the resources of an instance.
///
/// ```swift
/// let event = ResourceEvent.drain(ResourceEvent.Drain(ranks: [3], nodelist: "n3", reason: "broken fan"))
/// let entry = event.entry(timestamp: now)
/// event.isPersistent      // true
/// ```
///
/// Source: RFC 44.
public enum ResourceEvent: Hashable, Sendable {
    /// The resource service started.
    case restart(ranks: Idset, online: Idset, nodelist: String)
    /// The resource set is known; how it was found.
    case resourceDefine(method: String)
    /// The instance's resources end at another time, in seconds since 1970-01-01 UTC.
    case resourceUpdate(expiration: Double)
    /// Nodes are taken out of service.
    case drain(Drain)
    /// Nodes are put back into service.
    case undrain(Drain)
    /// Brokers joined.
    case online(Idset)
    /// Brokers left.
    case offline(Idset)
    /// Brokers were not heard from for a while.
    case torpid(Idset)
    /// Torpid brokers were heard from again.
    case lively(Idset)
    /// Older events were dropped from the journal.
    case truncate

    /// The ways in which a resource set is found.
    public enum Method {
        /// The configuration names the resources.
        public static let configuration = "configuration"
        /// The machines were asked.
        public static let dynamicDiscovery = "dynamic-discovery"
        /// A person put another set in place.
        public static let reload = "reload"
        /// The enclosing instance assigned the resources to a job.
        public static let jobInfo = "job-info"
        /// The KVS had a set already.
        public static let kvs = "kvs"
    }

    /// What drain and undrain say.
    public struct Drain: Hashable, Sendable {
        /// What to do with nodes that are drained already.
        public enum Overwrite: Int64, Hashable, Sendable {
            /// Nothing.
            case nothing = 0
            /// Replace the reason, keep the time.
            case reason = 1
            /// Replace the reason and the time.
            case reasonAndTime = 2
        }

        /// Ranks of the nodes.
        public var ranks: Idset
        /// Their hosts, an RFC 29 hostlist. After a restart with other ranks the hosts count.
        public var nodelist: String
        /// Why, nil when nobody said.
        public var reason: String?
        /// What to do with nodes that are drained already.
        public var overwrite: Overwrite

        /// An event's context.
        public init(ranks: Idset, nodelist: String, reason: String? = nil, overwrite: Overwrite = .nothing) {
            self.ranks = ranks
            self.nodelist = nodelist
            self.reason = reason
            self.overwrite = overwrite
        }
    }

    /// Name of the event in a log.
    public var name: String {
        switch self {
        case .restart: "restart"
        case .resourceDefine: "resource-define"
        case .resourceUpdate: "resource-update"
        case .drain: "drain"
        case .undrain: "undrain"
        case .online: "online"
        case .offline: "offline"
        case .torpid: "torpid"
        case .lively: "lively"
        case .truncate: "truncate"
        }
    }

    /// Whether the event is written to `resource.eventlog` in the KVS; the others are only in the journal.
    ///
    /// - Source: RFC 44 for those that have to be; observed: flux-core 0.88 writes no others.
    public var isPersistent: Bool {
        switch self {
        case .resourceDefine, .resourceUpdate, .drain, .undrain: true
        case .restart, .online, .offline, .torpid, .lively, .truncate: false
        }
    }
}
