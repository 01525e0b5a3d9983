internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC19FLUID

/// The operands, or the lines of standard input when there are none.
private func operandsOrLines(_ arguments: Arguments) throws -> [String] {
    try arguments.operands.isEmpty
        ? Files.standardInput().split(whereSeparator: \.isNewline).map(String.init) : arguments.operands
}

let jobID = Command(
    "id", "Convert job ids", usage: "[OPTIONS] [id ...]", operands: 0...Int.max,
    options: [.value("to", "t", "FORM", "dec (default), kvs, hex, dothex, words, f58, f58plain, emoji")]
) { arguments in
    let form = arguments.value("to") ?? "dec"
    guard let encoding = JobID.Encoding(name: form) else { throw CommandError("Unknown to=\(form)") }
    let texts = try operandsOrLines(arguments)
    if texts.isEmpty { return 1 }
    for text in texts {
        guard let id = JobID(text) else { throw CommandError("\(text): malformed input") }
        print(form == "f58" ? id.shown : id.text(encoding))
    }
    return 0
}

let jobLast = Command("last", "List the ids of the latest own jobs", usage: "SLICE", operands: 0...1) { arguments in
    var slice = arguments.operands.first ?? "[:1]"
    if let number = Int(slice) { slice = "[:\(number)]" }
    guard slice.hasPrefix("["), slice.hasSuffix("]") else { throw UsageError(.usage) }
    let wanted = slice
    return try Session.run(arguments) { flux in
        let jobs = try await flux.query("job-manager.history.get", ["slice": .string(wanted)])["jobs"]?.arrayValue ?? []
        if jobs.isEmpty { throw CommandError("job history is empty") }
        for job in jobs { print(JobID(UInt64(bitPattern: job.intValue ?? 0)).shown) }
        return 0
    }
}

let jobNamespace = Command("namespace", "Print the KVS namespace of jobs", usage: "[id ...]", operands: 0...Int.max) {
    arguments in
    for text in try operandsOrLines(arguments) { print("job-\(try JobID.argument(text).dec)") }
    return 0
}
