public import FluxJSON
import RFC22Idset
import RFC29Hostlist

extension ResourceSet {
    /// Builds a set from the tables of `[[resource.config]]`: `hosts`, `cores`, `gpus` and `properties`.
    ///
    /// Ranks are given to hosts in the order in which they first occur; later tables add to earlier ones.
    ///
    /// - Throws: ``ResourceError`` whose text names the table, counted from 0.
    public init(config json: JSON) throws(ResourceError) {
        guard let tables = json.arrayValue else {
            throw ResourceError(.configuration("resource config must be an array"))
        }
        var rankOfHost: [String: UInt32] = [:]
        var names: [String] = []
        var nodes: [Children] = []
        for (index, table) in tables.enumerated() {
            let entry: ConfigEntry
            do { entry = try ConfigEntry(table) } catch { throw ResourceError(.config(index: index, error.text)) }
            for host in entry.hosts {
                let rank = rankOfHost[host] ?? UInt32(names.count)
                if rank == names.count {
                    guard names.count < Self.maximumNodeCount else { throw ResourceError(.tooManyNodes) }
                    rankOfHost[host] = rank
                    names.append(host)
                    nodes.append(Children())
                }
                guard nodes[Int(rank)].isDisjoint(with: entry.children) else {
                    throw ResourceError(.config(index: index, "resources of host \(host) are configured twice"))
                }
                nodes[Int(rank)] = nodes[Int(rank)].union(entry.children)
            }
            let ranks = Idset(entry.hosts.compactMap { rankOfHost[$0] })
            for name in entry.properties { properties[name, default: Idset()].formUnion(ranks) }
        }
        for (rank, children) in nodes.enumerated() {
            appendNode(UInt32(rank), catalog.kind(of: children), names[rank])
        }
        try checkConfigured()
    }

    private func checkConfigured() throws(ResourceError) {
        guard !isEmpty else { throw ResourceError(.configuration("no hosts configured")) }
        var empty = Hostlist()
        for position in kinds.indices where catalog[kinds[position]].isEmpty {
            try? empty.append(host: hosts[position])
        }
        guard empty.isEmpty else {
            throw ResourceError(.configuration("resource.config: \(empty) assigned no resources"))
        }
    }
}

/// One table of `[[resource.config]]`.
private struct ConfigEntry {
    struct Failure: Error {
        let text: String
    }

    let hosts: Hostlist
    var children = ResourceSet.Children()
    var properties: [String] = []

    init(_ json: JSON) throws(Failure) {
        guard let table = json.objectValue else { throw Failure(text: "Expected object, got \(json.typeName)") }
        guard let text = try Self.string(table, "hosts") else { throw Failure(text: "Object item not found: hosts") }
        let cores = try Self.string(table, "cores")
        let gpus = try Self.string(table, "gpus")
        if let key = table.keys.first(where: { !["hosts", "cores", "gpus", "properties"].contains($0) }) {
            throw Failure(text: "1 object item(s) left unpacked: \(key)")
        }
        if let value = table["properties"] {
            guard let values = value.arrayValue else { throw Failure(text: "properties must be an array") }
            for value in values {
                guard let name = value.stringValue, ResourceSet.forbiddenCharacter(in: name) == nil else {
                    throw Failure(text: "invalid property \"\(value.text)\"")
                }
                properties.append(name)
            }
        }
        guard let hosts = try? Hostlist(parsing: text) else { throw Failure(text: "invalid hostlist '\(text)'") }
        guard !hosts.isEmpty else { throw Failure(text: "empty hostlist specified") }
        self.hosts = hosts
        children.cores = try Self.ids(cores, "cores")
        children.gpus = try Self.ids(gpus, "gpus")
    }

    private static func string(_ table: JSON.Object, _ key: String) throws(Failure) -> String? {
        guard let value = table[key] else { return nil }
        guard let text = value.stringValue else { throw Failure(text: "Expected string, got \(value.typeName)") }
        return text
    }

    private static func ids(_ text: String?, _ key: String) throws(Failure) -> Idset {
        guard let text else { return Idset() }
        guard let ids = try? Idset(parsing: text) else { throw Failure(text: "invalid idset \(key)='\(text)'") }
        return ids
    }
}
