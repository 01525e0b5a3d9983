internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC18Eventlog
internal import Reactor

/// `flux resource eventlog`: the journal of the resource service.
@Sendable func showEventlog(_ arguments: Arguments) throws -> Int32 {
    try requireChoice(arguments, "format", ["text", "json"])
    try requireChoice(arguments, "time-format", ["raw", "iso", "offset", "human", "reltime"])
    let printer = try EventlogPrinter(arguments, offsetWidth: 15)
    let match = try arguments.value("match-context").map { text throws(CommandError) in
        guard let equal = text.firstIndex(of: "=") else {
            throw CommandError("invalid KEY=VAL argument: '\(text)' (missing '=')")
        }
        return (key: String(text[..<equal]), value: String(text[text.index(after: equal)...]))
    }
    let seconds = try arguments.duration("timeout")
    return try Session.run(arguments) { flux in
        var printer = printer
        let journal = flux.stream("resource.journal", nodeID: 0)
        var hasTimedOut = false
        if let seconds, seconds.isFinite {
            _ = flux.reactor.schedule(after: .seconds(seconds)) {
                hasTimedOut = true
                journal.abandon()
            }
        }
        while let answer = try await journal.nextJSON() {
            let events = answer["events"]?.arrayValue ?? []
            for event in events {
                guard let entry = try? Eventlog.Entry(json: event) else { continue }
                print(printer.line(entry))
                guard entry.name == arguments.value("wait"), matches(entry, match) else { continue }
                flushOutput()
                return 0
            }
            flushOutput()
            if events.isEmpty, !arguments.has("follow"), !arguments.has("wait") { break }
        }
        if hasTimedOut { throw CommandError("ETIMEDOUT: Connection timed out") }
        return 0
    }
}

private func matches(_ entry: Eventlog.Entry, _ match: (key: String, value: String)?) -> Bool {
    guard let match else { return true }
    guard let value = entry.context?[match.key] else { return false }
    return value.stringValue == match.value || value.text == match.value
}

private func requireChoice(_ arguments: Arguments, _ name: String, _ choices: [String]) throws(UsageError) {
    guard let value = arguments.value(name), !choices.contains(value) else { return }
    let letter = name == "format" ? "-f" : "-T"
    let list = choices.map { "'\($0)'" }.joined(separator: ", ")
    throw UsageError(.usage, "argument \(letter)/--\(name): invalid choice: '\(value)' (choose from \(list))")
}
