internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC19FLUID
internal import RFC22Idset

let jobAttach = Command(
    "attach", "Show the output of a job until it ends", usage: "[OPTIONS] id", operands: 1...1,
    options: [
        .flag("label-io", "l", "Put the rank in front of each line"),
        .flag("show-events", "E", "Show the events of the job"),
        .flag("show-exec", "X", "Show the events of its execution"),
        .flag("show-status", nil, "Show a status line while the job waits"),
        .value("wait-event", "w", "NAME", "The event that ends it (default clean)"),
        .flag("verbose", "v", "Say more"),
        .flag("quiet", "q", "Do not show messages of the shell"),
        .flag("read-only", "r", "Do not read standard input and do not hand signals on"),
        .flag("unbuffered", "u", "Do not buffer standard input"),
        .value("stdin-ranks", "i", "RANKS", "The tasks that get standard input"),
        .optional("tail", nil, "NUM", "Begin with the last NUM lines (default 10)"),
        .flag("debug", nil, "Let a parallel debugger find the tasks of a running job"),
        .flag("debug-emulate", nil, ""), .value("queue-check-interval", nil, "SECONDS", ""),
    ]
) { arguments in
    let text = arguments.operands[0]
    let id = try JobID.argument(text)
    var options = AttachSession.Options()
    options.labelsIO = arguments.has("label-io")
    options.showsEvents = arguments.has("show-events")
    options.showsExec = arguments.has("show-exec")
    options.showsStatus = arguments.has("show-status")
    options.isQuiet = arguments.has("quiet")
    options.isVerbose = arguments.has("verbose")
    options.isReadOnly = arguments.has("read-only")
    options.isUnbuffered = arguments.has("unbuffered")
    options.queueCheckInterval = Double(try arguments.integer("queue-check-interval") ?? 10)
    options.stdinRanks = try stdinRanks(arguments)
    options.waitEvent = arguments.value("wait-event") ?? "clean"
    if arguments.has("tail") { options.tail = try arguments.integer("tail") ?? 10 }
    if let lines = options.tail, lines < 0 { throw CommandError("invalid tail argument") }
    let isForDebugger = arguments.has("debug") || arguments.has("debug-emulate")
    let chosen = options
    return try Session.run(arguments) { flux in
        if isForDebugger { try await requireActive(id, named: text, flux) }
        return try await AttachSession(flux, id, named: text, chosen).run()
    }
}

private func stdinRanks(_ arguments: Arguments) throws(CommandError) -> Idset? {
    guard let ranks = arguments.value("stdin-ranks") else { return nil }
    if arguments.has("read-only") { throw CommandError("Do not use --stdin-ranks with --read-only") }
    if ranks == "all" { return nil }
    guard let set = Idset(ranks) else {
        throw CommandError("Invalid value '\(ranks)' for --stdin-ranks: Invalid argument")
    }
    return set
}

/// A debugger has nothing to find in a job that has ended.
private func requireActive(_ id: JobID, named name: String, _ flux: Handle) async throws {
    let keys = ["state", "exception_occurred", "exception_severity", "exception_type", "exception_note"]
    let answer: JSON
    do {
        answer = try await flux.query(
            "job-list.list-id", ["id": .int(id.json), "attrs": .array(keys.map { .string($0) })])
    } catch { throw CommandError("Invalid job id (\(name)) for debugging: \(SystemText.of(error.errnum))") }
    let job = answer["job"] ?? [:]
    guard job["state"]?.intValue ?? 0 > 16 else { return }
    if job["exception_occurred"]?.boolValue == true, job["exception_severity"]?.intValue == 0 {
        printError(
            "flux-job: job.exception \(name) type=\(job["exception_type"]?.stringValue ?? "unknown") severity=0 "
                + (job["exception_note"]?.stringValue ?? ""))
    }
    throw CommandError("cannot debug job that has finished running")
}
