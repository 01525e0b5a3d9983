internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC23FSD

private let changeOptions: [Option] = [
    .flag("all", "a", "All queues"), .flag("verbose", "v", "Say more"), .flag("quiet", nil, "Print nothing"),
]
private let stopOptions: [Option] = changeOptions + [
    .value("message", "m", "REASON", "Why"), .flag("nocheckpoint", nil, "Do not remember it over a restart"),
]
private let waitOptions: [Option] = [
    .value("timeout", "t", "FSD", "How long to wait"), .flag("quiet", nil, "Print nothing"),
]

let queueCommand = Command(
    "queue", "List and manage queues", .python,
    subcommands: [
        queueList,
        Command(
            "status", "Show whether jobs can be submitted and are scheduled", .python, usage: "[OPTIONS] [QUEUE]",
            operands: 0...1, options: [.flag("verbose", "v", "Show the scheduler's queue too")]
        ) { arguments in
            try Session.run(arguments) { flux in
                try await QueueControl(flux, arguments).showStatus(enable: true, start: true)
                return 0
            }
        },
        change("enable", "Allow submission of jobs", changeOptions) { control in
            try await control.change("queue-enable", "enable", to: true)
            try await control.showStatus(enable: true, start: false)
        },
        change("disable", "Refuse submission of jobs", stopOptions) { control in
            try await control.change("queue-enable", "enable", to: false)
            try await control.showStatus(enable: true, start: false)
        },
        change("start", "Let the scheduler run jobs", changeOptions) { control in
            try await control.change("queue-start", "start", to: true)
            try await control.showStatus(enable: false, start: true)
        },
        change("stop", "Keep the scheduler from running jobs", stopOptions) { control in
            try await control.change("queue-start", "start", to: false)
            try await control.showStatus(enable: false, start: true)
        },
        wait("drain", "Wait until no job is left") { _ in },
        wait("idle", "Wait until no job runs") { answer in print("\(answer["pending"]?.intValue ?? 0) jobs") },
    ])

private func change(
    _ name: String, _ abstract: String, _ options: [Option],
    _ body: @escaping @Sendable (QueueControl) async throws -> Void
) -> Command {
    Command(name, abstract, .python, usage: "[OPTIONS] [QUEUE]", operands: 0...1, options: options) { arguments in
        try Session.run(arguments) { flux in
            try await body(QueueControl(flux, arguments))
            return 0
        }
    }
}

private func wait(_ name: String, _ abstract: String, _ show: @escaping @Sendable (JSON) -> Void) -> Command {
    Command(name, abstract, .python, options: waitOptions) { arguments in
        let timeout = try arguments.value("timeout").map { text in
            guard let span = FluxDuration(text) else { throw CommandError("invalid Flux standard duration") }
            return span.seconds
        }
        return try Session.run(arguments) { flux in
            do throws(RPCError) {
                let answer = try await flux.query("job-manager.\(name)", within: timeout)
                if !arguments.has("quiet") { show(answer) }
            } catch {
                throw CommandError("\(name): \(error.errnum == Errno.timedOut ? "timeout" : "\(error)")")
            }
            return 0
        }
    }
}

/// What `flux queue` does with queues.
private struct QueueControl {
    private let flux: Handle
    private let arguments: Arguments

    init(_ flux: Handle, _ arguments: Arguments) {
        self.flux = flux
        self.arguments = arguments
    }

    /// Enables, disables, starts or stops a queue or all.
    func change(_ method: String, _ key: String, to value: Bool) async throws {
        let name = arguments.operands.first
        if name == nil, !arguments.has("all") {
            let queues = try await flux.query("job-manager.queue-list")["queues"]?.arrayValue ?? []
            if !queues.isEmpty { throw CommandError("Named queues are defined. Specify queues or use --all.") }
        }
        var request: JSON.Object = [key: .bool(value), "all": .bool(arguments.has("all"))]
        request["name"] = name.map { .string($0) }
        if arguments.has("nocheckpoint") { request["nocheckpoint"] = true }
        let reason = arguments.value("message") ?? (method == "queue-enable" && !value ? "disabled by administrator" : nil)
        request["reason"] = reason.map { .string($0) }
        do { try await flux.rpc("job-manager.\(method)", .object(request), nodeID: 0) } catch {
            throw CommandError("\(key): \(error)")
        }
    }

    /// Prints one or two lines for each queue.
    func showStatus(enable: Bool, start: Bool) async throws {
        let isStatus = enable && start
        guard !arguments.has("quiet") else { return }
        var names: [String?] = !isStatus && arguments.has("verbose") ? [] : arguments.operands.map { $0 }
        if names.isEmpty {
            names = (try await flux.query("job-manager.queue-list")["queues"]?.arrayValue ?? []).map(\.stringValue)
            names.sort { ($0 ?? "") < ($1 ?? "") }
        }
        if names.isEmpty { names = [nil] }
        for name in names {
            let status: JSON
            do {
                status = try await flux.query(
                    "job-manager.queue-status", name.map { ["name": .string($0)] } ?? [:], nodeID: 0)
            } catch { throw CommandError("status: \(error)") }
            let prefix = name.map { "\($0): " } ?? ""
            if enable {
                let reason = status["disable_reason"]?.stringValue ?? ""
                print(
                    status["enable"]?.boolValue == true
                        ? "\(prefix)Job submission is enabled" : "\(prefix)Job submission is disabled: \(reason)")
            }
            if start {
                let reason = status["stop_reason"]?.stringValue.map { ": \($0)" } ?? ""
                print(
                    status["start"]?.boolValue == true
                        ? "\(prefix)Scheduling is started" : "\(prefix)Scheduling is stopped\(reason)")
            }
        }
        guard arguments.has("verbose"), isStatus || start else { return }
        let query = try await flux.query("job-manager.alloc-query")
        print("\(query["queue_length"]?.intValue ?? 0) alloc requests queued")
        print("\(query["alloc_pending"]?.intValue ?? 0) alloc requests pending to scheduler")
        print("\(query["running"]?.intValue ?? 0) running jobs")
    }
}
