internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC19FLUID

let jobStatus = Command(
    "status", "Wait for jobs and exit with the highest exit code", usage: "[OPTIONS] id [id...]", operands: 1...Int.max,
    options: [
        .flag("verbose", "v", "Tell how jobs ended; twice to tell of successful ones too"),
        .flag("json", "j", "Print results as JSON"),
        .value("exception-exit-code", "e", "N", "Exit code of a job that never ran (default 1)"),
    ]
) { arguments in
    let fallback = Int32(truncatingIfNeeded: try arguments.integer("exception-exit-code") ?? 1)
    let ids = try arguments.operands.map { ($0, try JobID.argument($0)) }
    return try Session.run(arguments) { flux in
        var code: Int32 = 0
        let tellsProgress = arguments.has("verbose") && ids.count > 1
        if tellsProgress { printError("flux-job: fetching status for \(ids.count) jobs") }
        var outcomes: [(text: String, end: JobOutcome)] = []
        for (text, id) in ids {
            let end: JobOutcome
            do { end = try await JobOutcome(of: id, flux) } catch let error as RPCError where error.errnum == Errno.noEntry {
                throw CommandError("\(text): No such job")
            }
            outcomes.append((text, end))
        }
        if tellsProgress { printError("flux-job: all done.") }
        for (text, end) in outcomes {
            if arguments.has("json") { print(end.json.text) }
            code = max(code, end.exitCode)
            if end.hasFatalException { code = max(code, fallback) }
            guard arguments.has("verbose") else { continue }
            if end.signal != 0 {
                printError("flux-job: \(text): job shell died by signal \(end.signal)")
            } else if arguments.count("verbose") > 1 || end.exitCode != 0 {
                printError(
                    end.hasFatalException
                        ? "flux-job: \(text): exception type=\(end.exceptionType)"
                        : "flux-job: \(text): exited with exit code \(end.exitCode)")
            }
        }
        return code
    }
}
