internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC19FLUID
internal import RFC21JobStates

let jobRaise = Command(
    "raise", "Raise an exception for jobs", usage: "[OPTIONS] ids... [--] [message...]", operands: 1...Int.max,
    options: [
        .value("severity", "s", "N", "From 0, which ends the job and is the default, to 7"),
        .value("type", "t", "TYPE", "The type (default cancel)"),
        .value("message", "m", "NOTE", "The text"),
    ]
) { arguments in
    let severity = try arguments.integer("severity") ?? 0
    var ids: [(String, JobID)] = []
    var rest = arguments.operands[...]
    while let word = rest.first, let id = JobID(word) {
        ids.append((word, id))
        rest = rest.dropFirst()
    }
    if ids.isEmpty { throw CommandError("invalid jobid: \(rest.first ?? "")") }
    if !rest.isEmpty, arguments.has("message") {
        throw CommandError("Do not set note on command line and with --message")
    }
    let note = arguments.value("message") ?? (rest.isEmpty ? nil : rest.joined(separator: " "))
    let targets = ids
    return try Session.run(arguments) { flux in
        var code: Int32 = 0
        for (text, id) in targets {
            var request: JSON.Object = [
                "id": .int(id.json), "severity": .int(Int64(severity)),
                "type": .string(arguments.value("type") ?? "cancel"),
            ]
            request["note"] = note.map { .string($0) }
            do { try await flux.rpc("job-manager.raise", .object(request)) } catch {
                printError("flux-job: raise \(text): \(error)")
                code = 1
            }
        }
        return code
    }
}

let jobRaiseAll = Command(
    "raiseall", "Raise an exception for many jobs", usage: "[OPTIONS] type [message...]", operands: 1...Int.max,
    options: [
        .value("severity", "s", "N", "From 0, which ends the job, to 7 (default)"),
        .value("user", "u", "USER", "The jobs of a user; all for everybody"),
        .value("states", "S", "STATE,...", "The jobs in these states (default ACTIVE)"),
        .flag("force", "f", "Do it; without this jobs are only counted"),
    ]
) { arguments in
    var states: JobStates = []
    for name in (arguments.value("states") ?? "ACTIVE").split(separator: ",") {
        guard let bits = JobStates(name: String(name)) else { throw CommandError("error parsing --states: \(name) is unknown") }
        states.formUnion(bits)
    }
    if states.contains(.inactive) { throw CommandError("Exceptions cannot be raised on inactive jobs") }
    var request: JSON.Object = [
        "dry_run": .bool(!arguments.has("force")), "userid": .int(try user(arguments)),
        "states": .int(Int64(states.rawValue)), "severity": .int(Int64(try arguments.integer("severity") ?? 7)),
        "type": .string(arguments.operands[0]),
    ]
    let note = arguments.operands.dropFirst()
    if !note.isEmpty { request["note"] = .string(note.joined(separator: " ")) }
    let payload = JSON.object(request)
    return try Session.run(arguments) { flux in
        let answer: JSON
        do { answer = try await flux.query("job-manager.raiseall", payload) } catch {
            throw CommandError("raiseall: \(error)")
        }
        let count = answer["count"]?.intValue ?? 0
        if count > 0, !arguments.has("force") {
            printError("flux-job: Command matched \(count) jobs (-f to confirm)")
        } else if count > 0 {
            printError("flux-job: Raised exception on \(count) jobs (\(answer["errors"]?.intValue ?? 0) errors)")
        } else {
            printError("flux-job: Command matched 0 jobs")
        }
        return 0
    }
}
