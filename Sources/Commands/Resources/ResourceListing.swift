internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC20R
internal import RFC22Idset
internal import RFC29Hostlist
internal import RFC31Constraint

/// The scheduler's view: what is free, allocated and down.
struct ResourceListing {
    private var sets: [String: ResourceSet]
    private let config: JSON

    static let states = ["up", "down", "allocated", "free", "all"]

    static let headings = [
        "state": "STATE", "queue": "QUEUE", "properties": "PROPERTIES", "propertiesx": "PROPERTIES",
        "nnodes": "NNODES", "ncores": "NCORES", "ngpus": "NGPUS", "ranks": "RANKS", "nodelist": "NODELIST",
        "rlist": "LIST",
    ]

    private static let head =
        "{state:>10} ?+:{queue:<5} ?:{propertiesx:<10.10+} {nnodes:>6} +:{ncores:>6} "
    static let formats: [(name: String, description: String, format: String)] = [
        ("default", "Default flux-resource list format string", head + "?+:{ngpus:>5} {nodelist}"),
        ("rlist", "Format including resource list details", head + "?:+{ngpus:>5} {rlist}"),
    ]

    /// One line of the listing.
    struct Row {
        let state: String
        var set: ResourceSet
        var queue: String
        let config: JSON

        func value(of field: String) -> FieldValue {
            switch field {
            case "state": .text(state)
            case "queue": .text(queue)
            case "properties": .text(properties.joined(separator: ","))
            case "propertiesx":
                .text(properties.filter { config["queues"]?[$0] == nil }.joined(separator: ","))
            case "nnodes": .int(Int64(set.nodeCount))
            case "ncores": .int(Int64(set.coreCount))
            case "ngpus": .int(Int64(set.gpuCount))
            case "ranks": .text("\(set.ranks)")
            case "nodelist": .text(set.nodelist.map { "\($0)" } ?? "")
            default: .text("\(set)")
            }
        }

        private var properties: [String] {
            let ranks = set.ranks
            return set.properties.filter { !$0.value.isDisjoint(with: ranks) }.map(\.key).sorted()
        }
    }

    /// Shows the table, or with `countsOnly` one line of counts.
    static func run(_ arguments: Arguments, countsOnly: Bool = false) throws -> Int32 {
        let states = try states(of: arguments, standard: countsOnly ? "all" : "free,allocated,down")
        let hidden = try hiddenQueues()
        let text = countsOnly
            ? "{nnodes} Nodes, {ncores} Cores, {ngpus} GPUs"
            : try OutputFormat.text(
                option: arguments.value("format"), variable: "FLUX_RESOURCE_LIST_FORMAT_DEFAULT",
                program: "flux-resource", table: "list", formats: formats)
        guard let text else { return 0 }
        let format = try OutputFormat(text, headings: headings)
        return try with(arguments) { listing in
            var rows = try listing.rows(states, format, queues: arguments.list("queue"), hidden: hidden)
            let skips = arguments.has("skip-empty") || (arguments.has("include") && !arguments.has("no-skip-empty"))
            if skips { rows = rows.filter { !$0.set.isEmpty } }
            let lines = try format.lines(for: rows, hasHeader: !countsOnly && !arguments.has("no-header")) {
                $0.value(of: $1)
            }
            for line in lines { print(line) }
        }
    }

    /// Queues that the user does not want to see unless they are asked for: `list.hidden-queues` of `flux-resource.toml`.
    private static func hiddenQueues() throws(CommandError) -> Set<String> {
        var hidden: Set<String> = []
        for (path, tables) in try UserSettings("flux-resource").files {
            for key in tables.keys where !["status", "list", "drain"].contains(key) {
                throw CommandError("\(path): invalid key \(key)")
            }
            guard let value = tables["list"]?["hidden-queues"] else { continue }
            guard let names = value.arrayValue, names.allSatisfy({ $0.stringValue != nil }) else {
                throw CommandError("\(path): list.hidden-queues must be a list of strings")
            }
            hidden = Set(names.compactMap(\.stringValue))
        }
        return hidden
    }

