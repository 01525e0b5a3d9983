import FluxJSON

/// One entry of a job's eventlog on its way.
struct Posting: Hashable, Sendable {
    let name: String
    /// Seconds since 1970-01-01 UTC.
    let timestamp: Double
    let context: JSON.Object
    /// Whether it goes into the eventlog; others are only for the readers of the journal.
    let isCommitted: Bool

    init(_ name: String, at timestamp: Double, _ context: JSON.Object = [:], isCommitted: Bool = true) {
        self.name = name
        self.timestamp = timestamp
        self.context = context
        self.isCommitted = isCommitted
    }

    /// The same entry for the journal's readers only.
    var uncommitted: Posting { Posting(name, at: timestamp, context, isCommitted: false) }

    /// Source: RFC 18; key order as flux-core 0.88 writes it.
    var json: JSON {
        var entry: JSON.Object = ["timestamp": .real(timestamp), "name": .string(name)]
        if !context.isEmpty { entry["context"] = .object(context) }
        return .object(entry)
    }
}
