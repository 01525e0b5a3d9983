internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC19FLUID
internal import RFC23FSD

let updateCommand = Command(
    "update", "Change jobs", .python, usage: "[OPTIONS] JOBID KEY=VALUE...", operands: 2...Int.max,
    options: [
        .flag("dry-run", "n", "Print the changes instead of making them"), .flag("verbose", "v", "Tell what was changed"),
        .flag("wait", nil, ""),
    ]
) { arguments in
    guard let id = JobID(arguments.operands[0]) else {
        throw CommandError("\(arguments.operands[0]) is not a valid Flux jobid")
    }
    return try Session.run(arguments) { flux in
        var updates: JSON.Object = [:]
        for word in arguments.operands.dropFirst() {
            guard let equal = word.firstIndex(of: "=") else {
                throw CommandError("update: '\(word)' is no KEY=VALUE")
            }
            let name = String(word[..<equal]), text = String(word[word.index(after: equal)...])
            let key = name.hasPrefix("attributes.") ? name : "attributes.system.\(name)"
            if key == "attributes.system.duration" {
                updates[key] = .real(try await duration(text, of: id, flux))
            } else {
                updates[key] = (try? JSON(parsing: text)) ?? .string(text)
            }
        }
        if arguments.has("dry-run") {
            print(PythonJSON.text(of: .object(updates)))
            return 0
        }
        try await flux.rpc("job-manager.update", ["id": .int(id.json), "updates": .object(updates)])
        if arguments.has("verbose") {
            for (key, value) in updates {
                printError("flux-update: INFO: updated \(key) to \(value.stringValue ?? value.text)")
            }
        }
        return 0
    }
}

/// `+FSD` and `-FSD` change the present duration.
private func duration(_ text: String, of id: JobID, _ flux: Handle) async throws -> Double {
    let isChange = text.hasPrefix("+") || text.hasPrefix("-")
    guard let span = FluxDuration(isChange ? String(text.dropFirst()) : text) else {
        throw CommandError("invalid Flux standard duration")
    }
    guard isChange else { return span.isInfinite ? 0 : span.seconds }
    let answer = try await flux.query("job-list.list-id", ["id": .int(id.json), "attrs": ["duration"]])
    let present = answer["job"]?["duration"]?.numberValue ?? 0
    guard present > 0 else { throw CommandError("can't adjust duration of job without one") }
    let result = text.hasPrefix("+") ? present + span.seconds : present - span.seconds
    guard result > 0 else { throw CommandError("adjusted duration is not positive") }
    return result
}