    /// Prints the resources of some states as one R.
    static func printR(_ arguments: Arguments) throws -> Int32 {
        let states = try states(of: arguments, standard: "all")
        return try with(arguments) { listing in
            var result = ResourceSet()
            result.starttime = listing.sets["all"]?.starttime ?? 0
            result.expiration = listing.sets["all"]?.expiration ?? 0
            for state in states { result.add(listing.sets[state] ?? ResourceSet()) }
            print(PythonJSON.text(of: result.json))
        }
    }

    private static func states(of arguments: Arguments, standard: String) throws(CommandError) -> [String] {
        let names = (arguments.value("states") ?? standard).split(separator: ",").map(String.init)
        for name in names where !states.contains(name) {
            throw CommandError("Invalid resource state \(name) specified")
        }
        return names
    }

    private static func with(
        _ arguments: Arguments, _ body: @escaping @Sendable (ResourceListing) throws -> Void
    ) throws -> Int32 {
        if arguments.has("from-stdin") {
            let config = try arguments.value("config-file").map { try JSON(parsing: try Files.text($0)) } ?? [:]
            var listing = try ResourceListing(json: try JSON(parsing: try Files.standardInput()), config: config)
            try listing.filter(arguments)
            try body(listing)
            return 0
        }
        return try Session.run(arguments) { flux in
            let json: JSON
            do {
                json = try await flux.query(Environment["FLUX_RESOURCE_LIST_RPC"] ?? "resource.sched-status", nodeID: 0)
            } catch let error as RPCError where error.errnum == Errno.noSystem {
                json = try await flux.query("sched.resource-status")
            }
            var listing = try ResourceListing(json: json, config: try await flux.query("config.get"))
            try listing.filter(arguments)
            try body(listing)
            return 0
        }
    }

    init(json: JSON, config: JSON) throws {
        self.config = config
        func set(_ name: String) throws -> ResourceSet {
            guard let value = json[name], value != .null else { return ResourceSet() }
            if (value["execution"]?["R_lite"]?.arrayValue ?? []).isEmpty { return ResourceSet() }
            return try ResourceSet(json: value)
        }
        let all = try set("all")
        let down = try set("down")
        let allocated = try set("allocated").withProperties(of: all)
        let up = all.difference(down)
        sets = ["all": all, "down": down.withProperties(of: all), "allocated": allocated, "up": up]
        sets["free"] = up.difference(allocated)
    }

    /// Applies `--queue` and `--include`.
    private mutating func filter(_ arguments: Arguments) throws {
        let all = sets["all"] ?? ResourceSet()
        let queues = arguments.list("queue")
        if !queues.isEmpty {
            var ranks = Idset()
            for queue in queues { ranks.formUnion(try Self.ranks(of: queue, in: all, config)) }
            select(ranks)
        }
        if let targets = arguments.value("include") { select(try Self.ranks(ofTargets: targets, in: all)) }
    }

    private mutating func select(_ ranks: Idset) { sets = sets.mapValues { $0.select(ranks: ranks) } }

    /// The ranks that belong to a queue.
    static func ranks(of queue: String, in set: ResourceSet, _ config: JSON) throws -> Idset {
        guard var entry = config["queues"]?[queue] else { throw CommandError("--queue: \(queue): no such queue") }
        if let parent = entry["parent"]?.stringValue {
            guard let parentEntry = config["queues"]?[parent] else {
                throw CommandError("--queue: queue '\(queue)': parent queue '\(parent)' is not configured")
            }
            entry = parentEntry
        }
        guard let required = entry["requires"] else { return set.ranks }
        return set.ranks(matching: try Constraint(json: ["properties": required]))
    }

    /// The ranks of a list of ranks or hosts.
    static func ranks(ofTargets text: String, in set: ResourceSet) throws -> Idset {
        if let ranks = Idset(text) { return ranks }
        guard let hosts = Hostlist(text) else { throw CommandError("--include: Invalid hostlist: '\(text)'") }
        // A host that is not there selects nothing.
        let wanted = Set(hosts)
        return Idset(set.nodes.filter { $0.hostname.map(wanted.contains) ?? false }.map(\.rank))
    }

