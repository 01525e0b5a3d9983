/// Where a job is in its life.
///
/// Raw values are the bits flux-core uses on the wire. Source: RFC 21, "State Descriptions".
public enum JobState: UInt32, Hashable, Sendable, CaseIterable {
    case new = 1
    case depend = 2
    case priority = 4
    case sched = 8
    case run = 16
    case cleanup = 32
    case inactive = 64

    /// `SCHED`, `sched`, `S` or `s`.
    public func name(_ style: NameStyle = .longUpper) -> String {
        JobStates(rawValue: rawValue).name(style) ?? style.unknown
    }

    /// Reads any of the four spellings; nil for another text and for the virtual states.
    public init?(name: String) {
        guard let bits = JobStates(name: name), let state = JobState(rawValue: bits.rawValue) else { return nil }
        self = state
    }

    /// This state as a set.
    public var bit: JobStates { JobStates(rawValue: rawValue) }
}

/// A set of states; the virtual states of RFC 21 are such sets with a name.
public struct JobStates: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let new = JobStates(rawValue: 1)
    public static let depend = JobStates(rawValue: 2)
    public static let priority = JobStates(rawValue: 4)
    public static let sched = JobStates(rawValue: 8)
    public static let run = JobStates(rawValue: 16)
    public static let cleanup = JobStates(rawValue: 32)
    public static let inactive = JobStates(rawValue: 64)
    /// Waits: `DEPEND`, `PRIORITY` or `SCHED`.
    public static let pending: JobStates = [.depend, .priority, .sched]
    /// Holds resources: `RUN` or `CLEANUP`.
    public static let running: JobStates = [.run, .cleanup]
    /// Pending or running.
    public static let active: JobStates = [.pending, .running]
    /// Every state but `NEW`.
    public static let all: JobStates = [.active, .inactive]

    private static let names: [(states: JobStates, long: String, short: String)] = [
        (.new, "NEW", "N"), (.depend, "DEPEND", "D"), (.priority, "PRIORITY", "P"), (.sched, "SCHED", "S"),
        (.run, "RUN", "R"), (.cleanup, "CLEANUP", "C"), (.inactive, "INACTIVE", "I"),
        (.pending, "PENDING", "PD"), (.running, "RUNNING", "RU"), (.active, "ACTIVE", "A"),
    ]

    /// The name of a single state or a virtual state; nil for other sets.
    public func name(_ style: NameStyle = .longUpper) -> String? {
        Self.names.first { $0.states == self }.map { style.spelling(long: $0.long, short: $0.short) }
    }

    /// Reads a state or virtual state in any of the four spellings; mixed case is none of them.
    public init?(name: String) {
        let match = Self.names.first { entry in
            NameStyle.allCases.contains { $0.spelling(long: entry.long, short: entry.short) == name }
        }
        guard let match else { return nil }
        self = match.states
    }
}
