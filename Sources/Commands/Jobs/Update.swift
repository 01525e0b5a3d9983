internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC18Eventlog
internal import RFC19FLUID
internal import RFC23FSD

let updateCommand = Command(
    "update", "Change jobs", .python, usage: "[OPTIONS] JOBID KEY=VALUE...", operands: 2...Int.max,
    options: [
        .flag("dry-run", "n", aliases: ["dry"], "Print the changes instead of making them"), .flag("verbose", "v", "Tell what was changed"),
        .flag("wait", nil, "Wait until the log of the job tells of the changes"),
    ]
) { arguments in
    let id = try JobID.pythonArgument(arguments.operands[0])
    return try Session.run(arguments) { flux in
        var updates: JSON.Object = [:]
        for word in arguments.operands.dropFirst() {
            let equal = word.firstIndex(of: "=") ?? word.endIndex
            let key = fullKey(String(word[..<equal])), text = String(word[equal...].dropFirst())
            if key == "attributes.system.duration" {
                let present = updates[key]?.numberValue
                updates[key] = .real(try await duration(text, of: id, flux, after: present))
            } else {
                updates[key] = (try? JSON(parsing: text)) ?? .string(text)
            }
        }
        if arguments.has("dry-run") {
            print(PythonJSON.text(of: .object(updates)))
            return 0
        }
        let started = Format.now
        try await flux.rpc("job-manager.update", ["id": .int(id.json), "updates": .object(updates)])
        if arguments.has("verbose") {
            for (key, value) in updates {
                printError("flux-update: INFO: updated \(key) to \(value.stringValue ?? value.text)")
            }
        }
        if arguments.has("wait") { try await waitForUpdate(of: id, updates, since: started, flux) }
        return 0
    }
}

/// The place in the jobspec that a key on the command line means.
private func fullKey(_ key: String) -> String {
    if key == "name" { return "attributes.system.job.name" }
    let isWhole = ["attributes.", "resources.", "tasks."].contains(where: key.hasPrefix)
    return isWhole ? key : "attributes.system.\(key)"
}

/// `+FSD` and `-FSD` change the present duration of the job.
private func duration(_ text: String, of id: JobID, _ flux: Handle, after pending: Double?) async throws -> Double {
    let isChange = text.hasPrefix("+") || text.hasPrefix("-")
    guard let span = FluxDuration(isChange ? String(text.dropFirst()) : text) else {
        throw CommandError("invalid Flux standard duration")
    }
    guard isChange else { return span.isInfinite ? 0 : span.seconds }
    let answer = try await flux.query("job-info.lookup", ["id": .int(id.json), "keys": ["jobspec"], "flags": 2])
    let jobspec = try JSON(parsing: answer["jobspec"]?.stringValue ?? "{}")
    let present = pending ?? jobspec["attributes"]?["system"]?["duration"]?.numberValue ?? 0
    guard present > 0 else { throw CommandError("duration for \(id.f58Python) is unlimited, can't update by \(text)") }
    let result = text.hasPrefix("+") ? present + span.seconds : present - span.seconds
    guard result > 0 else {
        let shown = FluxDuration.shortText(seconds: present)
        throw CommandError("current duration for \(id.f58Python) (\(shown)) cannot be reduced by \(text.dropFirst())")
    }
    return result.isInfinite ? 0 : result
}

/// Waits until the log of the job tells of the changes.
private func waitForUpdate(of id: JobID, _ updates: JSON.Object, since start: Double, _ flux: Handle) async throws {
    let log = flux.stream("job-info.eventlog-watch", ["id": .int(id.json), "path": "eventlog", "flags": 0])
    while let answer = try await log.nextJSON() {
        guard let event = try Eventlog(parsing: answer["event"]?.stringValue ?? "").entries.first,
            event.name == "jobspec-update", event.timestamp > start
        else { continue }
        guard updates.allSatisfy({ event.context?[$0.key] == $0.value }) else { continue }
        log.abandon()
        return
    }
}
