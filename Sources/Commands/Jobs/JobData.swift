internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import RFC19FLUID
internal import RFC21JobStates
internal import RFC39Signature

let jobSubmit = Command(
    "submit", "Submit a jobspec", usage: "[OPTIONS] [jobspec]", operands: 0...1,
    options: [
        .value("urgency", "u", "N", "Urgency from 0 to 31 (default 16)"),
        .value("flags", "f", "FLAG,...", "Submission flags: debug, waitable, novalidate"),
    ]
) { arguments in
    let urgency = try arguments.integer("urgency") ?? 16
    var flags: JobFlags = []
    for name in arguments.list("flags") {
        guard let flag = JobFlags(name: name) else { throw CommandError("unknown flag: \(name)") }
        flags.insert(flag)
    }
    let path = arguments.operands.first ?? "-"
    let bytes = try path == "-" ? Files.standardInputBytes() : Files.bytes(path)
    if bytes.isEmpty { throw CommandError("required jobspec is empty") }
    let chosen = flags
    return try Session.run(arguments) { flux in
        let answer = try await flux.query(
            "job-ingest.submit",
            [
                "J": .string(SignedPayload.wrapNone(bytes, userID: getuid())), "urgency": .int(Int64(urgency)),
                "flags": .int(Int64(chosen.rawValue)),
            ])
        print(JobID(UInt64(bitPattern: answer["id"]?.intValue ?? 0)).shown)
        return 0
    }
}

let jobInfo = Command(
    "info", "Print stored data of a job", usage: "[OPTIONS] id key", operands: 2...2,
    options: [
        .flag("original", "o", "The jobspec as it was submitted"),
        .flag("base", "b", "The data without later changes"),
    ]
) { arguments in
    let id = try JobID.argument(arguments.operands[0])
    let key = arguments.operands[1]
    let isOriginal = arguments.has("original") && key == "jobspec"
    return try Session.run(arguments) { flux in
        let wanted = isOriginal ? "J" : key
        let isCurrent = !isOriginal && !arguments.has("base") && (key == "R" || key == "jobspec")
        let answer = try await flux.query(
            "job-info.lookup", ["id": .int(id.json), "keys": [.string(wanted)], "flags": .int(isCurrent ? 2 : 0)])
        let text = answer[wanted]?.stringValue ?? ""
        guard isOriginal else {
            print(text)
            return 0
        }
        do {
            print(String(decoding: try SignedPayload(parsing: text).payload, as: UTF8.self))
        } catch {
            throw CommandError("Failed to unwrap J to get jobspec: \(error)")
        }
        return 0
    }
}

let jobStats = Command("stats", "Count jobs", usage: "") { arguments in
    try Session.run(arguments) { flux in
        print(try await flux.query("job-list.job-stats").text)
        return 0
    }
}

let jobMemo = Command(
    "memo", "Add notes to a job", usage: "[--volatile] id key=value [key=value ...]", operands: 2...Int.max,
    options: [.flag("volatile", nil, "Do not store them")]
) { arguments in
    let id = try JobID.argument(arguments.operands[0])
    var memo: JSON = [:]
    for word in arguments.operands.dropFirst() {
        guard let equal = word.firstIndex(of: "=") else { throw CommandError("memo: no value for key=\(word)") }
        var text = String(word[word.index(after: equal)...])
        if text == "-" { text = try Files.standardInput() }
        memo[path: String(word[..<equal])] = (try? JSON(parsing: text)) ?? .string(text)
    }
    let payload: JSON = ["id": .int(id.json), "volatile": .bool(arguments.has("volatile")), "memo": memo]
    return try Session.run(arguments) { flux in
        do { try await flux.rpc("job-manager.memo", payload) } catch { throw CommandError("memo: \(error)") }
        return 0
    }
}

let jobUrgency = Command(
    "urgency", "Change the urgency of a job", usage: "[OPTIONS] id urgency", operands: 2...2,
    options: [.flag("verbose", "v", "Show the old urgency")]
) { arguments in
    let id = try JobID.argument(arguments.operands[0])
    guard let urgency = ["hold": 0, "expedite": 31, "default": 16][arguments.operands[1]] ?? Int64(arguments.operands[1])
    else { throw CommandError("error parsing urgency: \"\(arguments.operands[1])\"") }
    return try Session.run(arguments) { flux in
        let answer: JSON
        do {
            answer = try await flux.query("job-manager.urgency", ["id": .int(id.json), "urgency": .int(urgency)])
        } catch { throw CommandError("\(arguments.operands[0]): \(error)") }
        if arguments.has("verbose") {
            let old = answer["old_urgency"]?.intValue ?? 0
            let text = old == 0 ? "job held" : old == 31 ? "job expedited" : "\(old)"
            printError("old urgency: \(text)")
        }
        return 0
    }
}
