public import FluxJSON
import RFC23FSD

/// One table of policy.
public struct Policy: Hashable, Sendable {
    /// The table as it is configured.
    public let table: JSON.Object

    public init(_ table: JSON.Object) { self.table = table }

    private func value(_ path: String) -> JSON? { JSON.object(table).value(at: path) }

    /// A limit of job size: `nnodes`, `ncores`, `ngpus`; -1 and nil are no limit.
    public func maximum(_ resource: String) -> Int64? { limit("max", resource) }
    /// A lower limit of job size.
    public func minimum(_ resource: String) -> Int64? { limit("min", resource) }

    private func limit(_ side: String, _ resource: String) -> Int64? {
        value("limits.job-size.\(side).\(resource)")?.intValue.flatMap { $0 < 0 ? nil : $0 }
    }

    /// Longest time limit in seconds; nil for none.
    ///
    /// - Throws: when the configured text is no duration.
    public var maxDuration: Double? { get throws { try duration("limits.duration") } }

    /// Time limit in seconds of jobs that have none; nil for none.
    public var defaultDuration: Double? { get throws { try duration("jobspec.defaults.system.duration") } }

    private func duration(_ path: String) throws -> Double? {
        guard let value = value(path) else { return nil }
        if let seconds = value.numberValue { return seconds }
        return try FluxDuration(parsing: value.stringValue ?? "").seconds
    }

    /// Values of jobspec attributes below `system` for jobs that do not set them.
    public var jobspecDefaults: JSON.Object { value("jobspec.defaults.system")?.objectValue ?? [:] }

    /// Users who have access; nil when access is not restricted at all.
    public var allowedUsers: [String]? { access("allow-user") }
    /// Groups whose members have access; nil when access is not restricted at all.
    public var allowedGroups: [String]? { access("allow-group") }

    private func access(_ key: String) -> [String]? {
        guard let access = table["access"]?.objectValue, access["allow-user"] != nil || access["allow-group"] != nil
        else { return nil }
        return (access[key]?.arrayValue ?? []).compactMap(\.stringValue)
    }
}
