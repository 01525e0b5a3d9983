internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC20R
internal import RFC22Idset
internal import RFC29Hostlist

/// The system's view of the nodes: who is up, drained, excluded, torpid.
struct ResourceStatusReport {
    enum Kind { case status, drain }

    private static let valid = [
        "all", "online", "avail", "offline", "exclude", "drain", "draining", "drained", "torpid", "allocated",
        "housekeeping",
    ]

    private static let headings = [
        "state": "STATE", "statex": "STATE", "nnodes": "NNODES", "ranks": "RANKS", "nodelist": "NODELIST",
        "reason": "REASON", "timestamp": "TIME", "status": "STATUS", "up": "UP", "up.ascii": "UP", "color_up": "",
        "color_off": "",
    ]

    private static let statusFormats: [(name: String, description: String, format: String)] = [
        (
            "default", "Default flux-resource status format string",
            "{state:>12} {color_up}{up:>2}{color_off} {nnodes:>6} {nodelist}"
        ),
        (
            "long", "Long flux-resource status format string",
            "{state:>12} {color_up}{up:>2}{color_off} {nnodes:>6} +:{reason:<30.30} {nodelist}"
        ),
    ]

    private static let drainFormats: [(name: String, description: String, format: String)] = [
        (
            "long", "Long flux-resource drain format string",
            "{timestamp!d:%b%d %R::<12} {state:<8.8} {ranks:<8.8+} +:{reason:<30.30} {nodelist}"
        ),
        (
            "default", "Default flux-resource drain format string",
            "{timestamp!d:%b%d %R::<12} {state:<8.8} {reason:<30.30+} {nodelist}"
        ),
    ]

    /// One line.
    struct Row {
        let state: String
        let isOnline: Bool
        var ranks: Idset
        var hosts: [String]
        var reason = ""
        var timestamp: Double?

        func value(of field: String) -> FieldValue {
            switch field {
            case "state": .text(isOnline ? state : "\(state)*")
            case "statex": .text(state)
            case "status": .text(isOnline ? "online" : "offline")
            case "up": .text(isOnline ? "✔" : "✗")
            case "up.ascii": .text(isOnline ? "y" : "n")
            case "color_up": .text(isOnline ? "\u{1b}[01;32m" : "\u{1b}[01;31m")
            case "color_off": .text("\u{1b}[0;0m")
            case "nnodes": .int(Int64(hosts.count))
            case "ranks": .text("\(ranks)")
            case "nodelist": .text((try? Hostlist(hosts: hosts)).map { "\($0)" } ?? "")
            case "reason": .text(reason)
            default: timestamp.map { .real($0) } ?? .empty
            }
        }
    }

    static func run(_ arguments: Arguments, _ kind: Kind) throws -> Int32 {
        let standard = "avail,exclude,draining,drained,torpid,housekeeping"
        var states = (arguments.value("states") ?? (kind == .drain ? "drain" : standard))
            .split(separator: ",").map(String.init)
        if states == ["help"] {
            printError("flux-resource: INFO: valid states: \(valid.joined(separator: ","))")
            return 0
        }
        for state in states where !valid.contains(state) {
            printError("flux-resource: ERROR: Invalid resource state \(state) specified")
            printError("flux-resource: INFO: valid states: \(valid.joined(separator: ","))")
            return 1
        }
        if states.allSatisfy({ $0 == "online" || $0 == "offline" }) {
            states += standard.split(separator: ",").map(String.init)
        }
        if states.contains("drain") { states = states.filter { $0 != "drain" } + ["draining", "drained"] }
        let text = try OutputFormat.text(
            option: arguments.value("format"),
            variable: kind == .drain ? "FLUX_RESOURCE_DRAIN_FORMAT_DEFAULT" : "FLUX_RESOURCE_STATUS_FORMAT_DEFAULT",
            program: "flux-resource", table: kind == .drain ? "drain" : "status", formats: kind == .drain ? drainFormats : statusFormats)
        guard let text else { return 0 }
        var format = try OutputFormat(text, headings: headings)
        if try !arguments.wantsColor() { format = format.without(["color_up", "color_off"]) }

        let skipsEmpty = kind == .drain || arguments.has("skip-empty") || !arguments.has("states")
        let shown = states
        let chosen = format
        @Sendable func show(_ report: ResourceStatusReport) throws -> Int32 {
            let rows = report.rows(shown, chosen).filter { row in
                !row.hosts.isEmpty || !(skipsEmpty || (!row.isOnline && !shown.contains("offline")))
            }
            let lines = try chosen.lines(for: rows, hasHeader: !arguments.has("no-header")) { $0.value(of: $1) }
            for line in lines { print(line) }
            return 0
        }
        if arguments.has("from-stdin") {
            let config = try arguments.value("config-file").map { try JSON(parsing: try Files.text($0)) } ?? [:]
            let text = try Files.standardInput()
            let status = try text.isEmpty ? [:] : JSON(parsing: text)
            return try show(
                try ResourceStatusReport(status, scheduler: [:], statistics: [:], config: config, arguments))
        }
        return try Session.run(arguments) { flux in try show(try await ResourceStatusReport(of: flux, arguments)) }
    }

    private let hosts: [UInt32: String]
    private let sets: [String: Idset]
    private let drained: [UInt32: (reason: String, timestamp: Double)]

