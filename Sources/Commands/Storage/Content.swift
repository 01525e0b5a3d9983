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
            guard !references.isEmpty else { throw CommandError("no blobrefs were specified") }
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
            let limit = try arguments.integer("chunksize") ?? 0
            guard limit >= 0 else { throw UsageError(.usage) }
            let bytes = try Files.standardInputBytes()
            let size = limit == 0 ? max(1, bytes.count) : limit
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
                Command(
                    "update", "Make a blob the newest checkpoint", .builtin, usage: "[OPTIONS] blobref", operands: 1...1,
                    updateCheckpoint),
            ]),
    ])

private func simple(_ name: String, _ abstract: String, _ topic: String) -> Command {
    Command(name, abstract, .builtin) { arguments in
        try Session.run(arguments) { flux in
            do throws(RPCError) { try await flux.rpc(topic) } catch {
                throw CommandError("\(topic): \(reason(error))")
            }
            return 0
        }
    }
}

@Sendable private func listCheckpoints(_ arguments: Arguments) throws -> Int32 {
    try Session.run(arguments) { flux in
        let isJSON = arguments.has("json")
        if !isJSON, !arguments.has("no-header") { print("Index      Sequence   Time                 Rootref") }
        let answer: JSON
        do throws(RPCError) { answer = try await flux.query("content.checkpoint-get", [:], nodeID: 0) } catch {
            throw CommandError("kvs_checkpoint_lookup: \(SystemText.of(error.errnum))")
        }
        for (index, checkpoint) in Checkpoint.all(answer).enumerated() {
            if isJSON {
                print(checkpoint.json.text)
                continue
            }
            let when = Format.time(checkpoint.timestamp, "%Y-%m-%dT%H:%M:%SZ", utc: true)
            print(
                "\("\(index)".padded(to: 10)) \("\(checkpoint.sequence)".padded(to: 10)) \(when.padded(to: 20)) "
                    + checkpoint.root)
        }
        return 0
    }
}

@Sendable private func updateCheckpoint(_ arguments: Arguments) throws -> Int32 {
    try Session.run(arguments) { flux in
        if try await isLoaded("kvs", flux) {
            throw CommandError("please unload kvs module before updating checkpoint")
        }
        guard let root = try? Blobref(parsing: arguments.operands[0]) else {
            throw CommandError("invalid blobref specified: Invalid argument")
        }
        do throws(RPCError) {
            let checkpoint = Checkpoint(root: root.description, sequence: 0, timestamp: Format.now)
            try await flux.rpc("content-backing.checkpoint-put", ["value": checkpoint.json], nodeID: 0)
        } catch {
            throw CommandError("checkpoint update failed: \(SystemText.of(error.errnum))")
        }
        return 0
    }
}
