internal import Client
internal import CommandKit
internal import FluxJSON

private let common: [Option] = [
    .value("options", "o", "OPTS", "Comma separated KEY=NUMBER: rank, timeout, task-history-count, stop-on-failure"),
    .flag("preserve-env", "E", "Give the command this environment"),
    .value("working-dir", "d", "DIR", "Run the command in DIR"),
]
private let named: [Option] = [
    .value("count", "c", "N", "Run COMMAND N times at the most"),
    .value("name", "N", "NAME", "Call the entry NAME, not by its command's first word"),
]

let cronCommand = Command(
    "cron", "Schedule commands",
    subcommands: [
        Command(
            "interval", "Run COMMAND once every INTERVAL", usage: "[OPTIONS] INTERVAL COMMAND", operands: 0...Int.max,
            stopsAtOperand: true,
            options: named + [.value("after", "a", "INTERVAL", "Wait so long for the first run")] + common
        ) { try CronVerb("interval").run($0, interval) },
        Command(
            "event", "Run COMMAND on events of TOPIC", usage: "[OPTIONS] TOPIC COMMAND", operands: 0...Int.max,
            stopsAtOperand: true,
            options: named + [
                .value("nth", "n", "N", "Run on every Nth event"),
                .value("after", "a", "N", "Run for the first time after N events"),
                .value("min-interval", "i", "T", "Wait so long between two runs at the least"),
            ] + common
        ) { try CronVerb("event").run($0, event) },
        Command(
            "at", "Run COMMAND at a date", usage: "[OPTIONS] TIME COMMAND", operands: 0...Int.max, stopsAtOperand: true,
            options: common
        ) { try CronVerb("at").run($0, at) },
        Command("tab", "Read entries as crontab(5) has them", usage: "[OPTIONS] [FILE]", operands: 0...1, options: common) {
            try CronVerb("tab").run($0, tab)
        },
        Command("list", "List the entries") { try CronVerb("list").run($0, list) },
        Command(
            "dump", "Print the values of an entry", usage: "[OPTIONS] ID", operands: 0...1,
            options: [.value("key", "k", "KEY", "Print this value only")]
        ) { try CronVerb("dump").run($0, dump) },
        Command("start", "Start stopped entries", usage: "ID...", operands: 1...Int.max) {
            try CronVerb("start").run($0) { try await change($0, "Started") }
        },
        Command("stop", "Stop entries", usage: "ID...", operands: 1...Int.max) {
            try CronVerb("stop").run($0) { try await change($0, "Stopped") }
        },
        Command(
            "delete", "Delete entries", usage: "[OPTIONS] ID...", operands: 1...Int.max,
            options: [.flag("kill", "k", "Kill what they run as well")]
        ) { try CronVerb("delete").run($0, delete) },
        Command(
            "sync", "Show or set the event that due entries wait for", usage: "[OPTIONS] [TOPIC]", operands: 0...1,
            options: [
                .value("epsilon", "e", "TIME", "So long after the event entries need not wait"),
                .flag("disable", "d", "Let entries not wait"),
            ]
        ) { try CronVerb("sync").run($0, sync) },
    ])

// MARK: entries by their type

@Sendable private func interval(_ call: CronVerb.Call) async throws {
    guard call.operands.count >= 2 else { throw call.error("INTERVAL and COMMAND required") }
    var schedule: JSON.Object = ["interval": .real(try call.seconds(call.operands[0]))]
    if let after = call.arguments.value("after") { schedule["after"] = .real(try call.seconds(after)) }
    let entry = try await call.create("interval", schedule, Array(call.operands.dropFirst()))
    print("interval: cron-\(entry.id) created")
}

@Sendable private func event(_ call: CronVerb.Call) async throws {
    guard call.operands.count >= 2 else { throw call.error("TOPIC and COMMAND args are required") }
    var schedule: JSON.Object = ["topic": .string(call.operands[0])]
    if let nth = try call.arguments.integer("nth") { schedule["nth"] = .int(Int64(nth)) }
    if let after = try call.arguments.integer("after") { schedule["after"] = .int(Int64(after)) }
    if let text = call.arguments.value("min-interval") { schedule["min_interval"] = .real(try call.seconds(text)) }
    let entry = try await call.create("event", schedule, Array(call.operands.dropFirst()))
    print("event: cron-\(entry.id) created")
}

@Sendable private func at(_ call: CronVerb.Call) async throws {
    guard call.operands.count >= 2 else { throw call.error("TIME and COMMAND args are required") }
    guard let schedule = CronDate.schedule(call.operands[0]) else { throw call.error("Failed to parse datetime arg") }
    let entry = try await call.create("datetime", schedule, Array(call.operands.dropFirst()), limit: 1)
    print("at: cron-\(entry.id) created: \(entry.due)")
}

@Sendable private func tab(_ call: CronVerb.Call) async throws {
    let path = call.operands.first.flatMap { $0 == "-" ? nil : $0 }
    let text = try path.map(Files.text) ?? Files.standardInput()
    for line in text.split(separator: "\n") {
        guard let (schedule, command) = CronDate.crontab(String(line)) else {
            throw call.error("Failed to process crontab line: \(line)")
        }
        let entry = try await call.create("datetime", schedule, [command])
        print("tab: cron-\(entry.id) created: \(entry.due)")
    }
}

// MARK: entries that exist

@Sendable private func change(_ call: CronVerb.Call, _ word: String) async throws {
    for text in call.operands {
        let id = try call.id(text)
        _ = try await call.flux.query("cron.\(call.verb)", ["id": .int(id)])
        print("\(word) cron-\(id)")
    }
}

@Sendable private func delete(_ call: CronVerb.Call) async throws {
    for text in call.operands {
        let id = try call.id(text)
        let entry = try await call.flux.query("cron.delete", ["id": .int(id), "kill": .bool(call.arguments.has("kill"))])
        print("Removed cron-\(id): \(entry["name"]?.stringValue ?? "")\(CronListing.lastRun(of: entry))")
    }
}

@Sendable private func list(_ call: CronVerb.Call) async throws {
    let answer = try await call.flux.query("cron.list", [:])
    print(CronListing.table(answer["entries"]?.arrayValue ?? []), terminator: "")
}

@Sendable private func dump(_ call: CronVerb.Call) async throws {
    guard let id = call.operands.first.flatMap({ Int64($0) }) else { throw call.error("ID argument required") }
    let entries = try await call.flux.query("cron.list", [:])["entries"]?.arrayValue ?? []
    guard let entry = entries.first(where: { $0["id"]?.intValue == id }) else {
        throw call.error("cron-\(id): No such cron entry found")
    }
    let key = call.arguments.value("key")
    for (name, value) in CronListing.values(of: entry) where key == nil || key == name {
        print(key == nil ? "\(name) = \(CronListing.text(value, quoted: true))" : CronListing.text(value, quoted: false))
    }
}

@Sendable private func sync(_ call: CronVerb.Call) async throws {
    var request = JSON.Object()
    if call.arguments.has("disable") {
        request["disable"] = true
    } else if let topic = call.operands.first {
        request["topic"] = .string(topic)
    }
    if let text = call.arguments.value("epsilon") { request["sync_epsilon"] = .real(try call.seconds(text)) }
    let answer = try await call.flux.query("cron.sync", .object(request))
    guard let topic = answer["sync_event"]?.stringValue else { return print("sync: sync disabled.") }
    print("sync: sync to event \"\(topic)\" epsilon=\(Format.fixed(answer["sync_epsilon"]?.numberValue ?? 0, 3))s.")
}
