public import FluxJSON
import RFC22Idset
import RFC29Hostlist

extension ResourceSet {
    /// Reads *R* from its text.
    public init(parsing text: String) throws(ResourceError) {
        let json: JSON
        do throws(JSON.ParseError) { json = try JSON(parsing: text) } catch { throw ResourceError(.text(error)) }
        try self.init(json: json)
    }

    /// Reads *R*.
    ///
    /// Accepts what flux-core accepts beyond RFC 20: no `nodelist`, an empty `R_lite`, nodes without cores, slots and
    /// times that are not positive (they count as unset), entries for the same rank with different resources. Unknown
    /// keys are ignored. ``violations`` tells what a set lacks.
    ///
    /// - Throws: ``ResourceError`` with the place of the first problem.
    /// - Complexity: linear in the number of nodes when ranks ascend.
    public init(json: JSON) throws(ResourceError) {
        let r = try read { () throws(PayloadError) in try json.requireObject() }
        let version = try read { () throws(PayloadError) in try r.int("version") }
        guard version == 1 else { throw ResourceError(.version(version)) }
        scheduling = r["scheduling"]
        let execution = try read { () throws(PayloadError) in try r.object("execution") }
        let entries = try read("execution") { () throws(PayloadError) in
            if let count = try execution.optionalInt("nslots", as: Int32.self), count > 0 { nslots = Int(count) }
            starttime = max(0, try execution.optionalNumber("starttime") ?? 0)
            expiration = max(0, try execution.optionalNumber("expiration") ?? 0)
            return try execution.array("R_lite")
        }
        try insert(entries: entries)
        if execution["nodelist"] != nil {
            let texts = try read("execution") { () throws(PayloadError) in try execution.strings("nodelist") }
            var list = Hostlist()
            for text in texts {
                do { try list.append(parsing: text) } catch {
                    throw ResourceError(.hostlist(text, path: "execution.nodelist"))
                }
            }
            try assign(hosts: list)
        }
        if let properties = execution["properties"] { try assign(properties: properties) }
    }

    /// Adds the entries of `R_lite`.
    private mutating func insert(entries: [JSON]) throws(ResourceError) {
        var isAscending = true
        for (index, entry) in entries.enumerated() {
            let path = "execution.R_lite[\(index)]"
            let object = try read(path) { () throws(PayloadError) in try entry.requireObject() }
            let (text, value) = try read(path) { () throws(PayloadError) in
                (try object.string("rank"), try object.value("children"))
            }
            let kind = catalog.kind(of: try Self.children(value, path: path))
            guard let ids = try? Idset(parsing: text) else {
                throw ResourceError(.idset(text, path: "\(path).rank"))
            }
            guard ids.count <= Self.maximumNodeCount - rankList.count else { throw ResourceError(.tooManyNodes) }
            if let first = ids.first, let last = rankList.last, first <= last { isAscending = false }
            rankList.append(contentsOf: ids)
            kinds.append(contentsOf: repeatElement(kind, count: rankList.count - kinds.count))
        }
        if !isAscending { try sortEntries() }
        hosts = [String](repeating: "", count: rankList.count)
    }

    /// Orders the entries by rank and joins those of the same rank.
    private mutating func sortEntries() throws(ResourceError) {
        let order = rankList.indices.sorted { rankList[$0] < rankList[$1] }
        var sortedRanks: [UInt32] = []
        var sortedKinds: [Int32] = []
        for position in order {
            let rank = rankList[position]
            let kind = kinds[position]
            guard sortedRanks.last == rank else {
                sortedRanks.append(rank)
                sortedKinds.append(kind)
                continue
            }
            let old = catalog[sortedKinds[sortedKinds.count - 1]]
            guard old.isDisjoint(with: catalog[kind]) else { throw ResourceError(.overlap(rank: rank)) }
            sortedKinds[sortedKinds.count - 1] = catalog.kind(of: old.union(catalog[kind]))
        }
        rankList = sortedRanks
        kinds = sortedKinds
    }

    /// Reads `children`. Observed: flux-core 0.88 takes a value that is not an object for no resources.
    private static func children(_ json: JSON, path: String) throws(ResourceError) -> Children {
        var children = Children()
        for (type, value) in json.objectValue ?? [:] {
            let text = try read("\(path).children") { () throws(PayloadError) in
                guard let text = value.stringValue else {
                    throw PayloadError(path: type, expected: "string", found: value)
                }
                return text
            }
            guard let ids = try? Idset(parsing: text) else {
                throw ResourceError(.idset(text, path: "\(path).children.\(type)"))
            }
            children[type] = ids
        }
        return children
    }
}

/// Turns the error of reading a payload, found inside `path`, into the error of this module.
func read<Value>(
    _ path: String = "", _ body: () throws(PayloadError) -> Value
) throws(ResourceError) -> Value {
    do throws(PayloadError) { return try body() } catch { throw ResourceError(.payload(error.inside(path))) }
}
