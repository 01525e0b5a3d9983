internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import RFC22Idset
internal import RFC23FSD

let uptimeCommand = Command(
    "uptime", "Show how long this Flux instance has been running", .builtin, usage: "[OPTIONS]...",
    operands: 0...Int.max
) { arguments in
    try Session.run(arguments) { flux in
        print(try await UptimeReport(of: flux, now: Format.now).text)
        return 0
    }
}

/// What `flux uptime` says about an instance.
struct UptimeReport {
    let text: String

    init(of flux: Handle, now: Double) async throws {
        let owner = try await Self.integer("security.owner", flux)
        let size = try await Self.integer("size", flux)
        let level = try await Self.integer("instance-level", flux)
        let status = try await Self.asking("Error fetching broker state") { try await flux.query("state-machine.get") }
        let state = status["state"]?.stringValue ?? "?"
        var duration = status["duration"]?.numberValue ?? 0
        var notes = ""
        var second: [String] = []
        if state == "run" {
            let start = try await Self.asking("Error fetching broker.starttime attribute") {
                try await flux.attribute("broker.starttime", nodeID: 0)
            }
            guard let started = Double(start) else { throw CommandError("Error parsing broker.starttime") }
            duration = now - started
            let drained = try await Self.asking("Error fetching resource status") {
                try await flux.query("resource.status", nodeID: 0)["drain"]?.objectValue ?? [:]
            }
            let drainedCount = drained.reduce(0) { $0 + (Idset($1.key)?.count ?? 0) }
            let online = try await Self.asking("Error fetching group broker.online") {
                try await flux.query("groups.get", ["name": "broker.online"], nodeID: 0)["members"]?.stringValue ?? ""
            }
            let offlineCount = size - (Idset(online)?.count ?? 0)
            if drainedCount > 0 { notes += ",  \(drainedCount) drained" }
            if offlineCount > 0 { notes += ",  \(offlineCount) offline" }
            let queues = try await Self.queues(flux)
            if !queues.contains(where: { $0.isEnabled }) { second.append("submit disabled") }
            if !queues.contains(where: { $0.isStarted }) { second.append("scheduler stopped") }
        }
        let span = FluxDuration(seconds: max(0, duration))?.formatted(precision: 2) ?? "0s"
        let head = " \(Format.time(now, "%T")) \(state) \(span),  owner \(Users.name(of: UInt32(owner)))"
        text = "\(head),  depth \(level),  size \(size)\(notes)"
            + (second.isEmpty ? "" : "\n  \(second.joined(separator: ",  "))")
    }

    private static func integer(_ name: String, _ flux: Handle) async throws -> Int {
        let text = try await asking("Error fetching \(name) attribute") { try await flux.attribute(name) }
        guard let number = Int(text) else { throw CommandError("Error parsing \(name)") }
        return number
    }

    private static func queues(_ flux: Handle) async throws -> [(isEnabled: Bool, isStarted: Bool)] {
        let names = try await asking("queue-list") {
            try await flux.query("job-manager.queue-list", nodeID: 0)["queues"]?.arrayValue ?? []
        }
        var result: [(Bool, Bool)] = []
        for name in names.isEmpty ? [JSON.null] : names {
            let status = try await asking("Error fetching queue status") {
                try await flux.query("job-manager.queue-status", name == .null ? [:] : ["name": name], nodeID: 0)
            }
            result.append((status["enable"]?.boolValue ?? true, status["start"]?.boolValue ?? true))
        }
        return result
    }

    /// Errors of this command are printed as `flux: WHAT: why`.
    private static func asking<Value>(_ what: String, _ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let error as RPCError {
            throw CommandError("flux: \(what): \(error)", isBare: true)
        }
    }
}
