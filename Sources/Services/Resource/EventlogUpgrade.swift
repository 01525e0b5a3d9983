package import RFC18Eventlog
package import RFC22Idset
package import RFC29Hostlist
internal import FluxJSON
internal import RFC44ResourceEvents

/// What becomes of a log of resource events that flux-core before 0.62 has written.
///
/// Its events `resource-init` carry the drained nodes of their time, and drain events name no hosts. Of all that, what
/// counts is the last `resource-init`, as drain events, and the drain and define events after it.
///
/// Source: observed: flux-core 0.88.
package enum EventlogUpgrade {
    /// - Parameter hosts: the host of each rank.
    /// - Returns: the new entries, nil when there is nothing to upgrade.
    package static func upgraded(_ entries: [Eventlog.Entry], hosts: [String]) -> [Eventlog.Entry]? {
        guard let start = entries.lastIndex(where: { $0.name == "resource-init" }) else { return nil }
        var result = drains(of: entries[start], hosts: hosts)
        for entry in entries[(start + 1)...] {
            switch entry.name {
            case "drain", "undrain": if let entry = named(entry, hosts: hosts) { result.append(entry) }
            case "resource-define": result.append(entry)
            default: break
            }
        }
        return result
    }

    private static func drains(of summary: Eventlog.Entry, hosts: [String]) -> [Eventlog.Entry] {
        var result: [Eventlog.Entry] = []
        for (ranks, info) in summary.context?["drain"]?.objectValue ?? [:] {
            guard let time = info["timestamp"]?.numberValue, time > 0 else { continue }
            var context: JSON.Object = ["idset": .string(ranks)]
            context["reason"] = info["reason"]?.stringValue.map { .string($0) }
            let entry = Eventlog.Entry(timestamp: time, name: "drain", context: context)
            if let entry = named(entry, hosts: hosts) { result.append(entry) }
        }
        return result.sorted { $0.timestamp < $1.timestamp }
    }

    /// The event with the names of its hosts; nil when it has ranks that are not there.
    private static func named(_ entry: Eventlog.Entry, hosts: [String]) -> Eventlog.Entry? {
        guard entry.context?["nodelist"] == nil else { return entry }
        guard let ranks = entry.context?["idset"]?.stringValue.flatMap({ Idset($0) }),
            ranks.last.map({ Int($0) < hosts.count }) ?? true,
            let names = try? Hostlist(hosts: ranks.map { hosts[Int($0)] })
        else { return nil }
        var entry = entry
        entry.context?["nodelist"] = .string(names.description)
        return entry
    }
}
