internal import Client
internal import FluxJSON
internal import Service

/// How the database is opened: from the configuration table `[content-sqlite]`, overridden by module arguments.
struct StoreOptions: Hashable, Sendable {
    var journalMode = "WAL"
    var synchronous = "NORMAL"
    /// Newest checkpoints that are kept.
    var maxCheckpoints = 5
    var mustTruncate = false

    static let journalModes = ["DELETE", "TRUNCATE", "PERSIST", "MEMORY", "WAL", "OFF"]
    static let synchronousModes = ["EXTRA", "FULL", "NORMAL", "OFF"]

    /// - Parameter isTemporary: the statedir goes away with the instance, so a crash may damage the file.
    init(isTemporary: Bool) {
        guard isTemporary else { return }
        journalMode = "OFF"
        synchronous = "OFF"
    }

    mutating func apply(_ configuration: JSON) throws(ServiceError) {
        guard let table = configuration["content-sqlite"] else { return }
        guard let table = table.objectValue else { throw invalid("content-sqlite config is not a table") }
        if let mode = table["journal_mode"] { journalMode = try checked(mode.stringValue, "journal_mode") }
        if let mode = table["synchronous"] { synchronous = try checked(mode.stringValue, "synchronous") }
        if let count = table["max_checkpoints"] {
            guard let count = count.intValue, count > 0, let count = Int(exactly: count) else {
                throw invalid("invalid max_checkpoints config")
            }
            maxCheckpoints = count
        }
    }

    mutating func apply(arguments: [String]) throws(ServiceError) {
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? String(parts[1]) : nil
            switch (parts[0], value) {
            case ("journal_mode", let value?): journalMode = try checked(value, "journal_mode")
            case ("synchronous", let value?): synchronous = try checked(value, "synchronous")
            case ("max-checkpoints", let value?), ("max_checkpoints", let value?):
                guard let count = Int(value), count > 0 else { throw invalid("invalid max-checkpoints option") }
                maxCheckpoints = count
            case ("truncate", nil): mustTruncate = true
            default: throw invalid("Unknown module option: \(argument)")
            }
        }
    }

    private func checked(_ value: String?, _ key: String) throws(ServiceError) -> String {
        let known = key == "synchronous" ? Self.synchronousModes : Self.journalModes
        guard let value, known.contains(value) else { throw invalid("invalid \(key) config") }
        return value
    }

    private func invalid(_ text: String) -> ServiceError { ServiceError(errnum: Errno.invalid, text: text) }
}
