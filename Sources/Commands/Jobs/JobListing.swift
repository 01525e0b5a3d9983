internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC19FLUID
internal import Reactor

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
        Color.longOption,
        .flag("recursive", "R", "List the jobs of instances too"),
        .value("level", "L", "N", "With --recursive: how deep"),
        .flag("recurse-all", nil, "With --recursive: also instances of other users"),
        .value("threads", nil, "N", "At most N instances are asked at a time"), .flag("from-stdin", nil, ""),
        .flag("stats", nil, "Print counts before the header"),
        .flag("stats-only", nil, "Print counts only; fails when no job is active"),
    ], listJobs)

@Sendable private func listJobs(_ arguments: Arguments) throws -> Int32 {
    if arguments.has("json"), arguments.has("stats") || arguments.has("stats-only") {
        throw CommandError("--json incompatible with --stats or --stats-only")
    }
    let isRecursive = arguments.has("recursive") || arguments.has("recurse-all")
    let filters = ["filter", "a", "A", "user", "name", "queue", "count", "since"]
    if !arguments.operands.isEmpty, !isRecursive, filters.contains(where: arguments.has) {
        printError("flux-jobs: WARNING: Filtering options ignored with jobid list")
    }
    let ids = try arguments.operands.map { ($0, try JobID.pythonArgument($0)) }
    guard let listing = try JobListing(arguments, isRecursive: isRecursive) else { return 0 }
    if arguments.has("from-stdin") {
        let rows = try Files.standardInput().split(separator: "\n").map { line in
            JobRow(json: try JSON(parsing: String(line)), now: Format.now)
        }
        try listing.show(rows, isTop: true)
        return 0
    }
    return try Session.run(arguments) { flux in
        if arguments.has("stats") || arguments.has("stats-only") {
            let isActive = try await printStatistics(flux, queues: arguments.list("queue"))
            if arguments.has("stats-only") { return isActive ? 0 : 1 }
        }
        return try await listing.run(ids, flux)
    }
}

/// One call of `flux jobs`.
private struct JobListing {
    private let format: OutputFormat
    private let question: JobQuestion
    private let attributes: [String]
    private let asksInstances: Bool
    private let hasColor: Bool
    private let isJSON: Bool
    private let hasHeader: Bool
    private let hasStatistics: Bool
    private let width: Int
    private let isRecursive: Bool
    private let entersAll: Bool
    private let maximumLevel: Int

    /// nil when the options only asked for help about formats.
    init?(_ arguments: Arguments, isRecursive: Bool) throws {
        guard let text = try OutputFormat.text(
            option: arguments.value("format"), variable: "FLUX_JOBS_FORMAT_DEFAULT", program: "flux-jobs",
            formats: JobFields.formats)
        else { return nil }
        var format: OutputFormat
        do { format = try OutputFormat(text, headings: JobFields.headings(for: text)) } catch {
            throw CommandError("Error in user format: \(error)")
        }
        if let keys = arguments.value("sort") { try format.setSortKeys(keys) }
        self.format = format
        self.isRecursive = isRecursive
        question = try JobQuestion(arguments)
        hasColor = try arguments.wantsColor()
        isJSON = arguments.has("json")
        hasHeader = !arguments.has("no-header")
        hasStatistics = arguments.has("stats")
        entersAll = arguments.has("recurse-all")
        maximumLevel = try arguments.integer("level") ?? 9999
        _ = try arguments.integer("threads")
        var width = try arguments.integer("width") ?? 0
        if arguments.has("width"), width == 0 { width = Terminal.width }
        self.width = max(0, width)
        var attributes = JobFields.attributes(for: format.fields)
        if hasColor { attributes += ["result", "annotations"] }
        if isRecursive { attributes += ["annotations", "state", "result", "userid"] }
        self.attributes = isJSON ? ["all"] : Set(attributes).sorted()
        asksInstances = !isJSON && format.fields.contains { $0.hasPrefix("instance.") }
    }

    func run(_ ids: [(text: String, id: JobID)], _ flux: Handle) async throws -> Int32 {
        var rows: [JobRow]
        var isCut = false
        if ids.isEmpty {
            (rows, isCut) = try await jobs(flux)
        } else {
            rows = try await jobs(ids, flux)
            if rows.isEmpty { return 1 }
        }
        if isJSON {
            let objects = try await documents(rows, 0, flux.reactor)
            let single = ids.count == 1 ? objects.first : nil
            print(PythonJSON.asciiText(of: single ?? ["jobs": .array(objects)]))
            return 0
        }
        try show(rows, isTop: true)
        try await showChildren(of: rows, path: "", 0, flux.reactor)
        if isCut, hasHeader {
            printError("warning: output truncated at \(question.count) jobs.")
            printError("Use --count to increase returned results or use filters to alter results.")
        }
        return 0
    }

