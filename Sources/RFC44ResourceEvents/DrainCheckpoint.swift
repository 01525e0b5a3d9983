public import FluxJSON
public import RFC22Idset

/// Which nodes are drained, as stored under `checkpoint.resource` when the resource service stops.
///
/// Not in RFC 44; observed: flux-core 0.88. Events of the log that are not older are applied on top.
public struct DrainCheckpoint: Payload, Hashable {
    /// Nodes that were drained at the same time for the same reason.
    public struct Entry: Hashable, Sendable {
        /// Ranks of the nodes.
        public var ranks: Idset
        /// Their hosts, an RFC 29 hostlist.
        public var nodelist: String
        /// Seconds since 1970-01-01 UTC.
        public var timestamp: Double
        /// Why, nil when nobody said; an empty text means the same.
        public var reason: String?

        /// An entry.
        public init(ranks: Idset, nodelist: String, timestamp: Double, reason: String?) {
            self.ranks = ranks
            self.nodelist = nodelist
            self.timestamp = timestamp
            self.reason = reason
        }
    }

    /// Seconds since 1970-01-01 UTC at which the state was stored.
    public var timestamp: Double
    /// The drained nodes.
    public var entries: [Entry]

    /// A checkpoint.
    public init(timestamp: Double, entries: [Entry]) {
        self.timestamp = timestamp
        self.entries = entries
    }

    /// Reads `{"timestamp", "drain_state": {idset: {"timestamp", "reason", "nodelist"}}}`.
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        timestamp = try object.number("timestamp")
        entries = []
        for (key, value) in try object.object("drain_state") {
            guard let ranks = try? Idset(parsing: key) else {
                throw PayloadError(path: "drain_state", expected: "idset", found: "\"\(key)\"")
            }
            do throws(PayloadError) {
                let state = try value.requireObject()
                let reason = try state.optionalString("reason") ?? ""
                entries.append(
                    Entry(
                        ranks: ranks, nodelist: try state.optionalString("nodelist") ?? "",
                        timestamp: try state.number("timestamp"), reason: reason.isEmpty ? nil : reason))
            } catch {
                throw error.inside("drain_state.\(key)")
            }
        }
    }

    /// The stored value.
    public var json: JSON {
        var state = JSON.Object()
        for entry in entries {
            state[entry.ranks.description] = [
                "timestamp": .real(entry.timestamp), "reason": .string(entry.reason ?? ""),
                "nodelist": .string(entry.nodelist),
            ]
        }
        return ["timestamp": .real(timestamp), "drain_state": .object(state)]
    }
}
