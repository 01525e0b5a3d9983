internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC18Eventlog
internal import RFC19FLUID
internal import RFC22Idset
internal import Reactor

let jobHostpids = Command(
    "hostpids", "Print host and process of each task of a running job", usage: "[OPTIONS] id", operands: 1...1,
    options: [
        .value("delimiter", "d", "STRING", "What stands between them (default \",\")"),
        .value("ranks", "r", "IDSET", "Only these tasks"),
        .value("timeout", "t", "FSD", "How long to wait for the tasks to start"),
    ]
) { arguments in
    let delimiter = arguments.value("delimiter") ?? ","
    let timeout = try arguments.duration("timeout")
    let ranks = try arguments.value("ranks").flatMap { text throws(CommandError) -> Idset? in
        if text == "all" { return nil }
        do { return try Idset(parsing: text) } catch {
            throw CommandError("--ranks=\(text): error parsing range '\(text)': Invalid argument")
        }
    }
    let text = arguments.operands[0]
    let id = try JobID.argument(text)
    return try Session.run(arguments) { flux in
        let answer: JSON
        do {
            answer = try await flux.query("job-list.list-id", ["id": .int(id.json), "attrs": ["state"]])
        } catch let error as RPCError where error.errnum == Errno.noEntry { throw CommandError("\(text): No such job") }
        guard answer["job"]?["state"]?.intValue ?? 0 <= 16 else {
            throw CommandError("hostpids: job \(text) is inactive")
        }
        let shell = try await startedShell(of: id, within: timeout, flux)
        let table = try await flux.query("\(shell.service).proctable", nodeID: shell.rank)
        let tasks = try ProcessList(json: table).tasks
        if tasks.isEmpty { throw CommandError("failed to get MPIR_proctable from job shell") }
        let chosen = tasks.enumerated().filter { ranks?.contains(UInt32($0.offset)) ?? true }.map(\.element)
        print(chosen.joined(separator: delimiter == "\\n" ? "\n" : delimiter))
        return 0
    }
}

/// The service of a job's shell once its tasks run.
private func startedShell(
    of id: JobID, within seconds: Double?, _ flux: Handle
) async throws -> (service: String, rank: UInt32) {
    let log = flux.stream(
        "job-info.eventlog-watch", ["id": .int(id.json), "path": "guest.exec.eventlog", "flags": 1])
    var hasTimedOut = false
    if let seconds, seconds.isFinite {
        _ = flux.reactor.schedule(after: .seconds(seconds)) {
            hasTimedOut = true
            log.abandon()
        }
    }
    var shell: (service: String, rank: UInt32) = ("", 0)
    while let answer = try await log.nextJSON() {
        guard let entry = try Eventlog(parsing: answer["event"]?.stringValue ?? "").entries.first else { continue }
        switch entry.name {
        case "shell.init":
            let rank = (entry.context?["leader-rank"]?.intValue).flatMap { UInt32(exactly: $0) } ?? 0
            shell = (entry.context?["service"]?.stringValue ?? "", rank)
        case "shell.start":
            log.abandon()
            return shell
        default: break
        }
    }
    throw CommandError(
        hasTimedOut
            ? "hostpids: timeout waiting for shell.start event" : "failed to get MPIR_proctable from job shell")
}