    /// What a queue has in each state; the empty name is the queue without a name.
    func counts(inQueue name: String) throws -> [String: ResourceCounts] {
        let ranks = name.isEmpty ? nil : try Self.ranks(of: name, in: sets["all"] ?? ResourceSet(), config)
        return sets.mapValues { set in
            let part = ranks.map { set.select(ranks: $0) } ?? set
            return ResourceCounts(nnodes: part.nodeCount, ncores: part.coreCount, ngpus: part.gpuCount)
        }
    }

    // MARK: Lines

    /// Rows that differ in state, properties or queue, as far as the format shows them.
    private func rows(
        _ states: [String], _ format: OutputFormat, queues: [String], hidden: Set<String>
    ) throws -> [Row] {
        let shown = Set(format.fields)
        let isKeyed = shown.count > 1 || shown.contains("state")
        let keys = isKeyed ? ["state", "properties", "propertiesx", "queue"].filter(shown.contains) : []
        let configured = (config["queues"]?.objectValue ?? [:])
            .filter { $0.value["parent"] == nil && !hidden.contains($0.key) }.map(\.key)
        let names: [String] = queues.isEmpty ? (configured.isEmpty ? [""] : configured) : queues
        var rows: [Row] = []
        var index: [[FieldValue]: Int] = [:]
        func add(_ row: Row) {
            let key = keys.map { row.value(of: $0) }
            if let position = index[key] {
                rows[position].set.add(row.set)
            } else {
                index[key] = rows.count
                rows.append(row)
            }
        }
        for state in states {
            let set = sets[state] ?? ResourceSet()
            guard !set.isEmpty else {
                for name in names { add(Row(state: state, set: set, queue: name, config: config)) }
                continue
            }
            for part in Self.partsByProperties(set) {
                add(Row(state: state, set: part, queue: queueText(of: part, queues, hidden), config: config))
            }
        }
        let order = Dictionary(states.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        return rows.enumerated().sorted { left, right in
            let a = (order[left.element.state] ?? 0, left.element.set.ranks.first ?? .max, left.offset)
            let b = (order[right.element.state] ?? 0, right.element.set.ranks.first ?? .max, right.offset)
            return a < b
        }.map(\.element)
    }

    /// The set in parts of equal properties.
    private static func partsByProperties(_ set: ResourceSet) -> [ResourceSet] {
        guard !set.properties.isEmpty else { return [set] }
        var groups: [[String]: Idset] = [:]
        for rank in set.ranks {
            let names = set.properties.filter { $0.value.contains(rank) }.map(\.key).sorted()
            groups[names, default: Idset()].insert(rank)
        }
        return groups.values.sorted { ($0.first ?? 0) < ($1.first ?? 0) }.map { set.select(ranks: $0) }
    }

    private func queueText(of set: ResourceSet, _ asked: [String], _ hidden: Set<String>) -> String {
        guard let queues = config["queues"]?.objectValue else { return "" }
        let ranks = set.ranks
        let properties = Set(set.properties.filter { !$0.value.isDisjoint(with: ranks) }.map(\.key))
        return queues.filter { name, entry in
            if asked.isEmpty ? hidden.contains(name) : !asked.contains(name) { return false }
            if entry["parent"] != nil, asked.isEmpty { return false }
            let source = entry["parent"]?.stringValue.flatMap { queues[$0] } ?? entry
            guard let required = source["requires"]?.arrayValue else { return true }
            return required.compactMap(\.stringValue).allSatisfy(properties.contains)
        }.map(\.key).joined(separator: ",")
    }
}

extension ResourceSet {
    /// The set with the properties that its ranks have in another one.
    func withProperties(of other: ResourceSet) -> ResourceSet {
        var copy = self
        let own = ranks
        for (name, ranks) in other.properties {
            let common = ranks.intersection(own)
            if !common.isEmpty { try? copy.setProperty(name, ranks: common) }
        }
        return copy
    }
}
