internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC19FLUID
internal import RFC21JobStates
internal import RFC22Idset
internal import RFC23FSD
internal import RFC29Hostlist

let jobsCommand = Command(
    "jobs", "List jobs", .python, usage: "[OPTIONS] [JOBID ...]", operands: 0...Int.max,
    options: [
        .flag("a", "a", "List jobs in all states"),
        .flag("A", "A", "List jobs of all users"),
        .value("count", "c", "N", "List at most N jobs (default 1000, 0 for all)"),
        .value("filter", "f", "STATE|RESULT,...", "List jobs in these states or with these results"),
        .value("since", nil, "WHEN", "Also list jobs that ended since WHEN"),
        .flag("no-header", "n", aliases: ["suppress-header"], "No header line"),
        .value("user", "u", "USER", "List jobs of a user; all for everybody"),
        .value("name", nil, "NAME", "List jobs of a name"),
        .value("queue", "q", "QUEUE,...", "List jobs of queues"),
        .value("include", "i", "HOSTS|RANKS", "List jobs that have or had these nodes"),
        .value("format", "o", "FORMAT", "A format, or the name of one (help lists them)"),
        .value("sort", nil, "KEY,...", "Sort by fields; - in front of one reverses"),
        .optional("width", "w", "N", "Cut lines at N columns, or at the width of the terminal"),
        .flag("json", nil, "Print JSON"),
        Color.option,
        .flag("recursive", "R", "List the jobs of instances too"),
        .value("level", "L", "N", "With --recursive: how deep"),
        .flag("recurse-all", nil, "With --recursive: also instances of other users"),
        .value("threads", nil, "N", ""),
        .flag("stats", nil, "Print counts before the header"),
        .flag("stats-only", nil, "Print counts only; fails when no job is active"),
    ], listJobs)

@Sendable private func listJobs(_ arguments: Arguments) throws -> Int32 {
    if arguments.has("json"), arguments.has("stats") || arguments.has("stats-only") {
        throw CommandError("--json incompatible with --stats or --stats-only")
    }
    let filters = ["filter", "a", "A", "user", "name", "queue", "include", "since"]
    if !arguments.operands.isEmpty, filters.contains(where: arguments.has) {
        printError("flux-jobs: WARNING: Filtering options ignored with jobid list")
    }
    guard let text = try OutputFormat.text(
        option: arguments.value("format"), variable: "FLUX_JOBS_FORMAT_DEFAULT", program: "flux-jobs",
        formats: JobFields.formats)
    else { return 0 }
    var format: OutputFormat
    do { format = try OutputFormat(text, headings: JobFields.headings(for: text)) } catch {
        throw CommandError("Error in user format: \(error)")
    }
    if let keys = arguments.value("sort") { try format.setSortKeys(keys) }
    let ids = try arguments.operands.map { text throws(UsageError) in
        guard let id = JobID(text) else {
            throw UsageError(.usage, "argument JOBID: invalid JobID value: '\(text)'")
        }
        return id
    }
    let question = try JobQuestion(arguments)
    let chosen = format
    let hasColor = try arguments.wantsColor()
    return try Session.run(arguments) { flux in
        if arguments.has("stats") || arguments.has("stats-only") {
            let isActive = try await printStatistics(flux, queues: arguments.list("queue"))
            if arguments.has("stats-only") { return isActive ? 0 : 1 }
        }
        var attributes = JobFields.attributes(for: chosen.fields)
        if hasColor { attributes += ["result", "annotations"] }
        if arguments.has("json") { attributes = ["all"] }
        let now = Format.now
        var rows: [JobRow] = []
        var isCut = false
        if ids.isEmpty {
            rows = try await question.jobs(attributes, flux).map { JobRow(json: $0, now: now) }
            if question.count > 0, rows.count > question.count {
                rows.removeLast(rows.count - question.count)
                isCut = true
            }
        } else {
            for (id, text) in zip(ids, arguments.operands) {
                let request: JSON = ["id": .int(id.json), "attrs": .array(attributes.map { .string($0) })]
                do throws(RPCError) {
                    let answer = try await flux.query("job-list.list-id", request)
                    rows.append(JobRow(json: answer["job"] ?? [:], now: now))
                } catch {
                    let isUnknown = error.errnum == Errno.noEntry
                    printError(isUnknown ? "JobID \(text) unknown" : "rpc: \(error)")
                }
            }
            if rows.isEmpty { return 1 }
        }
        if arguments.has("json") {
            let objects = rows.map { JobDocument(row: $0).json }
            let single = ids.count == 1 ? objects.first : nil
            print(PythonJSON.text(of: single ?? ["jobs": .array(objects)]))
            return 0
        }
        let width = arguments.has("width") ? Int(arguments.value("width") ?? "0") ?? 0 : -1
        let hasHeader = !arguments.has("no-header")
        let lines = chosen.lines(for: rows, hasHeader: hasHeader, width: max(0, width)) { $0.value(of: $1) }
        let sorted = hasColor ? chosen.sort(rows) { $0.value(of: $1) } : []
        for (index, line) in lines.enumerated() {
            let position = hasHeader ? index - 1 : index
            if sorted.indices.contains(position), let color = sorted[position].color {
                print("\(color)\(line)\n\u{1b}[0;0m", terminator: "")
            } else {
                print(line)
            }
        }
        if isCut, hasHeader {
            printError("warning: output truncated at \(question.count) jobs.")
            printError("Use --count to increase returned results or use filters to alter results.")
        }
        return 0
    }
}

