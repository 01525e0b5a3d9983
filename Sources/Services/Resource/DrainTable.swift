package import Client
package import FluxJSON
package import RFC22Idset
package import RFC44ResourceEvents

/// Which nodes are taken out of service, since when and why.
///
/// Source: job-protocol 5.1, 5.3 (observed: flux-core 0.88).
package struct DrainTable: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var timestamp: Double
        package var reason: String?
    }

    package enum Mode: String, Hashable, Sendable {
        case update, overwrite, forceOverwrite = "force-overwrite"
    }

    package struct Refusal: Error, Hashable, Sendable {
        package let errnum: Int32
        package let text: String
    }

    package private(set) var entries: [UInt32: Entry] = [:]

    package init() {}

    package var ranks: Idset { Idset(entries.keys) }

    /// Takes nodes out of service.
    ///
    /// - Returns: the ranks whose entry changes, and how the event says it.
    package mutating func drain(
        _ targets: Idset, reason: String?, mode: Mode?, excluded: Idset, now: Double
    ) throws(Refusal) -> (ranks: Idset, overwrite: ResourceEvent.Drain.Overwrite) {
        let barred = targets.intersection(excluded)
        let already = targets.intersection(ranks)
        if mode == nil, !barred.isEmpty {
            let settled = Idset(already.filter { entries[$0]?.reason != nil }).subtracting(barred)
            guard settled.isEmpty else {
                throw Refusal(
                    errnum: Errno.exists, text: "\(Self.name(barred.union(settled))) already drained or excluded")
            }
        }
        guard barred.isEmpty || mode == .update && barred != targets else {
            throw Refusal(errnum: Errno.invalid, text: "\(Self.name(barred)) excluded")
        }
        var chosen = targets.subtracting(barred)
        var overwrite = ResourceEvent.Drain.Overwrite.nothing
        switch mode {
        case nil:
            let conflict = already.filter { entries[$0]?.reason != nil }
            guard conflict.isEmpty else {
                throw Refusal(errnum: Errno.exists, text: "\(Self.name(Idset(conflict))) already drained")
            }
        case .update: chosen.subtract(Idset(already.filter { entries[$0]?.reason != nil }))
        case .overwrite: overwrite = .reason
        case .forceOverwrite: overwrite = .reasonAndTime
        }
        apply(ResourceEvent.Drain(ranks: chosen, nodelist: "", reason: reason, overwrite: overwrite), at: now)
        return (chosen, overwrite)
    }

    /// Puts nodes back into service.
    package mutating func undrain(_ targets: Idset, isLenient: Bool) throws(Refusal) -> Idset {
        let missing = targets.subtracting(ranks)
        guard missing.isEmpty || isLenient else {
            throw Refusal(errnum: Errno.exists, text: "\(Self.name(missing)) not drained")
        }
        let chosen = targets.intersection(ranks)
        for rank in chosen { entries[rank] = nil }
        return chosen
    }

    /// Replays a drain event.
    package mutating func apply(_ event: ResourceEvent.Drain, at timestamp: Double) {
        for rank in event.ranks {
            var entry = entries[rank] ?? Entry(timestamp: timestamp, reason: event.reason)
            switch event.overwrite {
            case .nothing: if entry.reason == nil { entry.reason = event.reason }
            case .reason: entry.reason = event.reason
            case .reasonAndTime: entry = Entry(timestamp: timestamp, reason: event.reason)
            }
            entries[rank] = entry
        }
    }

    package mutating func remove(_ ranks: Idset) { for rank in ranks { entries[rank] = nil } }

    /// Nodes with the same time and reason together.
    package var grouped: [(ranks: Idset, entry: Entry)] {
        var groups: [Entry: Idset] = [:]
        for (rank, entry) in entries { groups[entry, default: Idset()].insert(rank) }
        return groups.map { ($0.value, $0.key) }.sorted { $0.0.first ?? 0 < $1.0.first ?? 0 }
    }

    /// `{IDSET: {timestamp, reason}}`
    package var json: JSON {
        var object: JSON.Object = [:]
        for (ranks, entry) in grouped {
            object["\(ranks)"] = [
                "timestamp": .real(entry.timestamp.rounded(.down)), "reason": .string(entry.reason ?? ""),
            ]
        }
        return .object(object)
    }

    /// `rank 1` or `ranks 1-2`.
    private static func name(_ ranks: Idset) -> String { "rank\(ranks.count == 1 ? "" : "s") \(ranks)" }
}
