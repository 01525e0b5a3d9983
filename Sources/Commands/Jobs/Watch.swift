internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC19FLUID

let watchCommand = Command(
    "watch", "Follow the output of jobs", .python, usage: "[OPTIONS] [JOBID...]", operands: 0...Int.max,
    options: [
        .flag("active", "a", "All active jobs"), .flag("all", "A", "All jobs"),
        .value("count", "c", "N", "At most N jobs (default 1000)"),
        .value("filter", "f", "STATE|RESULT,...", "Jobs in these states or with these results"),
        .value("since", nil, "WHEN", "Also jobs that ended since WHEN"),
        .flag("progress", nil, ""), .flag("jps", nil, ""),
        .flag("label-io", "l", "Put job id and rank in front of each line"), .flag("verbose", "v", "Say more"),
    ]
) { arguments in
    let isSelection = ["active", "all", "filter", "since"].contains(where: arguments.has)
    let ids = try arguments.operands.map { ($0, try JobID.pythonArgument($0)) }
    guard isSelection || !ids.isEmpty else {
        printError("flux-watch: ERROR: At least one job selection option is required")
        printError("Try 'flux watch --help' for more information.")
        return 1
    }
    if !ids.isEmpty, isSelection || arguments.has("count") {
        printError("flux-watch: WARNING: Filtering options ignored with jobid list")
    }
    let since = try startOfSelection(arguments)
    let question = try JobQuestion(arguments, filters: selectedStates(arguments), since: since ?? 0, standardCount: 0)
    return try Session.run(arguments) { flux in
        let began = Double(try await flux.attribute("broker.starttime")) ?? 0
        var jobs: [JSON] = []
        let attributes = ["state", "result", "t_submit"]
        for (text, id) in ids {
            let request: JSON = ["id": .int(id.json), "attrs": .array(attributes.map { .string($0) })]
            do { jobs.append(try await flux.query("job-list.list-id", request)["job"] ?? [:]) } catch {
                printError("flux-watch: ERROR: JobID \(text) unknown")
            }
        }
        if ids.isEmpty {
            jobs = try await question.jobs(attributes, flux)
            if question.count > 0 { jobs = Array(jobs.prefix(question.count)) }
        }
        if jobs.isEmpty {
            printError("flux-watch: INFO: No matching jobs")
            return 0
        }
        if arguments.has("verbose") { printError("flux-watch: INFO: Watching \(jobs.count) jobs") }
        var options = JobWatcher.Options()
        options.labelsIO = arguments.has("label-io")
        options.verbosity = arguments.count("verbose")
        options.showsRate = arguments.has("jps")
        options.hasProgress = arguments.has("progress") && isTerminal(1)
        if arguments.has("progress"), !options.hasProgress {
            printError("flux-watch: WARNING: stdout is not a tty. Ignoring --progress option")
        }
        options.startTime = since.map { max($0, began) } ?? (arguments.has("all") ? began : nil)
        let watcher = JobWatcher(flux, options)
        for job in jobs {
            let row = JobRow(json: job, now: 0)
            watcher.follow(row.id, status: row.progress, submitTime: job["t_submit"]?.numberValue ?? Format.now)
        }
        return await watcher.finish()
    }
}

/// When `--since` begins; nil without it.
private func startOfSelection(_ arguments: Arguments) throws -> Double? {
    guard let text = arguments.value("since") else { return nil }
    guard let since = try? JobQuestion.time(text) else {
        throw CommandError("--since: invalid value '\(text)'", exitCode: 2)
    }
    if since > Format.now { throw CommandError("--since=\(text) appears to be in the future", exitCode: 2) }
    return since
}

private func selectedStates(_ arguments: Arguments) -> [String] {
    var filters = arguments.list("filter")
    let isAll = arguments.has("all") || (arguments.has("since") && filters.isEmpty)
    if arguments.has("active") || isAll { filters += ["pending", "running"] }
    if isAll { filters.append("inactive") }
    return filters
}
