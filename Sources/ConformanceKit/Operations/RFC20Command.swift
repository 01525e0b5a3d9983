import FluxJSON
import RFC20R
import RFC22Idset
import RFC29Hostlist
import RFC31Constraint

/// The utility that encodes, combines and prints resource sets, as a value: arguments and input give output.
struct RFC20Command {
    struct Failure: Error {
        let text: String
    }

    let arguments: [String]
    let input: JSON?

    func run() throws -> JSON? {
        guard let verb = arguments.first else { throw Failure(text: "missing subcommand") }
        switch verb {
        case "encode": return try encode()
        case "append": return try appended().json
        case "diff": return try combined(atLeast: 2) { $0.difference($1) }.json
        case "intersect": return try combined(atLeast: 2) { $0.intersection($1) }.json
        case "remap":
            var set = try union()
            set.remap()
            return set.json
        case "rerank":
            guard arguments.count == 2 else { throw Failure(text: "Must provide a hostlist for re-ranking") }
            var set = try union()
            try set.rerank(by: arguments[1])
            return set.json
        case "decode": return try decode()
        case "set-property":
            var set = try union()
            try set.assign(properties: properties(Array(arguments.dropFirst()), all: set.ranks))
            return set.json
        case "verify":
            let sets = try inputSets()
            guard sets.count == 2 else { throw Failure(text: "verify requires exactly 2 R objects on stdin") }
            if case .fails(let text) = sets[1].verify(against: sets[0]) { throw Failure(text: text) }
            return ""
        default:
            return nil
        }
    }

    // MARK: input

    private func inputSets() throws -> [ResourceSet] {
        guard let input else { return [] }
        guard let text = input.stringValue else { return [try ResourceSet(json: input)] }
        let sets = try text.split(separator: "\n").map { try ResourceSet(parsing: String($0)) }
        guard !sets.isEmpty else { throw Failure(text: "Failed to read an R object") }
        return sets
    }

    private func combined(
        atLeast minimum: Int, _ combine: (ResourceSet, ResourceSet) -> ResourceSet
    ) throws -> ResourceSet {
        let sets = try inputSets()
        guard sets.count >= minimum, let first = sets.first else {
            throw Failure(text: "\(arguments[0]) requires at least \(minimum) resource sets")
        }
        return sets.dropFirst().reduce(first, combine)
    }

    private func union() throws -> ResourceSet { try combined(atLeast: 1) { $0.union($1) } }

    private func appended() throws -> ResourceSet {
        var result = ResourceSet()
        for set in try inputSets() {
            guard result.intersection(set).isEmpty else {
                throw Failure(text: "R objects '\(result)' and '\(set)' overlap")
            }
            try result.append(set)
        }
        return result
    }

    // MARK: subcommands

    private func encode() throws -> JSON {
        let options = try Options(
            arguments.dropFirst(),
            withValue: ["ranks": "r", "cores": "c", "gpus": "g", "hosts": "H", "property": "p"], flags: [:])
        let gpus = options.last("gpus") ?? ""
        var cores = options.last("cores") ?? ""
        if gpus.isEmpty, cores.isEmpty { cores = "0" }
        let hosts = try Hostlist(parsing: options.last("hosts") ?? "localhost")
        let ranks = try options.last("ranks").map { try Idset(parsing: $0) } ?? Idset(0..<UInt32(hosts.count))
        let children = ResourceSet.Children(cores: try Idset(parsing: cores), gpus: try Idset(parsing: gpus))
        var set = ResourceSet()
        for rank in ranks { try set.insert(rank: rank, hostname: nil, children: children) }
        if options.last("hosts") == nil {
            try set.assign(hosts: Hostlist(hosts: repeatElement("localhost", count: ranks.count)))
        } else {
            try set.assign(hosts: hosts)
        }
        try set.assign(properties: properties(options.all("property"), all: ranks))
        return set.json
    }

    private func decode() throws -> JSON {
        let options = try Options(
            arguments.dropFirst(),
            withValue: ["count": "c", "include": "i", "exclude": "x", "properties": "p"],
            flags: ["short": "s", "nodelist": "n", "ranks": "r"])
        var set = try union()
        if let text = options.last("properties") {
            let names = text.split(separator: ",").map { JSON.string(String($0)) }
            set = set.select(try Constraint(json: ["properties": .array(names)]))
        }
        if let text = options.last("include") { set = set.select(ranks: try Idset(parsing: text)) }
        if let text = options.last("exclude") { set.remove(ranks: try Idset(parsing: text)) }
        var lines: [JSON] = []
        if options.last("short") != nil { lines.append(.string(set.description)) }
        if options.last("nodelist") != nil {
            guard let nodelist = set.nodelist else { throw Failure(text: "rlist_nodelist") }
            lines.append(.string(nodelist.description))
        }
        if options.last("ranks") != nil { lines.append(.string(set.ranks.description)) }
        if let type = options.last("count") { lines.append(.int(Int64(set.count(of: type)))) }
        if lines.isEmpty { return set.json }
        // Output that is JSON is compared as JSON.
        let text = lines.map { $0.stringValue ?? $0.text }.joined(separator: "\n")
        return (try? JSON(parsing: text)) ?? .string(text)
    }

    /// `name:ranks` or `name` as a properties object.
    private func properties(_ list: [String], all: Idset) -> JSON {
        var object = JSON.Object()
        for entry in list {
            let parts = entry.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            object[String(parts[0])] = .string(parts.count == 2 ? String(parts[1]) : all.description)
        }
        return .object(object)
    }

    /// Options in the forms `-xVALUE`, `-x VALUE`, `--name=VALUE`, `--name VALUE`, `-x` and `--name`.
    private struct Options {
        private var values: [(name: String, value: String)] = []

        init(_ arguments: ArraySlice<String>, withValue: [String: String], flags: [String: String]) throws {
            var rest = Array(arguments)
            while !rest.isEmpty {
                let argument = rest.removeFirst()
                let isLong = argument.hasPrefix("--")
                guard argument.hasPrefix("-") else { throw Failure(text: "unexpected argument \(argument)") }
                let text = argument.drop { $0 == "-" }
                let split = isLong ? text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) : []
                let key = isLong ? String(split[0]) : String(text.prefix(1))
                if let name = flags.first(where: { isLong ? $0.key == key : $0.value == key })?.key {
                    values.append((name, ""))
                } else if let name = withValue.first(where: { isLong ? $0.key == key : $0.value == key })?.key {
                    var value = isLong ? split.dropFirst().first.map { String($0) } : String(text.dropFirst())
                    if !isLong, value?.isEmpty ?? true { value = nil }
                    if value == nil, !rest.isEmpty { value = rest.removeFirst() }
                    guard let value else { throw Failure(text: "'\(argument)' missing argument") }
                    values.append((name, value))
                } else {
                    throw Failure(text: "unrecognized option \(argument)")
                }
            }
        }

        func last(_ name: String) -> String? { values.last { $0.name == name }?.value }
        func all(_ name: String) -> [String] { values.filter { $0.name == name }.map(\.value) }
    }
}
