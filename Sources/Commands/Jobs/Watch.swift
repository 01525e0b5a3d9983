internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
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
    guard isSelection || !arguments.operands.isEmpty else {
        printError("flux-watch: ERROR: At least one job selection option is required")
        printError("Try 'flux watch --help' for more information.")
        return 1
    }
    let wanted = try arguments.operands.map { text throws(CommandError) in
        guard let id = JobID(text) else { throw CommandError("\(text) is not a valid Flux jobid") }
        return (text, id)
    }
    let question = isSelection ? try JobQuestion(arguments, all: arguments.has("all")) : nil
    return try Session.run(arguments) { flux in
        var ids: [JobID] = []
        for (text, id) in wanted {
            do {
                try await flux.rpc("job-list.list-id", ["id": .int(id.json), "attrs": ["state"]])
                ids.append(id)
            } catch { printError("flux-watch: ERROR: JobID \(text) unknown") }
        }
        if let question {
            ids += try await question.jobs(["state"], flux).map { JobRow(json: $0, now: 0).id }
        }
        if ids.isEmpty {
            printError("flux-watch: INFO: No matching jobs")
            return 0
        }
        let group = WatchGroup(flux, labelsIO: arguments.has("label-io"))
        return await group.follow(ids)
    }
}

/// Jobs that are followed at the same time.
private final class WatchGroup {
    private let flux: Handle
    private let labelsIO: Bool
    private var openCount = 0
    private var exitCode: Int32 = 0
    private var waiter: CheckedContinuation<Void, Never>?

    init(_ flux: Handle, labelsIO: Bool) {
        self.flux = flux
        self.labelsIO = labelsIO
    }

    /// - Returns: the highest exit code.
    func follow(_ ids: [JobID]) async -> Int32 {
        openCount = ids.count * 2
        for id in ids {
            JobOutput(flux, id, labelsIO: labelsIO, labelsJob: labelsIO) { [self] in close() }.start()
            followEnd(of: id)
        }
        await withCheckedContinuation { continuation in
            if openCount > 0 { waiter = continuation } else { continuation.resume() }
        }
        return exitCode
    }

    private func followEnd(of id: JobID) {
        let request = Message.request(
            "job-info.eventlog-watch", json: ["id": .int(id.json), "path": "eventlog", "flags": 0], flags: .streaming)
        flux.call(request) { [self] result in
            guard case .success(let message) = result else { return close() }
            guard let line = (try? message.decodeJSON())?["event"]?.stringValue, let entry = try? JSON(parsing: line),
                let context = entry["context"]
            else { return }
            switch entry["name"]?.stringValue {
            case "finish":
                exitCode = max(exitCode, JobEnd(waitStatus: Int32(truncatingIfNeeded: context["status"]?.intValue ?? 0)).exitCode)
            case "exception" where context["severity"]?.intValue == 0: exitCode = max(exitCode, 1)
            default: break
            }
        }
    }

    private func close() {
        openCount -= 1
        guard openCount == 0 else { return }
        waiter?.resume()
        waiter = nil
    }
}
