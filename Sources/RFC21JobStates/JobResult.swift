/// How a job ended.
///
/// Raw values are the bits flux-core uses on the wire.
public enum JobResult: UInt32, Hashable, Sendable, CaseIterable {
    case completed = 1
    case failed = 2
    case canceled = 4
    case timeout = 8

    /// The result of a job that ended with an event.
    ///
    /// - Parameter end: the first event that led to cleanup: a `finish` or a fatal exception.
    public init(end: JobMachine.EndEvent) {
        switch end {
        case .finish(let status): self = status == 0 ? .completed : .failed
        case .exception(let exception):
            switch exception.type {
            case "cancel": self = .canceled
            case "timeout": self = .timeout
            default: self = .failed
            }
        }
    }

    /// `COMPLETED`, `completed`, `CD` or `cd`.
    public func name(_ style: NameStyle = .longUpper) -> String {
        switch self {
        case .completed: style.spelling(long: "COMPLETED", short: "CD")
        case .failed: style.spelling(long: "FAILED", short: "F")
        case .canceled: style.spelling(long: "CANCELED", short: "CA")
        case .timeout: style.spelling(long: "TIMEOUT", short: "TO")
        }
    }

    /// Reads any of the four spellings.
    public init?(name: String) {
        let match = Self.allCases.first { result in NameStyle.allCases.contains { result.name($0) == name } }
        guard let match else { return nil }
        self = match
    }
}

/// A set of results, as job-list queries carry it.
public struct JobResults: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let completed = JobResults(rawValue: 1)
    public static let failed = JobResults(rawValue: 2)
    public static let canceled = JobResults(rawValue: 4)
    public static let timeout = JobResults(rawValue: 8)
    /// Every result.
    public static let all: JobResults = [.completed, .failed, .canceled, .timeout]
}
