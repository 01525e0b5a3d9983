import Config
import FluxJSON
import RFC20R
import RFC22Idset
import RFC29Hostlist

/// Operations of the vectors in `rfc20-r`.
enum RFC20Operations: Operations {
    static let folder = "rfc20-r"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "decode": return summary(try ResourceSet(parsing: input.string("R")))
        case "union": return summary(try set(input, "a").union(set(input, "b")))
        case "diff": return summary(try set(input, "a").difference(set(input, "b")))
        case "intersect": return summary(try set(input, "a").intersection(set(input, "b")))
        case "append": return try changed(input, "a") { try $0.append(set(input, "b")) }
        case "add": return try changed(input, "a") { try $0.add(set(input, "b")) }
        case "remap": return try changed(input) { $0.remap() }
        case "rerank": return try changed(input) { try $0.rerank(by: input.string("hosts")) }
        case "assign-hosts": return try changed(input) { try $0.assign(hosts: input.string("hosts")) }
        case "assign-properties": return try changed(input) { try $0.assign(properties: input.value("properties")) }
        case "set-property":
            return try changed(input) {
                try $0.setProperty(input.string("name"), ranks: Idset(parsing: input.string("ranks")))
            }
        case "copy-ranks": return summary(try set(input).select(ranks: ranks(input)))
        case "remove-ranks":
            var set = try set(input)
            let count = set.remove(ranks: try ranks(input))
            var result = try summary(set).requireObject()
            result["rc"] = .int(Int64(count))
            return .object(result)
        case "hosts-to-ranks": return .string(try set(input).ranks(ofHosts: input.string("hosts")).description)
        case "mark-down-then-down-set":
            var set = try set(input)
            // Observed: flux-core 0.88 marks nothing when the text is not an idset.
            set.markDown(try input.string("ranks") == "all" ? set.ranks : (try? ranks(input)) ?? Idset())
            return summary(set.down)
        case "from-config": return summary(try ResourceSet(config: input.value("config")))
        case "verify": return try verify(input)
        case "command":
            return try RFC20Command(arguments: input.strings("args"), input: input["stdin_R"]).run()
        case "alloc-sequence":
            var sequence = AllocationSequence(flat: try set(input))
            return try sequence.run(input.array("requests"))
        case "parse-config": return try parseConfig(input.string("toml"))
        default: return nil
        }
    }

    /// The resource set that a configuration file describes in its tables.
    private static func parseConfig(_ toml: String) throws -> JSON {
        let config = try Configuration.parse(toml: toml, name: "config")
        guard let tables = config["resource"]?["config"] else {
            throw ResourceError(.configuration("resource.config or resource.path must be defined"))
        }
        return try ResourceSet(config: tables).json
    }

    /// What the vectors say about a resource set.
    private static func summary(_ set: ResourceSet) -> JSON {
        var result: JSON.Object = [
            "R": set.json,
            "dumps": .string(set.description),
            "nnodes": .int(Int64(set.nodeCount)),
            "ncores": .int(Int64(set.coreCount)),
            "ngpus": .int(Int64(set.gpuCount)),
            "ranks": .string(set.ranks.description),
        ]
        if let nodelist = set.nodelist { result["nodelist"] = .string(nodelist.description) }
        return .object(result)
    }

    private static func set(_ input: JSON.Object, _ key: String = "R") throws -> ResourceSet {
        try ResourceSet(json: input.value(key))
    }

    private static func ranks(_ input: JSON.Object) throws -> Idset { try Idset(parsing: input.string("ranks")) }

    private static func changed(
        _ input: JSON.Object, _ key: String = "R", _ change: (inout ResourceSet) throws -> Void
    ) throws -> JSON {
        var set = try set(input, key)
        try change(&set)
        return summary(set)
    }

    private static func verify(_ input: JSON.Object) throws -> JSON {
        let expected = try ResourceSet(json: input.value("expected"))
        return switch try ResourceSet(json: input.value("actual")).verify(against: expected) {
        case .matches: ["rc": 0, "msg": ""]
        case .hasExtra(let text): ["rc": 1, "msg": .string(text)]
        case .fails(let text): ["rc": -1, "msg": .string(text)]
        }
    }
}