private func printStatistics(_ flux: Handle, queues: [String]) async throws -> Bool {
    let all: JSON
    do { all = try await flux.query("job-list.job-stats") } catch {
        throw CommandError("error retrieving job stats: \(error)")
    }
    var sources = [all]
    if !queues.isEmpty {
        sources = try queues.map { name in
            guard let queue = (all["queues"]?.arrayValue ?? []).first(where: { $0["name"]?.stringValue == name }) else {
                throw CommandError("error retrieving job stats: no such queue \(name)")
            }
            return queue
        }
    }
    func sum(_ names: [String], _ states: [String] = []) -> Int64 {
        sources.reduce(0) { total, source in
            total + names.reduce(0) { $0 + (source[$1]?.intValue ?? 0) }
                + states.reduce(0) { $0 + (source["job_states"]?[$1]?.intValue ?? 0) }
        }
    }
    let running = sum([], ["run", "cleanup"]), pending = sum([], ["depend", "priority", "sched"])
    print(
        "\(running) running, \(sum(["successful"])) completed, \(sum(["failed", "canceled", "timeout"])) failed, "
            + "\(pending) pending, \(sum(["inactive_purged"])) inactive purged")
    return running + pending > 0
}

/// Which jobs `flux jobs` wants.
struct JobQuestion {
    let count: Int
    private let since: Double
    private let constraint: JSON

    /// - Parameters:
    ///   - countOption: the option that says how many.
    ///   - all: whether jobs that have ended are wanted too, whatever the options say.
    init(_ arguments: Arguments, countOption: String = "count", all: Bool = false) throws {
        count = try arguments.integer(countOption) ?? 1000
        var terms: [JSON] = []
        var user = arguments.value("user")
        if arguments.has("A") { user = "all" }
        if let targets = arguments.value("include") {
            if let ranks = Idset(targets) {
                terms.append(["ranks": [.string("\(ranks)")]])
            } else if let hosts = Hostlist(targets) {
                terms.append(["hostlist": [.string("\(hosts)")]])
            } else {
                throw CommandError("-i/--include: invalid targets: \(targets)")
            }
            if user == nil { user = "all" }
        }
        if user != "all" {
            guard let id = user.map({ UInt32($0) ?? Users.id(of: $0) }) ?? Users.current else {
                throw CommandError("invalid user: \(user ?? "")")
            }
            terms.append(["userid": [.int(Int64(id))]])
        }
        if let name = arguments.value("name") { terms.append(["name": [.string(name)]]) }
        let queues = arguments.list("queue")
        if !queues.isEmpty { terms.append(["queue": .array(queues.map { .string($0) })]) }

        var filters = arguments.list("filter")
        var since = 0.0
        if let text = arguments.value("since") {
            since = try Self.time(text)
            if since > Format.now { throw CommandError("--since=\(text) appears to be in the future") }
        }
        if all || arguments.has("a") || (arguments.has("since") && filters.isEmpty) {
            if !filters.isEmpty {
                printError("flux-jobs: WARNING: Both -a and --filter specified, ignoring -a")
            } else {
                filters = ["pending", "running", "inactive"]
            }
        }
        if filters.isEmpty { filters = ["pending", "running"] }
        self.since = since
        terms.append(try Self.states(filters))
        constraint = ["and": .array(terms)]
    }

