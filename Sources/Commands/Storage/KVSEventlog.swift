internal import Client
internal import CommandKit
internal import FluxJSON
internal import KVSClient
internal import RFC18Eventlog
internal import RFC23FSD
internal import Reactor

private let shared: [Option] = [
    .value("namespace", "N", "NAME", "The namespace"), .flag("waitcreate", "W", "Wait for a log that does not exist yet"),
    .flag("unformatted", "u", "Print events as they are stored"), .flag("human", "H", "Show times for people"),
    Color.option,
]

let kvsEventlog = Command(
    "eventlog", "Read and write logs of events (RFC 18)",
    subcommands: [
        Command(
            "get", "Print a log", usage: "[OPTIONS] key", operands: 1...1,
            options: shared + [
                .flag("watch", "w", "Go on with new events"), .value("count", "c", "N", "Stop after N events"),
                .flag("stream", "S", "Get a long log in pieces"),
            ]
        ) { arguments in
            let printer = try printer(arguments)
            let limit = try arguments.integer("count") ?? 0
            return try Session.run(arguments) { flux in
                var printer = printer
                var count = 0
                let key = arguments.operands[0]
                try await events(key, arguments, flux) { entry in
                    print(printer.line(entry))
                    count += 1
                    return limit > 0 && count == limit
                }
                return 0
            }
        },
        Command(
            "append", "Add an event to a log", usage: "[OPTIONS] key name [context ...]", operands: 2...Int.max,
            options: [
                .value("namespace", "N", "NAME", "The namespace"),
                .value("timestamp", "t", "SECONDS", "The time, in seconds since 1970"),
            ]
        ) { arguments in
            let context = arguments.operands.dropFirst(2).joined(separator: " ")
            let time = try arguments.value("timestamp").map { text in
                guard let time = Double(text) else {
                    throw CommandError(
                        "\(arguments.title): append: Option 'timestamp' requires a floating point argument", isBare: true)
                }
                return time
            } ?? 0
            let entry: Eventlog.Entry
            do {
                let json = context.isEmpty ? Optional<JSON>.none : try JSON(parsing: context)
                if let json, json.objectValue == nil { throw CommandError("") }
                entry = try Eventlog.Entry(
                    checking: time == 0 ? Format.now : time, name: arguments.operands[1], context: json)
            } catch { throw CommandError("eventlog_entry_create: Invalid argument") }
            return try Session.run(arguments) { flux in
                var transaction = KVSTransaction()
                transaction.append(arguments.operands[0], entry.bytes)
                do throws(RPCError) { try await flux.commit(transaction, namespace: namespace(arguments)) } catch {
                    throw CommandError("flux_kvs_commit: \(reason(error))")
                }
                return 0
            }
        },
        Command(
            "wait-event", "Wait for an event", usage: "[OPTIONS] key event", operands: 2...2,
            options: shared + [
                .value("timeout", "t", "FSD", "How long to wait"), .flag("quiet", "q", "Do not print the event"),
                .flag("verbose", "v", "Print the events before it too"),
            ]
        ) { arguments in
            let printer = try printer(arguments)
            let seconds = try arguments.value("timeout").map { text in
                guard let span = FluxDuration(text) else {
                    throw CommandError(
                        "\(arguments.title): wait-event: Invalid argument for option 'timeout': '\(text)'", isBare: true)
                }
                return span.seconds
            }
            return try Session.run(arguments) { flux in
                var printer = printer
                let (key, wanted) = (arguments.operands[0], arguments.operands[1])
                var isFound = false
                let isComplete = try await events(key, arguments, flux, isWatch: true, within: seconds) { entry in
                    let line = printer.line(entry)
                    isFound = entry.name == wanted
                    if isFound ? !arguments.has("quiet") : arguments.has("verbose") { print(line) }
                    return isFound
                }
                if isFound { return 0 }
                throw CommandError(
                    isComplete ? "event '\(wanted)' never received" : "wait-event timeout on event '\(wanted)'")
            }
        },
    ])

private func printer(_ arguments: Arguments) throws -> EventlogPrinter {
    if arguments.has("unformatted"), arguments.has("human") || arguments.value("color") == "always" {
        printError("flux-kvs: Do not specify --unformatted with --human or --color=always")
        throw CommandError("failed to create eventlog formatter")
    }
    return try EventlogPrinter(arguments, isJSON: arguments.has("unformatted"))
}

/// Calls `show` with each event until it says that it was the last.
///
/// - Returns: false when time ran out.
@discardableResult
private func events(
    _ key: String, _ arguments: Arguments, _ flux: Handle, isWatch: Bool = false, within seconds: Double? = nil,
    _ show: (Eventlog.Entry) -> Bool
) async throws -> Bool {
    var hasTimedOut = false
    do {
        var flags: KVSLookupFlags = arguments.has("waitcreate") ? .waitCreate : []
        if arguments.has("stream") {
            guard !arguments.has("watch") else { throw CommandError("flux_kvs_lookup: Invalid argument") }
            flags.insert(.stream)
        } else if isWatch || arguments.has("watch") {
            flags.formUnion([.watch, .watchAppend])
        } else {
            let bytes: [UInt8]
            do throws(RPCError) {
                bytes = try await flux.lookup(key, namespace: namespace(arguments), waitingForKey: flags.contains(.waitCreate))
            } catch { throw CommandError("flux_kvs_lookup_get: \(SystemText.of(error.errnum))") }
            for entry in try Eventlog(parsing: bytes).entries where show(entry) { return true }
            return true
        }
        let request: JSON = [
            "key": .string(key), "namespace": .string(namespace(arguments)), "flags": .int(flags.rawValue),
        ]
        let stream = flux.stream("kvs-watch.lookup", request)
        if let seconds, seconds.isFinite {
            _ = flux.reactor.schedule(after: .seconds(seconds)) {
                hasTimedOut = true
                stream.abandon()
            }
        }
        while let answer = try await stream.nextJSON() {
            guard let value = answer["val"] else { continue }
            let bytes = try Handle.bytes(ofValue: value)
            for entry in try Eventlog(parsing: bytes).entries where show(entry) {
                flushOutput()
                stream.cancel("kvs-watch.cancel")
                stream.abandon()
                return true
            }
            flushOutput()
        }
    } catch let error as RPCError {
        if isWatch, error.errnum == Errno.noEntry { throw CommandError("eventlog path \(key) not found") }
        throw CommandError("\(key): \(SystemText.of(error.errnum))")
    } catch is Eventlog.ParseError {
        throw CommandError("cannot decode improperly formatted eventlog")
    }
    return !hasTimedOut
}
