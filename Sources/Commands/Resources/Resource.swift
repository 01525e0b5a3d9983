internal import Client
internal import CommandKit
internal import FluxJSON

private let selection: [Option] = [
    .value("states", "s", aliases: ["state"], "STATE,...", "Show these states"),
    .value("include", "i", "TARGETS", "Only these hosts or ranks"),
    .value("queue", "q", "QUEUE,...", "Only the resources of these queues"),
    .flag("from-stdin", nil, ""), .value("config-file", nil, "FILE", ""),
]
private let form: [Option] = [
    .value("format", "o", "FORMAT", "A format, or the name of one (help lists them)"),
    .flag("no-header", "n", "No header line"),
]
private let change: [Option] = [
    .flag("force", "f", "Change what is drained already; twice to change the time too"),
    .flag("update", "u", "Do not fail for what is done already"),
]

let resourceCommand = Command(
    "resource", "List and manage resources", .python,
    subcommands: [
        Command("acquire-mute", "Tell the scheduler no more of lost nodes", .python) { arguments in
            try Session.run(arguments) { flux in
                try await flux.rpc("resource.acquire-mute", nodeID: 0)
                return 0
            }
        },
        Command(
            "drain", "Drain nodes, or list the drained ones", .python, usage: "[OPTIONS] [TARGETS [REASON...]]",
            operands: 0...Int.max, options: change + form + Array(selection[1...2]) + [Color.option]
        ) { arguments in
            guard !arguments.operands.isEmpty else {
                return try ResourceStatusReport.run(arguments, .drain)
            }
            return try Session.run(arguments) { flux in
                do { try await flux.rpc("resource.drain", try drainPayload(arguments), nodeID: 0) } catch let error as RPCError {
                    printError("flux-resource: ERROR: [Errno \(error.errnum)] \(error)")
                    if error.errnum == Errno.exists {
                        printError("flux-resource: INFO: Use --force to overwrite existing drain reason")
                    }
                    return 1
                }
                return 0
            }
        },
        Command(
            "undrain", "Take nodes back into use", .python, usage: "[OPTIONS] targets [reason...]",
            operands: 1...Int.max, options: change
        ) { arguments in
            try Session.run(arguments) { flux in
                try await flux.rpc("resource.undrain", try drainPayload(arguments), nodeID: 0)
                return 0
            }
        },
        Command(
            "status", "Show the state of the nodes", .python,
            options: form + selection + [.flag("skip-empty", nil, "Leave out lines without nodes"), Color.option]
        ) { arguments in try ResourceStatusReport.run(arguments, .status) },
        Command(
            "list", "Show the resources as the scheduler sees them", .python,
            options: form + selection + [
                .flag("skip-empty", nil, "Leave out lines without nodes"),
                .flag("no-skip-empty", nil, "Keep lines without nodes"),
            ]
        ) { arguments in try ResourceListing.run(arguments) },
        Command(
            "info", "Count nodes, cores and GPUs", .python,
            options: selection + [.flag("skip-empty", nil, ""), .flag("no-skip-empty", nil, "")]
        ) { arguments in
            try ResourceListing.run(arguments, countsOnly: true)
        },
        Command(
            "reload", "Replace the resources, for tests", .python, usage: "[OPTIONS] path", operands: 1...1,
            options: [.flag("xml", "x", "PATH is a folder of hwloc XML files"), .flag("force", "f", "Allow unknown ranks")]
        ) { arguments in
            try Session.run(arguments) { flux in
                let path = arguments.operands[0]
                let request: JSON = [
                    "path": .string(path.hasPrefix("/") ? path : "\(Files.workingDirectory)/\(path)"),
                    "xml": .bool(arguments.has("xml")), "force": .bool(arguments.has("force")),
                ]
                try await flux.rpc("resource.reload", request, nodeID: 0)
                return 0
            }
        },
        Command("R", "Print the resources as JSON (RFC 20)", .python, options: selection) { arguments in
            try ResourceListing.printR(arguments)
        },
        Command(
            "eventlog", "Show the log of the resources", .python,
            options: EventlogPrinter.options + [
                .flag("follow", "F", "Go on with new events"),
                .value("wait", "w", "EVENT", "Stop after an event"),
                .value("timeout", "t", "FSD", "With --wait: how long at most"),
                .value("match-context", "m", "KEY=VAL", "With --wait: the event must have this in its context"),
                .flag("include-r", "i", "Show R too"),
            ], showEventlog),
    ])

private func drainPayload(_ arguments: Arguments) throws(CommandError) -> JSON {
    let forceCount = arguments.count("force")
    if arguments.has("update"), forceCount > 0 {
        throw CommandError("Only one of --force and --update may be specified")
    }
    var payload: JSON.Object = ["targets": .string(arguments.operands[0])]
    if arguments.has("update") { payload["mode"] = "update" }
    if forceCount > 0 { payload["mode"] = .string(forceCount == 1 ? "overwrite" : "force-overwrite") }
    let reason = arguments.operands.dropFirst()
    if !reason.isEmpty { payload["reason"] = .string(reason.joined(separator: " ")) }
    return .object(payload)
}
