public import RFC18Eventlog
internal import FluxJSON

/// The runs of an instance that keeps its state, read from the event log in which each start and each orderly end is noted.
///
/// Source: observed: flux-core 0.88 (`flux startlog`): events `start` with `core_version`, and `finish`, both with a
/// `version` in their context. Events that are not understood are passed over.
public struct StartLog: Hashable, Sendable {
    /// The key of the log in the primary namespace.
    public static let key = "admin.eventlog"
    /// The form of the events that is written here; later ones are not understood.
    public static let version: Int64 = 1

    /// From a start to what came after it.
    public struct Run: Hashable, Sendable {
        /// How a run went out.
        public enum End: Hashable, Sendable {
            /// In order, at that time; seconds since 1970-01-01 UTC.
            case finished(at: Double)
            /// The next start came before an end.
            case crashed
            /// It is the last in the log.
            case running
        }

        /// Seconds since 1970-01-01 UTC.
        public let began: Double
        /// Version of the programs; empty when the event does not tell.
        public let coreVersion: String
        /// How it went out.
        public internal(set) var end: End
    }

    /// The runs, oldest first.
    public private(set) var runs: [Run] = []

    /// - Parameter version: the newest form of events that is understood.
    public init(_ entries: some Sequence<Eventlog.Entry>, version: Int64 = StartLog.version) {
        for entry in entries {
            guard let form = entry.context?["version"]?.intValue, (0...max(0, version)).contains(form) else { continue }
            switch entry.name {
            case "start":
                if let last = runs.indices.last, runs[last].end == .running { runs[last].end = .crashed }
                let coreVersion = entry.context?["core_version"]?.stringValue ?? ""
                runs.append(Run(began: entry.timestamp, coreVersion: coreVersion, end: .running))
            case "finish":
                guard let last = runs.indices.last, runs[last].end == .running else { continue }
                runs[last].end = .finished(at: entry.timestamp)
            default: continue
            }
        }
    }

    /// Whether the latest run that is over was not ended in order.
    public var hasCrashed: Bool { runs.last { $0.end != .running }?.end == .crashed }

    /// The event of a start.
    ///
    /// - Parameter time: seconds since 1970-01-01 UTC.
    public static func start(
        at time: Double, coreVersion: String, version: Int64 = StartLog.version
    ) -> Eventlog.Entry {
        let context: JSON.Object = ["version": .int(version), "core_version": .string(coreVersion)]
        return Eventlog.Entry(timestamp: time, name: "start", context: context)
    }

    /// The event of an orderly end.
    public static func finish(at time: Double, version: Int64 = StartLog.version) -> Eventlog.Entry {
        Eventlog.Entry(timestamp: time, name: "finish", context: ["version": .int(version)])
    }
}
