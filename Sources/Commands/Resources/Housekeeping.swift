internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC19FLUID
internal import RFC22Idset
internal import RFC29Hostlist

let housekeepingCommand = Command(
    "housekeeping", "List and end the housekeeping of nodes that jobs have left", .python,
    subcommands: [
        Command(
            "list", "List housekeeping that runs", .python,
            options: [
                .value("include", "i", "HOSTS|RANKS", "Only these nodes"), .flag("no-header", "n", "No header line"),
                .value("format", "o", "FORMAT", "A format, or the name of one (help lists them)"),
            ], listHousekeeping),
        Command(
            "kill", "Send a signal to housekeeping", .python,
            options: [
                .value("signal", "s", "SIGNUM", "The signal (default 15)"),
                .value("targets", "t", "RANKS|HOSTS", "Only on these nodes"),
                .value("jobid", "j", "JOBID", "Only that of a job"), .flag("all", nil, "All of it"),
            ], killHousekeeping),
    ])

private let formats: [NamedFormat] = [
    (
        "default", "Default flux-housekeeping format string",
        "{id.f58:>12} {nnodes:>6} {pending.nnodes:>7} {runtime!F:>8} {nodelist}"
    ),
    (
        "pending", "flux-housekeeping format string including active nodes only",
        "{id.f58:>12} {pending.nnodes:>7} {runtime!F:>8} {pending.nodelist}"
    ),
]

private let headings = [
    "id": "JOBID", "id.dec": "JOBID", "id.hex": "JOBID", "id.f58": "JOBID", "id.f58plain": "JOBID", "id.emoji": "JOBID",
    "id.kvs": "JOBID", "id.words": "JOBID", "id.dothex": "JOBID", "t_start": "T_START", "runtime": "RUNTIME",
    "ranks": "RANKS", "nodelist": "NODELIST", "nnodes": "NNODES", "allocated.ranks": "RANKS",
    "allocated.nodelist": "NODELIST", "allocated.nnodes": "NNODES", "pending.ranks": "ACTIVE_RANKS",
    "pending.nodelist": "ACTIVE_NODES", "pending.nnodes": "#ACTIVE",
]

/// The housekeeping of one job.
private struct HousekeepingRow {
    let id: JobID
    let startTime: Double
    var allocated: Idset
    var pending: Idset
    let hosts: Hostlist

    func value(of field: String) -> FieldValue {
        let set = field.hasPrefix("pending.") ? pending : allocated
        switch field {
        case "t_start": return .real(startTime)
        case "runtime": return .real(Format.now - startTime)
        case "ranks", "allocated.ranks", "pending.ranks": return .text("\(set)")
        case "nnodes", "allocated.nnodes", "pending.nnodes": return .int(Int64(set.count))
        case "nodelist", "allocated.nodelist", "pending.nodelist":
            let names = set.compactMap { $0 < hosts.count ? hosts[Int($0)] : nil }
            return .text((try? Hostlist(hosts: names)).map { "\($0)" } ?? "")
        default:
            if field == "id" || field == "id.f58" { return .text(id.f58) }
            return .text(JobID.Encoding(name: String(field.dropFirst(3))).map { id.text($0) } ?? id.f58)
        }
    }
}

@Sendable private func listHousekeeping(_ arguments: Arguments) throws -> Int32 {
    guard let text = try OutputFormat.text(
        option: arguments.value("format"), variable: "FLUX_HOUSEKEEPING_FORMAT_DEFAULT", program: "flux-housekeeping",
        formats: formats)
    else { return 0 }
    let format: OutputFormat
    do { format = try OutputFormat(text, headings: headings) } catch {
        throw CommandError("Error in user format: \(error)")
    }
    return try Session.run(arguments) { flux in
        let hosts = Hostlist(try await flux.attribute("hostlist")) ?? Hostlist()
        let statistics = try await flux.query("job-manager.stats-get", nodeID: 0)
        let included = try arguments.value("include").map { try ranks(of: $0, in: hosts, option: "--include") }
        let rows = runningHousekeeping(statistics, hosts, included)
        for line in try format.lines(for: rows, hasHeader: !arguments.has("no-header"), value: { $0.value(of: $1) }) {
            print(line)
        }
        return 0
    }
}

private func runningHousekeeping(_ statistics: JSON, _ hosts: Hostlist, _ included: Idset?) -> [HousekeepingRow] {
    var rows: [HousekeepingRow] = []
    for (name, entry) in statistics["housekeeping"]?["running"]?.objectValue ?? [:] {
        guard let id = JobID(name) else { continue }
        func set(_ key: String) -> Idset {
            let set = (entry[key]?.stringValue).flatMap { Idset($0) } ?? Idset()
            return included.map { set.intersection($0) } ?? set
        }
        let row = HousekeepingRow(
            id: id, startTime: entry["t_start"]?.numberValue ?? 0, allocated: set("allocated"), pending: set("pending"),
            hosts: hosts)
        if !row.allocated.isEmpty { rows.append(row) }
    }
    return rows
}

/// Ranks, or hosts by name.
private func ranks(of targets: String, in hosts: Hostlist, option: String) throws(CommandError) -> Idset {
    if let ranks = Idset(targets) { return ranks }
    guard let names = Hostlist(targets) else { throw CommandError("\(option) must be a valid Idset or Hostlist") }
    var ranks = Idset()
    for name in names {
        let found = hosts.enumerated().filter { $0.element == name }
        if found.isEmpty { throw CommandError("didn't find \(name) in instance hostlist") }
        for (index, _) in found { ranks.insert(UInt32(index)) }
    }
    return ranks
}

@Sendable private func killHousekeeping(_ arguments: Arguments) throws -> Int32 {
    guard ["jobid", "targets", "all"].contains(where: arguments.has) else {
        throw CommandError("specify at least one of --targets, --jobid, or --all")
    }
    if arguments.has("all"), arguments.has("jobid") { throw CommandError("do not specify --jobid with --all") }
    let signal = try arguments.integer("signal") ?? 15
    let id = try arguments.value("jobid").map { text throws(UsageError) in
        guard let id = JobID(text) else {
            throw UsageError(.usage, "argument -j/--jobid: invalid JobID value: '\(text)'")
        }
        return id
    }
    return try Session.run(arguments) { flux in
        var request: JSON.Object = ["signum": .int(Int64(signal))]
        request["jobid"] = id.map { .int(Int64(bitPattern: $0.value)) }
        if let targets = arguments.value("targets") {
            let hosts = Hostlist(try await flux.attribute("hostlist")) ?? Hostlist()
            request["ranks"] = .string("\(try ranks(of: targets, in: hosts, option: "--targets"))")
        }
        try await flux.rpc("job-manager.housekeeping-kill", .object(request), nodeID: 0)
        return 0
    }
}
