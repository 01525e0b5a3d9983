package import FluxJSON
package import RFC22Idset

/// Which ranks of a subtree belong to which group, and what still has to be told to the parent.
package struct GroupTable: Hashable, Sendable {
    /// Ranks that join or leave a group.
    package struct Change: Hashable, Sendable {
        package let ranks: Idset
        package let joins: Bool

        package init(ranks: Idset, joins: Bool) {
            self.ranks = ranks
            self.joins = joins
        }
    }

    package private(set) var groups: [String: Idset] = [:]
    private var untold: [String: [Change]] = [:]

    package init() {}

    /// - Returns: the names of the groups whose members changed.
    package mutating func apply(_ changes: [String: [Change]]) -> [String] {
        var changed: [String] = []
        for (name, list) in changes {
            let before = groups[name] ?? Idset()
            var members = before
            for change in list {
                if change.joins { members.formUnion(change.ranks) } else { members.subtract(change.ranks) }
            }
            groups[name] = members
            untold[name, default: []] += list
            if members != before { changed.append(name) }
        }
        return changed.sorted()
    }

    /// A group that nobody has joined exists as soon as somebody asks for it.
    package mutating func members(of name: String) -> Idset {
        let members = groups[name] ?? Idset()
        groups[name] = members
        return members
    }

    /// Brokers that are gone leave every group.
    package func departure(of ranks: Idset) -> [String: [Change]] {
        groups.compactMapValues { members in
            let gone = members.intersection(ranks)
            return gone.isEmpty ? nil : [Change(ranks: gone, joins: false)]
        }
    }

    /// Takes out what the parent has not been told.
    package mutating func takeUntold() -> [String: [Change]] {
        defer { untold = [:] }
        return untold
    }

    /// `{GROUP: [{ranks, set}, …]}`
    package static func json(of changes: [String: [Change]]) -> JSON {
        var object: JSON.Object = [:]
        for (name, list) in changes.sorted(by: { $0.key < $1.key }) {
            object[name] = .array(list.map { ["ranks": .string("\($0.ranks)"), "set": .bool($0.joins)] })
        }
        return .object(object)
    }

    package static func changes(from json: JSON.Object) throws(PayloadError) -> [String: [Change]] {
        var result: [String: [Change]] = [:]
        for (name, list) in json {
            for item in list.arrayValue ?? [] {
                let object = try item.requireObject()
                let text = try object.string("ranks")
                guard let ranks = Idset(text) else {
                    throw PayloadError(path: "\(name).ranks", expected: "idset", found: text)
                }
                result[name, default: []].append(Change(ranks: ranks, joins: try object.bool("set")))
            }
        }
        return result
    }
}
