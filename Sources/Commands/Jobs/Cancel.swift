internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC19FLUID
internal import RFC21JobStates

let cancelCommand = Command(
    "cancel", "Cancel jobs", .python, usage: "[OPTIONS] [JOBID...]", operands: 0...Int.max,
    options: [
        .flag("all", nil, "Cancel all own jobs"),
        .flag("dry-run", "n", aliases: ["dry"], "Only tell how many jobs would be canceled"),
        .flag("quiet", "q", "Do not tell how many jobs were canceled"),
        .value("user", "u", "USER", "Cancel jobs of a user; all for everybody"),
        .value("states", "S", aliases: ["state"], "STATE,...", "Cancel jobs in these states (default active)"),
        .value("message", "m", "NOTE", "Why"),
    ]
) { arguments in
    let ids = try arguments.operands.map { try JobID.pythonArgument($0, of: "JOBID...") }
    let isSelection = arguments.has("all") || arguments.has("user") || arguments.has("states")
    if ids.isEmpty, !isSelection { throw CommandError("No target jobs were provided") }
    if !ids.isEmpty, isSelection { throw CommandError("Do not specify a list of jobids with --all,--user,--states options") }
    return try Session.run(arguments) { flux in
        if ids.isEmpty { return try await cancelSelection(arguments, flux) }
        if arguments.has("dry-run") {
            printError("flux-cancel: Would cancel \(ids.count) job\(ids.count == 1 ? "" : "s")")
            return 0
        }
        var code: Int32 = 0
        for id in ids {
            var request: JSON.Object = ["id": .int(id.json), "severity": 0, "type": "cancel"]
            request["note"] = arguments.value("message").map { .string($0) }
            do { try await flux.rpc("job-manager.raise", .object(request)) } catch {
                printError("flux-cancel: ERROR: \(id.f58Python): \(error)")
                code = 1
            }
        }
        return code
    }
}

private func cancelSelection(_ arguments: Arguments, _ flux: Handle) async throws -> Int32 {
    var states: JobStates = []
    for name in (arguments.has("states") ? arguments.list("states") : ["active"]) {
        guard let bits = JobStates(name: name), !bits.contains(.inactive) else { throw CommandError("Invalid state \(name) specified") }
        states.formUnion(bits)
    }
    let user = arguments.value("user")
    let userID: Int64
    switch user {
    case "all": userID = -1
    case nil: userID = Int64(Users.current)
    case .some(let name):
        guard let id = UInt32(name) ?? Users.id(of: name) else { throw CommandError("Invalid user \(name) specified") }
        userID = Int64(id)
    }
    var request: JSON.Object = [
        "dry_run": .bool(arguments.has("dry-run")), "userid": .int(userID), "states": .int(Int64(states.rawValue)),
        "severity": 0, "type": "cancel",
    ]
    request["note"] = arguments.value("message").map { .string($0) }
    let answer = try await flux.query("job-manager.raiseall", .object(request))
    let count = answer["count"]?.intValue ?? 0, errors = answer["errors"]?.intValue ?? 0
    let jobs = "\(count) job\(count == 1 ? "" : "s")"
    if count == 0 {
        if !arguments.has("quiet") { printError("flux-cancel: Matched 0 jobs") }
    } else if arguments.has("dry-run") {
        printError("flux-cancel: Would cancel \(jobs)")
    } else {
        printError("flux-cancel: Canceled \(jobs) (\(errors) error\(errors == 1 ? "" : "s"))")
    }
    return 0
}
