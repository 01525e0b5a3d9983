internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import RFC19FLUID
internal import Reactor

let pstreeCommand = Command(
    "pstree", "Show the tree of jobs", .python, usage: "[OPTIONS] [JOBID ...]", operands: 0...Int.max,
    options: [
        .flag("all", "a", "Jobs in all states"), .value("count", "c", "N", "At most N jobs of an instance (default 1000)"),
        .value("filter", "f", "STATE|RESULT", "Jobs in a state or with a result (default running)"),
        .flag("extended", "x", "Show details in front of the tree"), .flag("long", "l", "Do not cut lines"),
        .value("level", "L", "N", "Go down N levels only"), .flag("parent-ids", "p", "Show the ids of instances"),
        .flag("no-header", "n", "No header line"), .flag("no-combine", "X", "Show equal jobs one by one"),
        .value("label", "o", "FORMAT", "Format of jobs (default '{name}')"),
        .value("parent-label", nil, "FORMAT", "Format of instances"),
        .value("detail-format", nil, "FORMAT", "Format of details (implies -x)"),
        .value("details", "d", "NAME", "Details: default, resources, progress, stats"),
        .flag("compact", "C", "Connect with short lines"), .flag("ascii", nil, "Connect with ASCII characters"),
        .value("skip-root", nil, "yes|no", "Whether the instance itself is left out"),
    ]
) { arguments in
    let ids = try arguments.operands.map { ($0, try JobID.pythonArgument($0)) }
    if !ids.isEmpty, ["all", "count", "filter"].contains(where: arguments.has) {
        printError("flux-pstree: WARNING: filtering options ignored with jobid list")
    }
    if arguments.has("ascii"), arguments.has("compact") {
        printError("flux-pstree: CRITICAL: Choose only one of --ascii, --compact")
    }
    let labels = try PstreeLabels(arguments)
    var skipsRoot = labels.details != nil || !ids.isEmpty
    if let answer = arguments.value("skip-root") {
        guard ["yes", "no"].contains(answer) else { throw CommandError("--skip-root requires either 'yes' or 'no'") }
        skipsRoot = answer == "yes"
    }
    let isRootSkipped = skipsRoot
    let walk = try PstreeWalk(arguments, labels, skipsRoot: skipsRoot)
    return try Session.run(arguments) { flux in
        var label = ".", prefix = ""
        if !isRootSkipped {
            let root = await PstreeWalk.root(flux)
            label = labels.text(of: root, isInstance: true)
            prefix = labels.prefix(of: root)
        }
        let tree = try await walk.tree(label, prefix, flux, ids, level: 0)
        if let details = labels.details, !arguments.has("no-header") { print(details.header) }
        let style: TextTree.Style = arguments.has("compact") ? .compact : arguments.has("ascii") ? .ascii : .box
        let width = arguments.has("long") ? nil : walk.width
        for line in tree.lines(style, skipsRoot: isRootSkipped, width: width) { print(line) }
        return 0
    }
}

/// The texts of a node of the tree.
private struct PstreeLabels: Sendable {
    private let job: OutputFormat
    private let instance: OutputFormat
    /// The columns in front of the tree; nil for none.
    let details: OutputFormat?

    private static let detailFormats = [
        "default":
            "{id.f58:>12} {username:<8.8} {status_abbrev:>2.2} {ntasks:>6h} {nnodes:>6h} {runtime!F:>8h}",
        "resources":
            "{id.f58:>12} {instance.resources.all.nnodes:>5} {instance.resources.allocated.nnodes:>5} "
            + "{instance.resources.all.ncores:>5} {instance.resources.allocated.ncores:>5} "
            + "{instance.resources.all.ngpus:>5} {instance.resources.allocated.ngpus:>5}",
        "progress":
            "{id.f58:>12} {ntasks:>6h} {instance.stats.total:>6} {instance.progress!P:>5} "
            + "{instance.utilization!P:>5} {instance.gpu_utilization!P:>5} {runtime!H:>10}",
        "stats": "{id.f58:>12} {instance.stats:^25} {runtime!H:>10}",
    ]

    init(_ arguments: Arguments) throws {
        let isAll = arguments.has("all")
        let own = arguments.value("label")
        var parent = arguments.value("parent-label") ?? own ?? "{name}"
        if arguments.has("parent-ids") { parent = "{id.f58} \(parent)" }
        job = try Self.format(own ?? (isAll ? "{name}:{status_abbrev}" : "{name}"))
        instance = try Self.format(parent)
        guard ["extended", "details", "detail-format"].contains(where: arguments.has) else {
            details = nil
            return
        }
        let name = arguments.value("details") ?? "default"
        guard let text = arguments.value("detail-format") ?? Self.detailFormats[name] else {
            throw CommandError("Unknown --details format '\(name)'")
        }
        details = try Self.format(text)
    }

