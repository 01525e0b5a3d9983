internal import CommandKit
internal import FluxJSON
internal import RFC20R
internal import RFC22Idset
internal import RFC29Hostlist
internal import RFC31Constraint

let rCommand = Command(
    "R", "Make, combine and read resource sets (RFC 20)",
    subcommands: [
        Command(
            "encode", "Make a resource set", options: [
                .value("ranks", "r", "IDSET", "The ranks (default: one for each host, or 0)"),
                .value("cores", "c", "IDS", "The cores of each rank (default 0)"),
                .value("gpus", "g", "IDS", "The GPUs of each rank"),
                .value("hosts", "H", "HOSTS", "The hosts (default: this one for each rank)"),
                .value("property", "p", "NAME[:RANKS]", "A property of some ranks or all"),
                .flag("local", "l", "Cores and GPUs of this host"), .value("xml", "f", "FILE", "Cores and GPUs of hwloc XML"),
            ], encode),
        Command("append", "Join sets that have no rank in common") { _ in
            var result = ResourceSet()
            for set in try ResourceInput.sets() {
                guard result.intersection(set).isEmpty else {
                    throw CommandError("R objects '\(result)' and '\(set)' overlap")
                }
                try result.append(set)
            }
            return show(result)
        },
        Command("diff", "The first set without the others") { _ in
            show(try ResourceInput.combined("diff", atLeast: 2) { $0.difference($1) })
        },
        Command("intersect", "What all sets have in common") { _ in
            show(try ResourceInput.combined("intersect", atLeast: 2) { $0.intersection($1) })
        },
        Command("remap", "Number ranks and resources from 0") { _ in
            var set = try ResourceInput.union()
            set.remap()
            return show(set)
        },
        Command("rerank", "Number ranks in the order of hosts", usage: "HOSTS", operands: 0...1, rerank),
        Command(
            "decode", "Show a resource set", options: [
                .flag("short", "s", "In short form"), .flag("nodelist", "n", "Its hosts"), .flag("ranks", "r", "Its ranks"),
                .value("count", "c", "TYPE", "How many of a type it has (node, core, gpu)"),
                .value("include", "i", "RANKS", "Only these ranks"), .value("exclude", "x", "RANKS", "Without these ranks"),
                .value("properties", "p", "LIST", "Only ranks with these properties"),
            ], decode),
        Command("verify", "Compare what is expected with what is there") { _ in
            let sets = try ResourceInput.sets()
            guard sets.count == 2 else { throw CommandError("verify requires exactly 2 R objects on stdin") }
            switch sets[1].verify(against: sets[0]) {
            case .matches: return 0
            case .hasExtra(let text):
                printError("flux-R: \(text)")
                return 0
            case .fails(let text): throw CommandError(text)
            }
        },
        Command("set-property", "Give ranks properties", usage: "NAME[:RANKS]...", operands: 0...Int.max) { arguments in
            var set = try ResourceInput.union()
            try assign(arguments.operands, to: &set)
            return show(set)
        },
        Command("parse-config", "Make a set from a configuration", usage: "PATH", operands: 1...1, parseConfig),
    ])

private func show(_ set: ResourceSet) -> Int32 {
    print(PythonJSON.text(of: set.json))
    return 0
}

private func assign(_ properties: [String], to set: inout ResourceSet) throws(CommandError) {
    guard !properties.isEmpty else { return }
    var object: JSON.Object = [:]
    for text in properties {
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        object[String(text[..<colon])] = .string(
            colon == text.endIndex ? "\(set.ranks)" : String(text[text.index(after: colon)...]))
    }
    do { try set.assign(properties: .object(object)) } catch {
        throw CommandError("failed to assign properties: \(error)")
    }
}

