public import RFC19FLUID

/// A value below the directory of a job.
///
/// Source: RFC 16, "Implementation".
public enum JobKey: Hashable, Sendable {
    /// The signed request as it was submitted.
    case J
    /// The jobspec without environment.
    case jobspec
    /// The job's main eventlog.
    case eventlog
    /// The resources that were allocated.
    case R
    /// The guest's directory, or a value in it: `exec.eventlog`, `input`, `output`.
    case guest(String)
    /// A directory of another service.
    case data(service: String)
    /// Any other value.
    case other(String)

    /// The directory of all jobs.
    public static let root = "job"
    /// Eventlog of the execution, below the guest directory.
    public static let execEventlog = JobKey.guest("exec.eventlog")
    /// Standard input of the job, below the guest directory.
    public static let input = JobKey.guest("input")
    /// Output of the job, below the guest directory.
    public static let output = JobKey.guest("output")

    /// The name below the job's directory.
    public var name: String {
        switch self {
        case .J: "J"
        case .jobspec: "jobspec"
        case .eventlog: "eventlog"
        case .R: "R"
        case .guest(let key): key.isEmpty ? "guest" : "guest.\(key)"
        case .data(let service): "data.\(service)"
        case .other(let name): name
        }
    }

    /// Reads the name below the job's directory; anything that is not special is ``other(_:)``.
    public init(name: String) {
        switch name {
        case "J": self = .J
        case "jobspec": self = .jobspec
        case "eventlog": self = .eventlog
        case "R": self = .R
        case "guest": self = .guest("")
        case _ where name.hasPrefix("guest."): self = .guest(String(name.dropFirst("guest.".count)))
        case _ where name.hasPrefix("data."): self = .data(service: String(name.dropFirst("data.".count)))
        default: self = .other(name)
        }
    }

    /// The whole key in the primary namespace.
    public func path(of id: JobID) -> String { "\(Self.directory(of: id)).\(name)" }

    /// The key in the guest namespace while the job runs; nil for what is not the guest's.
    public var guestPath: String? { if case .guest(let key) = self { key } else { nil } }

    /// The job's directory, `job.` and four groups of four hexadecimal digits.
    public static func directory(of id: JobID) -> String { id.kvs }

    /// Name of the guest namespace while the job runs.
    public static func guestNamespace(of id: JobID) -> String { "job-\(id.dec)" }

    /// The job a key belongs to; nil for keys outside the directories of jobs.
    public static func jobID(inPath path: String) -> JobID? {
        let parts = path.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 5, parts[0] == "job" else { return nil }
        var value: UInt64 = 0
        for part in parts[1...4] {
            guard part.utf8.count == 4, part.utf8.allSatisfy({ isHexDigit($0) }), let group = UInt64(part, radix: 16)
            else { return nil }
            value = value << 16 | group
        }
        return JobID(value)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }
}
