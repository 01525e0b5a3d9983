internal import Client
internal import CommandKit
internal import FluxJSON

let shutdownCommand = Command(
    "shutdown", "Shut down a Flux instance", .builtin, usage: "[OPTIONS] [TARGET]", operands: 0...1,
    options: [
        .flag("background", nil, "Exit at once instead of waiting for the end"),
        .flag("quiet", nil, "Show only warnings and errors"),
        .optional("verbose", "v", "LEVEL", "Show debug messages too"),
        .value("dump", nil, "PATH", "Write the content of the KVS to a file"),
        .flag("gc", nil, "Collect the garbage of the KVS"),
        .flag("skip-gc", nil, "Do not collect garbage"),
        .flag("yes", "y", "Answer yes to all questions"),
        .flag("no", "n", "Answer no to all questions"),
    ]
) { arguments in
    let target = arguments.operands.first
    let uri = try target.map { try TargetResolver.uri(of: $0, failure: "failed to resolve target \($0) to a Flux URI") }
    if arguments.has("gc"), arguments.has("skip-gc") || arguments.has("dump") {
        throw CommandError("--gc is incompatible with --skip-gc or --dump")
    }
    return try Session.run(arguments, uri: uri) { flux in
        if arguments.has("skip-gc") {
            _ = try? await flux.query("attr.rm", ["name": "content.dump"])
        } else if let dump = arguments.value("dump") ?? (arguments.has("gc") ? "auto" : nil) {
            do {
                _ = try await flux.query("attr.set", ["name": "content.dump", "value": .string(dump)])
            } catch { throw CommandError("setattr content.dump: \(error)") }
            printError("flux-shutdown: shutdown will dump KVS to \(dump) (this may take some time)")
        }
        let level = arguments.has("quiet") ? 4 : arguments.level("verbose") == 0 ? 6 : 7
        let payload: JSON = ["loglevel": .int(Int64(level))]
        guard !arguments.has("background") else {
            try await flux.rpc("shutdown.start", payload)
            return 0
        }
        let log = flux.stream("shutdown.start", payload)
        while let line = try await log.nextJSON() {
            printError(line["log"]?.stringValue ?? "", terminator: "")
        }
        return 0
    }
}
