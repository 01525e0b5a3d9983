internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC18Eventlog
internal import RFC19FLUID
internal import Reactor

/// The path of a log by the short names that commands take.
private func logPath(_ arguments: Arguments) -> String {
    switch arguments.value("path") ?? "eventlog" {
    case "main": "eventlog"
    case "exec", "guest.exec": "guest.exec.eventlog"
    case "output": "guest.output"
    case "input": "guest.input"
    case let path: path
    }
}

let jobEventlog = Command(
    "eventlog", "Print a log of a job", usage: "[OPTIONS] id", operands: 1...1,
    options: EventlogPrinter.options + [
        .flag("follow", "F", "Go on with new events"), .value("path", "p", "PATH", "The log (exec, output, input or a key)"),
    ]
) { arguments in
    let text = arguments.operands[0]
    let id = try JobID.argument(text)
    let path = logPath(arguments)
    let printer = try EventlogPrinter(arguments)
    return try Session.run(arguments) { flux in
        var printer = printer
        do {
            guard arguments.has("follow") else {
                let request: JSON = ["id": .int(id.json), "keys": [.string(path)], "flags": 0]
                let log = try await flux.query("job-info.lookup", request)[path]?.stringValue ?? ""
                for entry in try Eventlog(parsing: log).entries { print(printer.line(entry)) }
                return 0
            }
            let log = flux.stream(
                "job-info.eventlog-watch", ["id": .int(id.json), "path": .string(path), "flags": 0])
            while let answer = try await log.nextJSON() {
                for entry in try Eventlog(parsing: answer["event"]?.stringValue ?? "").entries {
                    print(printer.line(entry))
                }
                flushOutput()
            }
        } catch let error as RPCError where error.errnum == Errno.noEntry {
            throw CommandError(path == "eventlog" ? "job \(text) not found" : "eventlog path \(path) not found")
        }
        return 0
    }
}

let jobWaitEvent = Command(
    "wait-event", "Wait for an event of a job", usage: "[OPTIONS] id event", operands: 2...2,
    options: EventlogPrinter.options + [
        .value("timeout", "t", "FSD", "How long to wait"),
        .value("match-context", "m", "KEY=VAL", "The event must have this in its context"),
        .value("count", "c", "N", "Wait for the Nth of these events"),
        .flag("quiet", "q", "Do not print the event"), .flag("verbose", "v", "Print the events before it too"),
        .value("path", "p", "PATH", "The log (exec, output, input or a key)"),
        .flag("waitcreate", "W", "Wait for a log that does not exist yet"),
    ]
) { arguments in
    let text = arguments.operands[0], wanted = arguments.operands[1]
    let id = try JobID.argument(text)
    let path = logPath(arguments)
    let count = try arguments.integer("count") ?? 1
    guard count > 0 else { throw CommandError("count must be > 0") }
    let match = try arguments.value("match-context").map { text in
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw CommandError("must specify a context test as key=value") }
        return (key: parts[0], value: parts[1])
    }
    let seconds = try arguments.duration("timeout")
    let printer = try EventlogPrinter(arguments)
    return try Session.run(arguments) { flux in
        var printer = printer
        let log = flux.stream(
            "job-info.eventlog-watch",
            ["id": .int(id.json), "path": .string(path), "flags": .int(arguments.has("waitcreate") ? 1 : 0)])
        var hasTimedOut = false
        if let seconds, seconds.isFinite {
            _ = flux.reactor.schedule(after: .seconds(seconds)) {
                hasTimedOut = true
                log.abandon()
            }
        }
        var found = 0
        do {
            while let answer = try await log.nextJSON() {
                guard let line = answer["event"]?.stringValue, let entry = try Eventlog(parsing: line).entries.first
                else { continue }
                var isWanted = entry.name == wanted
                if isWanted, let match {
                    let value = entry.context?[match.key]
                    isWanted = value.map { $0.text == match.value || $0.stringValue == match.value } ?? false
                }
                if isWanted { found += 1 }
                if isWanted, found == count {
                    if !arguments.has("quiet") { print(printer.line(entry)) }
                    log.abandon()
                    return 0
                }
                let shown = printer.line(entry)
                if arguments.has("verbose"), !arguments.has("quiet") { print(shown) }
            }
        } catch let error as RPCError where error.errnum == Errno.noEntry {
            throw CommandError(path == "eventlog" ? "job \(text) not found" : "eventlog path \(path) not found")
        }
        throw CommandError(
            hasTimedOut ? "wait-event timeout on event '\(wanted)'" : "event '\(wanted)' never received")
    }
}
