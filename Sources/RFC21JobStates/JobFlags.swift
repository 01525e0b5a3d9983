/// Flags a job is submitted with.
public struct JobFlags: OptionSet, Hashable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Known to the submitting library only: the jobspec is signed already. Never on the wire.
    public static let preSigned = JobFlags(rawValue: 1)
    /// The job manager adds `debug.…` events.
    public static let debug = JobFlags(rawValue: 2)
    /// Somebody will wait for the job with `job-manager.wait`.
    public static let waitable = JobFlags(rawValue: 4)
    /// Skip the validator.
    public static let noValidate = JobFlags(rawValue: 8)

    /// Whether only bits with a meaning are set.
    public var isKnown: Bool { rawValue & ~15 == 0 }

    /// Reads `debug`, `waitable`, `signed` or `novalidate`, the words of `--flags`.
    public init?(name: String) {
        switch name {
        case "debug": self = .debug
        case "waitable": self = .waitable
        case "signed": self = .preSigned
        case "novalidate": self = .noValidate
        default: return nil
        }
    }
}

/// How urgent the submitter finds a job, before plug-ins make a priority of it.
///
/// Range: 0 (held) … 31 (expedited), 16 unless told. Source: RFC 30.
public enum JobUrgency {
    /// Smallest urgency.
    public static let minimum: Int32 = 0
    /// The job waits until its urgency is changed.
    public static let hold: Int32 = 0
    /// Unless somebody says otherwise; a guest may not go above.
    public static let defaultValue: Int32 = 16
    /// Before all others.
    public static let expedite: Int32 = 31
    /// Largest urgency.
    public static let maximum: Int32 = 31
    /// Priority of an expedited job.
    public static let maximumPriority: Int64 = 4_294_967_295

    /// Reads `default`, `hold`, `expedite` or a number in range.
    public static func parse(_ text: String) -> Int32? {
        switch text {
        case "default": defaultValue
        case "hold": hold
        case "expedite": expedite
        default: Int32(text).flatMap { (minimum...maximum).contains($0) ? $0 : nil }
        }
    }
}
