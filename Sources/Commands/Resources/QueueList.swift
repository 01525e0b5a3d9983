internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC20R
internal import RFC23FSD

let queueList = Command(
    "list", "List queues with their limits", .python,
    options: [
        .value("queue", "q", "QUEUE,...", "Only these queues"), .flag("no-header", "n", "No header line"),
        .value("format", "o", "FORMAT", "A format, or the name of one (help lists them)"),
    ]
) { arguments in
    guard let text = try OutputFormat.text(
        option: arguments.value("format"), variable: "FLUX_QUEUE_LIST_FORMAT_DEFAULT", program: "flux-queue", table: "list",
        formats: QueueRow.formats)
    else { return 0 }
    let format = try OutputFormat(text, headings: QueueRow.headings)
    return try Session.run(arguments) { flux in
        let config = try await flux.query("config.get")
        let status = (try? await flux.query("resource.sched-status", nodeID: 0)) ?? [:]
        let listing = try ResourceListing(json: status, config: config)
        var names = (try await flux.query("job-manager.queue-list")["queues"]?.arrayValue ?? []).compactMap(\.stringValue)
        let asked = arguments.list("queue")
        if let missing = asked.first(where: { !names.contains($0) }) { throw CommandError("No such queue: \(missing)") }
        if !asked.isEmpty { names = names.filter(asked.contains) }
        var rows: [QueueRow] = []
        for name in names.isEmpty ? [""] : names {
            let state = try await flux.query(
                "job-manager.queue-status", name.isEmpty ? [:] : ["name": .string(name)], nodeID: 0)
            rows.append(QueueRow(name: name, state: state, config: config, resources: try listing.counts(inQueue: name)))
        }
        let lines = try format.lines(for: rows, hasHeader: !arguments.has("no-header")) { $0.value(of: $1) }
        for line in lines { print(line) }
        return 0
    }
}

/// Nodes, cores and GPUs of a set.
struct ResourceCounts: Hashable, Sendable {
    var nnodes = 0, ncores = 0, ngpus = 0

    func count(of item: String) -> Int { item == "nnodes" ? nnodes : item == "ncores" ? ncores : ngpus }
}

/// One queue of the listing.
struct QueueRow {
    let name: String
    let state: JSON
    let config: JSON
    /// By state: all, up, down, allocated, free.
    let resources: [String: ResourceCounts]

    static let formats: [(name: String, description: String, format: String)] = [
        ("default", "Default flux-queue list format string", head + limits("limits.range.effective")),
        ("policy", "flux-queue list with policy limits only", head + limits("limits.range")),
        (
            "nodes", "Show queue status plus all/up/allocated/free nodes",
            marks + "{resources.all.nnodes:>6} {resources.up.nnodes:>10} {resources.down.nnodes:>10} "
                + "{resources.allocated.nnodes:>11} {resources.free.nnodes:>10}"
        ),
    ]

    private static let marks =
        "?:{queuem:<8.8} ?:{parent:<8.8} {color_enabled}{enabled:>2}{color_off} {color_started}{started:>2}{color_off} "
    private static let head = marks + "{defaults.timelimit!F:>8} {limits.timelimit!F:>8} "
    private static func limits(_ prefix: String) -> String {
        "{\(prefix).nnodes:>10} {\(prefix).ncores:>10} {\(prefix).ngpus:>10}"
    }

    private static let items = ["nnodes", "ncores", "ngpus"]

    static let headings: [String: String] = {
        var result = [
            "queue": "QUEUE", "queuem": "QUEUE", "parent": "PARENT", "submission": "SUBMIT", "scheduling": "SCHED",
            "enabled": "EN", "started": "ST", "enabled.ascii": "EN", "started.ascii": "ST", "color_enabled": "",
            "color_started": "", "color_off": "", "defaults.timelimit": "TDEFAULT", "limits.timelimit": "TLIMIT",
        ]
        for item in items {
            let short = item.dropFirst().uppercased()
            result["limits.range.\(item)"] = "N\(short)"
            result["limits.range.effective.\(item)"] = "N\(short)"
            result["limits.min.\(item)"] = "MIN\(short)"
            result["limits.max.\(item)"] = "MAX\(short)"
            for state in ["all", "free", "allocated", "up", "down"] {
                result["resources.\(state).\(item)"] = state == "all" ? short : "\(short):\(state.prefix(5).uppercased())"
            }
        }
        return result
    }()

    /// A member of the queue's own policy, or of the general one.
    private func policy(_ path: String) -> JSON? {
        if !name.isEmpty, let own = config["queues"]?[name]?["policy"]?[path: path] { return own }
        return config["policy"]?[path: path]
    }

    private func duration(_ path: String) -> Double {
        switch policy(path) {
        case .string(let text)?: FluxDuration(text)?.seconds ?? .infinity
        case .int(let seconds)?: Double(seconds)
        case .real(let seconds)?: seconds
        default: .infinity
        }
    }

    /// A limit on the size of jobs; nil when there is none.
    private func limit(_ bound: String, _ item: String) -> Int? {
        (policy("limits.job-size.\(bound).\(item)")?.intValue).flatMap { $0 < 0 ? nil : Int($0) }
    }

    private var isEnabled: Bool { state["enable"]?.boolValue ?? true }
    private var isStarted: Bool { state["start"]?.boolValue ?? true }
    private var isPaused: Bool { !isStarted && state["blocked"]?.stringValue == "parent" }

    func value(of field: String) -> FieldValue {
        switch field {
        case "queue": return .text(name)
        case "queuem":
            let isDefault = config["policy"]?[path: "jobspec.defaults.system.queue"]?.stringValue == name
            return .text(isDefault && !name.isEmpty ? "\(name)*" : name)
        case "parent": return .text(state["parent"]?.stringValue ?? "")
        case "submission": return .text(isEnabled ? "enabled" : "disabled")
        case "scheduling": return .text(isStarted ? "started" : isPaused ? "stopped (parent)" : "stopped")
        case "enabled": return .text(isEnabled ? "✔" : "✗")
        case "started": return .text(isStarted ? "✔" : isPaused ? "⏸" : "✗")
        case "enabled.ascii": return .text(isEnabled ? "y" : "n")
        case "started.ascii": return .text(isStarted ? "y" : isPaused ? "p" : "n")
        case "color_enabled": return .text(isEnabled ? "\u{1b}[01;32m" : "\u{1b}[01;31m")
        case "color_started": return .text(isStarted ? "\u{1b}[01;32m" : isPaused ? "\u{1b}[01;33m" : "\u{1b}[01;31m")
        case "color_off": return .text("\u{1b}[0;0m")
        case "defaults.timelimit": return .real(duration("jobspec.defaults.system.duration"))
        case "limits.timelimit": return .real(duration("limits.duration"))
        default: break
        }
        let parts = field.split(separator: ".").map(String.init)
        guard let item = parts.last else { return .empty }
        if parts[0] == "resources" { return .int(Int64(resources[parts[1]]?.count(of: item) ?? 0)) }
        let least = limit("min", item) ?? 0, most = limit("max", item)
        switch parts[1] {
        case "min": return .int(Int64(least))
        case "max": return most.map { .int(Int64($0)) } ?? .real(.infinity)
        default:
            let all = resources["all"]?.count(of: item) ?? 0
            if parts.contains("effective") { return .text("\(least)-\(min(most ?? all, all))") }
            return .text("\(least)-\(most.map { "\($0)" } ?? "inf")")
        }
    }
}