    // MARK: Asking

    private func jobs(_ flux: Handle) async throws -> (rows: [JobRow], isCut: Bool) {
        let now = Format.now
        var rows = try await question.jobs(attributes, flux).map { JobRow(json: $0, now: now) }
        let isCut = question.count > 0 && rows.count > question.count
        if isCut { rows.removeLast(rows.count - question.count) }
        return (await askingInstances(rows, flux.reactor), isCut)
    }

    private func jobs(_ ids: [(text: String, id: JobID)], _ flux: Handle) async throws -> [JobRow] {
        var rows: [JobRow] = []
        for (text, id) in ids {
            let request: JSON = ["id": .int(id.json), "attrs": .array(attributes.map { .string($0) })]
            do throws(RPCError) {
                let answer = try await flux.query("job-list.list-id", request)
                rows.append(JobRow(json: answer["job"] ?? [:], now: Format.now))
            } catch {
                let isUnknown = error.errnum == Errno.noEntry
                printError(isUnknown ? "JobID \(text) unknown" : "rpc: \(error)")
            }
        }
        return await askingInstances(rows, flux.reactor)
    }

    private func askingInstances(_ rows: [JobRow], _ reactor: Reactor) async -> [JobRow] {
        guard asksInstances else { return rows }
        var result = rows
        for index in rows.indices where rows[index].isRunningInstance {
            result[index].instance = await InstanceSummary(of: rows[index].uri ?? "", on: reactor)
        }
        return result
    }

    // MARK: Showing

    func show(_ rows: [JobRow], isTop: Bool) throws {
        // Columns of inner listings stand below those of the outermost one.
        let hasHeader = self.hasHeader && isTop
        let lines = try format.lines(for: rows, hasHeader: hasHeader, width: width) { $0.value(of: $1) }
        let sorted = hasColor ? format.sort(rows) { $0.value(of: $1) } : []
        for (index, line) in lines.enumerated() {
            let position = hasHeader ? index - 1 : index
            if sorted.indices.contains(position), let color = sorted[position].color {
                print("\(color)\(line)\n\u{1b}[0;0m", terminator: "")
            } else {
                print(line)
            }
        }
        flushOutput()
    }

    private func children(_ rows: [JobRow]) -> [JobRow] {
        rows.filter {
            $0.isRunningInstance && (entersAll || $0.json["userid"]?.intValue == Int64(Users.current))
        }
    }

    private func showChildren(of rows: [JobRow], path: String, _ level: Int, _ reactor: Reactor) async throws {
        guard isRecursive, level != maximumLevel else { return }
        for job in children(format.sort(rows) { $0.value(of: $1) }) {
            // An instance that cannot be asked is shown without jobs.
            let flux = try? Handle.open(InstanceURI.reachable(job.uri ?? ""), on: reactor)
            defer { flux?.close() }
            let inner = path + job.id.f58Python
            print("\n\(inner):")
            guard let flux, let rows = try? await jobs(flux).rows else { continue }
            if hasStatistics { print(try await JobStatistics(flux).shortText) }
            try show(rows, isTop: false)
            try await showChildren(of: rows, path: "\(inner)/", level + 1, reactor)
        }
    }

    /// The jobs as JSON, each instance with its jobs.
    private func documents(_ rows: [JobRow], _ level: Int, _ reactor: Reactor) async throws -> [JSON] {
        let inner = isRecursive && level != maximumLevel ? Set(children(rows).map(\.id)) : []
        var result: [JSON] = []
        for row in rows {
            var document = JobDocument(row: row).json
            if inner.contains(row.id), let flux = try? Handle.open(InstanceURI.reachable(row.uri ?? ""), on: reactor) {
                defer { flux.close() }
                let rows = (try? await jobs(flux).rows) ?? []
                document = document.setting("jobs", to: .array(try await documents(rows, level + 1, reactor)))
            }
            result.append(document)
        }
        return result
    }
}

private func printStatistics(_ flux: Handle, queues: [String]) async throws -> Bool {
    let statistics: JobStatistics
    do { statistics = try await JobStatistics(flux, queues: queues) } catch {
        throw CommandError("error retrieving job stats: \(error)")
    }
    print("\(statistics.shortText), \(statistics.purged) inactive purged")
    return statistics.active > 0
}