    private init(of flux: Handle, _ arguments: Arguments) async throws {
        let status: JSON
        do {
            status = try await flux.query("resource.status", nodeID: 0)
        } catch {
            throw CommandError("[Errno \(error.errnum)] \(error)")
        }
        let scheduler = (try? await flux.query("resource.sched-status", nodeID: 0)) ?? [:]
        let statistics = (try? await flux.query("job-manager.stats-get", nodeID: 0)) ?? [:]
        let config = arguments.has("queue") ? try await flux.query("config.get") : [:]
        try self.init(status, scheduler: scheduler, statistics: statistics, config: config, arguments)
    }

    private init(
        _ status: JSON, scheduler: JSON, statistics: JSON, config: JSON, _ arguments: Arguments
    ) throws {
        let all = try status["R"].map { try ResourceSet(json: $0) } ?? ResourceSet()
        var included = all.ranks
        if let targets = arguments.value("include") {
            included = try ResourceListing.ranks(ofTargets: targets, in: all)
        }
        let queues = arguments.list("queue")
        if !queues.isEmpty {
            var ranks = Idset()
            for queue in queues { ranks.formUnion(try ResourceListing.ranks(of: queue, in: all, config)) }
            included = included.intersection(ranks)
        }
        func set(_ name: String) -> Idset {
            (status[name]?.stringValue).flatMap { Idset($0) }?.intersection(included) ?? Idset()
        }
        var drained: [UInt32: (String, Double)] = [:]
        for (ranks, info) in status["drain"]?.objectValue ?? [:] {
            for rank in (Idset(ranks) ?? Idset()).intersection(included) {
                drained[rank] = (info["reason"]?.stringValue ?? "", info["timestamp"]?.numberValue ?? 0)
            }
        }
        let allocatedJSON = scheduler["allocated"] ?? [:]
        let hasAllocated = !(allocatedJSON["execution"]?["R_lite"]?.arrayValue ?? []).isEmpty
        let allocated = hasAllocated ? try ResourceSet(json: allocatedJSON).ranks.intersection(included) : Idset()
        var housekeeping = Idset()
        for (_, job) in statistics["housekeeping"]?["running"]?.objectValue ?? [:] {
            housekeeping.formUnion((job["pending"]?.stringValue).flatMap { Idset($0) } ?? Idset())
        }
        housekeeping = housekeeping.intersection(included)
        let drainedRanks = Idset(drained.keys)
        let exclude = set("exclude")
        let draining = drainedRanks.intersection(allocated.union(housekeeping))
        sets = [
            "avail": included.subtracting(exclude).subtracting(drainedRanks).subtracting(set("torpid")),
            "exclude": exclude, "allocated": allocated, "torpid": set("torpid"), "housekeeping": housekeeping,
            "draining": draining, "drained": drainedRanks.subtracting(draining), "online": set("online"),
            "offline": included.subtracting(set("online")),
        ]
        self.drained = drained
        let names = all.hostnames ?? []
        hosts = Dictionary(uniqueKeysWithValues: zip(all.ranks, names))
    }

    private func row(_ state: String, _ isOnline: Bool, _ ranks: Idset) -> Row {
        Row(state: state, isOnline: isOnline, ranks: ranks, hosts: ranks.compactMap { hosts[$0] })
    }

    private func rows(_ states: [String], _ format: OutputFormat) -> [Row] {
        let includesOnline = states.contains("online") || !states.contains("offline")
        let includesOffline = states.contains("offline") || !states.contains("online")
        func isWanted(_ state: String) -> Bool { states.contains("all") || states.contains(state) }
        func isIncluded(_ isOnline: Bool) -> Bool { isOnline ? includesOnline : includesOffline }
        var rows: [Row] = []
        // Rows that look alike but for their nodes are one.
        var index: [String: Int] = [:]
        let look = format.without(["nodelist", "ranks", "nnodes"]).untruncated
        func add(_ row: Row) {
            let key = look.line { row.value(of: $0) }
            guard let position = index[key] else {
                index[key] = rows.count
                rows.append(row)
                return
            }
            rows[position].ranks.formUnion(row.ranks)
            var hosts = (try? Hostlist(hosts: rows[position].hosts + row.hosts)) ?? Hostlist()
            hosts.sort()
            rows[position].hosts = Array(hosts)
        }
        let online = sets["online"] ?? Idset(), offline = sets["offline"] ?? Idset()
        var torpid = sets["torpid"] ?? Idset()
        for state in ["draining", "drained"] where isWanted(state) { torpid.subtract(sets[state] ?? Idset()) }
        for state in ["avail", "exclude", "allocated", "torpid", "housekeeping"] where isWanted(state) {
            let members = state == "torpid" ? torpid : sets[state] ?? Idset()
            for isOnline in [true, false] where isIncluded(isOnline) {
                add(row(state, isOnline, members.intersection(isOnline ? online : offline)))
            }
        }
        for state in ["draining", "drained"] where isWanted(state) {
            let members = sets[state] ?? Idset()
            if members.isEmpty, includesOnline { add(row(state, true, Idset())) }
            for rank in members where isIncluded(online.contains(rank)) {
                var row = row(state, online.contains(rank), [rank])
                row.reason = drained[rank]?.reason ?? ""
                row.timestamp = drained[rank]?.timestamp
                add(row)
            }
        }
        return rows
    }
}
