public import FluxJSON
import RFC22Idset
public import RFC29Hostlist

extension ResourceSet {
    /// *R* in canonical form: nodes with the same resources in one entry, entries in the order of their first ranks,
    /// one hostlist for all nodes.
    ///
    /// `nodelist` is left out when a host is not known, and `R_lite` leaves out nodes without resources, as flux-core
    /// does.
    public var json: JSON {
        var execution: JSON.Object = [
            "R_lite": .array(groups.map { .object(["rank": .string($0.ranks.description), "children": $0.json]) }),
            "starttime": .real(starttime),
            "expiration": .real(expiration),
        ]
        if let nslots { execution["nslots"] = .int(Int64(nslots)) }
        if let nodelist { execution["nodelist"] = [.string(nodelist.description)] }
        if !properties.isEmpty { execution["properties"] = propertiesJSON }
        var r: JSON.Object = ["version": 1, "execution": .object(execution)]
        if let scheduling { r["scheduling"] = scheduling }
        return .object(r)
    }

    /// The properties as an object: names in order, each with an idset of ranks.
    public var propertiesJSON: JSON {
        var object = JSON.Object()
        for name in properties.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            object[name] = properties[name].map { .string($0.description) }
        }
        return .object(object)
    }

    /// Hosts in the order of ranks, or nil when one of them is not known.
    public var nodelist: Hostlist? {
        guard let hostnames else { return nil }
        return try? Hostlist(hosts: hostnames)
    }

    /// Nodes with the same resources.
    struct Group {
        var ranks: Idset
        let children: Children

        var json: JSON {
            var object = JSON.Object()
            for type in children.types { object[type] = .string(children[type].description) }
            return .object(object)
        }
    }

    /// The nodes that have resources, grouped by them, in the order of first ranks.
    var groups: [Group] {
        var groups: [Group] = []
        // Nodes in a row mostly have the same resources: whole runs of ranks are added at once.
        var groupOfKind = [Int](repeating: -1, count: catalog.entries.count)
        var start = 0
        while start < kinds.count {
            let kind = Int(kinds[start])
            var end = start + 1
            while end < kinds.count, kinds[end] == kinds[start], rankList[end] == rankList[end - 1] + 1 { end += 1 }
            let run = rankList[start]...rankList[end - 1]
            start = end
            if catalog.entries[kind].isEmpty { continue }
            if groupOfKind[kind] < 0 {
                groupOfKind[kind] = groups.count
                groups.append(Group(ranks: Idset(run), children: catalog.entries[kind]))
            } else {
                groups[groupOfKind[kind]].ranks.insert(run)
            }
        }
        return groups
    }
}

extension ResourceSet: CustomStringConvertible {
    /// The short form, `rank[0-1]/core[0-3],gpu0 rank2/core0`; empty for a set without resources.
    public var description: String {
        var text = ""
        for group in groups {
            if !text.isEmpty { text += " " }
            text += "rank" + group.ranks.formatted(.ranges.bracketed) + "/"
            text += group.children.shortForm
        }
        return text
    }
}

extension ResourceSet.Children {
    /// The short form, `core[0-3],gpu0`.
    public var shortForm: String {
        types.map { $0 + self[$0].formatted(.ranges.bracketed) }.joined(separator: ",")
    }
}