    private static func states(_ names: [String]) throws(CommandError) -> JSON {
        var states: JobStates = []
        var results: JobResults = []
        for name in names {
            if let bits = JobStates(name: name) {
                states.formUnion(bits)
            } else if let result = JobResult(name: name) {
                results.insert(JobResults(rawValue: result.rawValue))
            } else {
                throw CommandError("Invalid filter specified: \(name)")
            }
        }
        let chosen: JSON = ["states": [.int(Int64(states.rawValue))]]
        guard !results.isEmpty else { return chosen }
        let ended: JSON = [
            "and": [["states": [.int(Int64(JobStates.inactive.rawValue))]], ["results": [.int(Int64(results.rawValue))]]],
        ]
        return states.isEmpty ? ended : ["or": [chosen, ended]]
    }

    /// `-1h`, `+1h`, a date, or seconds since 1970.
    static func time(_ text: String) throws(CommandError) -> Double {
        if text.hasPrefix("-") || text.hasPrefix("+") {
            guard let span = FluxDuration(String(text.dropFirst())) else {
                throw CommandError("invalid Flux standard duration")
            }
            return Format.now + (text.hasPrefix("-") ? -span.seconds : span.seconds)
        }
        guard let time = DateText.parse(text) else {
            throw CommandError("could not convert string to float: '\(text)'")
        }
        return time
    }

    /// The jobs, at most one more than ``count``.
    func jobs(_ attributes: [String], _ flux: Handle) async throws -> [JSON] {
        let request: JSON = [
            "max_entries": .int(Int64(count > 0 ? count + 1 : 0)), "since": .real(since),
            "attrs": .array(attributes.map { .string($0) }), "constraint": constraint,
        ]
        let stream = flux.stream("job-list.list", request)
        var result: [JSON] = []
        while let answer = try await stream.nextJSON() { result += answer["jobs"]?.arrayValue ?? [] }
        return result
    }
}

/// A job as `flux jobs --json` prints it.
struct JobDocument {
    let row: JobRow

    private static let keys = [
        "t_depend", "t_priority", "t_sched", "t_run", "t_cleanup", "t_inactive", "duration", "expiration", "name", "cwd",
        "queue", "project", "bank", "ntasks", "ncores", "nnodes", "priority", "ranks", "nodelist", "success", "result",
        "waitstatus", "id", "t_submit", "t_remaining", "state", "username", "userid", "urgency", "runtime", "status",
        "returncode", "dependencies",
    ]

    var json: JSON {
        var object: JSON.Object = [:]
        for key in Self.keys {
            let value = row.value(of: key)
            switch value {
            case .text(let text): if !text.isEmpty { object[key] = .string(text) }
            case .int(let number): object[key] = .int(number)
            case .real(let number), .time(let number):
                let isHidden = number == 0 && (key.hasPrefix("t_") || key == "runtime" || key == "expiration")
                if !isHidden { object[key] = row.json[key] ?? .real(number) }
            case .bool(let flag): object[key] = .bool(flag)
            }
        }
        object["id"] = .int(row.id.json)
        object["dependencies"] = row.json["dependencies"] ?? []
        object["jobid"] = .string(row.id.f58)
        object["annotations"] = row.json["annotations"] ?? [:]
        let hasOccurred = row.json["exception_occurred"]?.boolValue ?? false
        object["exception"] =
            hasOccurred
            ? [
                "occurred": true, "severity": row.json["exception_severity"] ?? "",
                "type": row.json["exception_type"] ?? "", "note": row.json["exception_note"] ?? "",
            ] : ["occurred": false]
        return .object(object)
    }
}