@Sendable private func encode(_ arguments: Arguments) throws -> Int32 {
    func idset(_ name: String, _ text: String) throws(CommandError) -> Idset {
        guard let set = Idset(text) else { throw CommandError("Failed to decode \(name)='\(text)' as idset") }
        return set
    }
    let isMeasured = arguments.has("local") || arguments.has("xml")
    var cores = arguments.value("cores") ?? "", gpus = arguments.value("gpus") ?? ""
    if isMeasured, !cores.isEmpty || !gpus.isEmpty {
        throw CommandError("do not specify --cores or --gpus with --local or --xml")
    }
    if cores.isEmpty, gpus.isEmpty { cores = "0" }
    let hosts = try arguments.value("hosts").map { text throws(CommandError) in
        guard let hosts = Hostlist(text) else { throw CommandError("invalid hostlist '\(text)'") }
        return hosts
    }
    let ranks: Idset
    if let text = arguments.value("ranks") {
        ranks = try idset("ranks", text)
        if let hosts, !ranks.isEmpty, hosts.count != ranks.count {
            let given = arguments.value("hosts") ?? ""
            throw CommandError("hostname count in '\(given)' does not match nranks (\(ranks.count))")
        }
    } else {
        let count = UInt32(hosts?.count ?? 1)
        ranks = count > 0 ? Idset(0..<count) : Idset()
    }
    var children = ResourceSet.Children(cores: try idset("cores", cores), gpus: try idset("gpus", gpus))
    if isMeasured { children = try ResourceInput.children(xml: arguments.value("xml")) }
    var set = ResourceSet()
    for (index, rank) in ranks.enumerated() {
        try set.insert(rank: rank, hostname: hosts?[index] ?? Installation.hostname, children: children)
    }
    try assign(arguments.values("property"), to: &set)
    return show(set)
}

@Sendable private func rerank(_ arguments: Arguments) throws -> Int32 {
    var set = try ResourceInput.union()
    guard let hosts = arguments.operands.first else {
        throw CommandError("Must provide a hostlist for re-ranking: Success")
    }
    do throws(ResourceError) { try set.rerank(by: hosts) } catch {
        switch error.reason {
        case .hostNotFound: throw CommandError("failed to find one or more provided hosts in R")
        case .hostCount(let count, let nodes):
            throw CommandError("Too \(count > nodes ? "many" : "few") hosts specified (expected \(nodes))")
        default: throw CommandError("rlist_rerank: \(error)")
        }
    }
    return show(set)
}

@Sendable private func decode(_ arguments: Arguments) throws -> Int32 {
    var set = try ResourceInput.union()
    if arguments.has("properties") {
        let names = arguments.list("properties").map { JSON.string($0) }
        do { set = set.select(try Constraint(json: ["properties": .array(names)])) } catch {
            throw CommandError("Invalid property constraint: \(error)")
        }
    }
    if let text = arguments.value("include") {
        guard let ranks = Idset(text) else { throw CommandError("Invalid ranks option: '\(text)': Invalid argument") }
        set = set.select(ranks: ranks)
    }
    if let text = arguments.value("exclude") {
        guard let ranks = Idset(text) else {
            throw CommandError("Invalid idset in --exclude option: \(text): Invalid argument")
        }
        _ = set.remove(ranks: ranks)
    }
    var hasPrinted = false
    func tell(_ text: String) {
        print(text)
        hasPrinted = true
    }
    if arguments.has("short") { tell("\(set)") }
    if arguments.has("nodelist") { tell(set.nodelist.map { "\($0)" } ?? "") }
    if arguments.has("ranks") { tell("\(set.ranks)") }
    if let type = arguments.value("count") { tell("\(type == "node" ? set.nodeCount : set.count(of: type))") }
    return hasPrinted ? 0 : show(set)
}

@Sendable private func parseConfig(_ arguments: Arguments) throws -> Int32 {
    let config: JSON
    do { config = try ConfigurationFile.read(arguments.operands[0]) } catch {
        throw CommandError("flux_conf_parse: \(error)")
    }
    guard let resource = config["resource"] else { throw CommandError("Config file error: Object item not found: resource") }
    var set: ResourceSet
    if let table = resource["config"] {
        do { set = try ResourceSet(config: table) } catch { throw CommandError("Config file error: \(error)") }
    } else if let path = resource["path"]?.stringValue {
        let text = try Files.text(path)
        do { set = try ResourceSet(parsing: text) } catch { throw CommandError("\(path): \(error)") }
    } else {
        throw CommandError("Config file error: resource.config or resource.path must be defined")
    }
    if let path = resource["scheduling"]?.stringValue {
        let text = try Files.text(path)
        do { set.scheduling = try JSON(parsing: text) } catch {
            throw CommandError("resource.scheduling: \(path): \(error)")
        }
    }
    return show(set)
}
