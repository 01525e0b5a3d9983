internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC10Content

let contentCommand = Command(
    "content", "Read and write the content store", .builtin,
    subcommands: [
        Command(
            "load", "Print blobs", .builtin, usage: "[OPTIONS] BLOBREF...", operands: 0...Int.max,
            options: [.flag("bypass-cache", "b", "Ask the backing store")]
        ) { arguments in
            let references = try arguments.operands.isEmpty
                ? Files.standardInput().split(whereSeparator: \.isNewline).map(String.init) : arguments.operands
            let topic = arguments.has("bypass-cache") ? "content-backing.load" : "content.load"
            return try Session.run(arguments) { flux in
                for text in references {
                    guard let reference = try? Blobref(parsing: text) else {
                        throw CommandError("error loading blob: Invalid argument")
                    }
                    do {
                        let answer = try await flux.rpc(topic, bytes: Array(reference.digest))
                        printBytes(answer.payload ?? [])
                    } catch { throw CommandError("error loading blob: \(error)") }
                }
                return 0
            }
        },
        Command(
            "store", "Store standard input and print its blobref", .builtin,
            options: [
                .flag("bypass-cache", "b", "Write to the backing store"),
                .value("chunksize", nil, "N", "Store it in pieces of N bytes"),
            ]
        ) { arguments in
            let bytes = try Files.standardInputBytes()
            let size = max(1, try arguments.integer("chunksize") ?? max(1, bytes.count))
            let topic = arguments.has("bypass-cache") ? "content-backing.store" : "content.store"
            return try Session.run(arguments) { flux in
                let hash = try await flux.attribute("content.hash")
                var start = 0
                repeat {
                    let end = min(start + size, bytes.count)
                    do {
                        let answer = try await flux.rpc(topic, bytes: Array(bytes[start..<end]))
                        let digest = (answer.payload ?? []).map { Format.text("%02x", [Int32($0)]) }.joined()
                        print("\(hash)-\(digest)")
                    } catch { throw CommandError("error storing blob: \(error)") }
                    start = end
                } while start < bytes.count
                return 0
            }
        },
        simple("flush", "Write everything to the backing store", "content.flush"),
        simple("dropcache", "Forget what can be read again", "content.dropcache"),
        Command(
            "checkpoint", "Show and change checkpoints", .builtin,
            subcommands: [
                Command(
                    "list", "List checkpoints, newest first", .builtin,
                    options: [.flag("no-header", "n", "No header line"), .flag("json", "j", "Print JSON")], listCheckpoints),
            ]),
    ])

private func simple(_ name: String, _ abstract: String, _ topic: String) -> Command {
    Command(name, abstract, .builtin) { arguments in
        try Session.run(arguments) { flux in
            do { try await flux.rpc(topic) } catch { throw CommandError("\(topic): \(error)") }
            return 0
        }
    }
}

@Sendable private func listCheckpoints(_ arguments: Arguments) throws -> Int32 {
    try Session.run(arguments) { flux in
        let answer = try await flux.query("content.checkpoint-get", [:], nodeID: 0)
        let list = answer["value"]?.arrayValue ?? answer["value"].map { [$0] } ?? []
        if arguments.has("json") {
            for entry in list { print(entry.text) }
            return 0
        }
        if !arguments.has("no-header") { print("Index      Sequence   Time                 Rootref") }
        for (index, entry) in list.enumerated() {
            let sequence = entry["sequence"]?.intValue ?? 0
            let time = entry["timestamp"]?.numberValue ?? 0
            let when = time == 0 ? "N/A" : Format.time(time, "%Y-%m-%dT%H:%M:%SZ", utc: true)
            print(
                "\("\(index)".padded(to: 10)) \("\(sequence)".padded(to: 10)) \(when.padded(to: 20)) "
                    + (entry["rootref"]?.stringValue ?? ""))
        }
        return 0
    }
}