    private static func format(_ text: String) throws(CommandError) -> OutputFormat {
        try OutputFormat(text, headings: JobFields.headings(for: text))
    }

    func text(of row: JobRow, isInstance: Bool) -> String {
        (isInstance ? instance : job).line { row.value(of: $0) }
    }

    func prefix(of row: JobRow) -> String { details?.line { row.value(of: $0) } ?? "" }
}

/// Goes from instance to instance.
private struct PstreeWalk: Sendable {
    private let labels: PstreeLabels
    private let question: JobQuestion
    private let running: JobQuestion
    private let maximumLevel: Int
    private let combines: Bool
    /// Where lines are cut.
    let width: Int

    init(_ arguments: Arguments, _ labels: PstreeLabels, skipsRoot: Bool) throws {
        self.labels = labels
        let filters = arguments.has("all")
            ? ["pending", "running", "inactive"] : arguments.has("filter") ? arguments.list("filter") : ["running"]
        question = try JobQuestion(arguments, filters: filters, since: 0)
        // Where the root is left out, what it runs is shown whatever the filter.
        running = skipsRoot ? try JobQuestion(arguments, filters: ["running"], since: 0) : question
        maximumLevel = try arguments.integer("level") ?? 999
        combines = !arguments.has("no-combine")
        width = Environment["COLUMNS"].flatMap { Int($0) } ?? (Terminal.width > 0 ? Terminal.width : 132)
    }

    func tree(
        _ label: String, _ prefix: String, _ flux: Handle, _ ids: [(text: String, id: JobID)], level: Int
    ) async throws -> TextTree {
        var tree = TextTree(label, prefix: prefix)
        guard level <= maximumLevel else { return tree }
        for row in await rows(flux, ids, isTop: level == 0) {
            let isInstance = row.isRunningInstance
            let text = labels.text(of: row, isInstance: isInstance), prefix = labels.prefix(of: row)
            guard isInstance, let inner = try? Handle.open(InstanceURI.reachable(row.uri ?? ""), on: flux.reactor) else {
                tree.append(TextTree(text, prefix: prefix), combines: combines)
                continue
            }
            defer { inner.close() }
            tree.append(try await self.tree(text, prefix, inner, [], level: level + 1), combines: combines)
        }
        return tree
    }

    /// The jobs of an instance; none when it does not answer.
    private func rows(_ flux: Handle, _ ids: [(text: String, id: JobID)], isTop: Bool) async -> [JobRow] {
        let now = Format.now
        var rows: [JobRow] = []
        if ids.isEmpty {
            let question = isTop ? running : question
            let jobs = (try? await question.jobs(["all"], flux)) ?? []
            rows = jobs.prefix(question.count > 0 ? question.count : jobs.count).map { JobRow(json: $0, now: now) }
        }
        for (text, id) in ids {
            do throws(RPCError) {
                let answer = try await flux.query("job-list.list-id", ["id": .int(id.json), "attrs": ["all"]])
                rows.append(JobRow(json: answer["job"] ?? [:], now: now))
            } catch {
                printError(error.errnum == Errno.noEntry ? "JobID \(text) unknown" : "rpc: \(error)")
            }
        }
        for index in rows.indices where rows[index].isRunningInstance {
            rows[index].instance = await InstanceSummary(of: rows[index].uri ?? "", on: flux.reactor)
        }
        return rows
    }

    /// The enclosing instance as if it were a job.
    static func root(_ flux: Handle) async -> JobRow {
        func attribute(_ name: String) async -> String { (try? await flux.attribute(name)) ?? "" }
        let size = await attribute("size")
        var job: JSON?
        if let id = JobID(await attribute("jobid")),
            let parent = try? Handle.open(InstanceURI.reachable(await attribute("parent-uri")), on: flux.reactor)
        {
            job = (try? await parent.query("job-list.list-id", ["id": .int(id.json), "attrs": ["all"]]))?["job"]
            parent.close()
        }
        let count = JSON.int(Int64(size) ?? 0)
        let mock: JSON = [
            "id": 0, "userid": .int(Int64(await attribute("security.owner")) ?? 0), "state": 16, "name": ".",
            "ntasks": count, "nnodes": count, "nodelist": .string(await attribute("hostlist")),
            "annotations": ["user": ["uri": .string(await attribute("local-uri"))]],
            "t_run": .real(Double(await attribute("broker.starttime")) ?? 0),
        ]
        var row = JobRow(json: job ?? mock, now: Format.now)
        row.isRoot = job == nil
        row.instance = await InstanceSummary(of: row.uri ?? "", on: flux.reactor)
        return row
    }
}
