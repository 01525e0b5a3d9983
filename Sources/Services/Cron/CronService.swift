internal import Client
internal import FluxJSON
internal import Glibc
public import RFC03Message
internal import RFC23FSD
internal import RFC24IO
internal import RFC42Subprocess
internal import Reactor
public import Service

/// `cron`: commands that run at intervals, on events and at dates, through `rexec`.
///
/// Source: job-protocol 8 (observed: flux-core 0.88).
public actor CronService: Service {
    public nonisolated let context: ServiceContext
    private var table = CronTable()
    private var timers: [Int64: TimerID] = [:]
    private var subscriptions: [Int64: SubscriptionID] = [:]
    private var syncSubscription: SubscriptionID?

    public init(context: ServiceContext) { self.context = context }

    public static let methods: [String: Method<CronService>] = [
        "create": .waiting { try await $0.create($1) },
        "delete": .waiting { try await $0.delete($1) },
        "list": .now { service, _ in .json(["entries": .array(service.table.entries.map(\.json))]) },
        "start": .waiting { try await $0.start($1) },
        "stop": .waiting { try await $0.stop($1) },
        "sync": .waiting { try await $0.sync($1) },
    ]

    public func start() async throws {
        for argument in context.arguments {
            if argument.hasPrefix("sync=") {
                try await synchronize(on: String(argument.dropFirst("sync=".count)))
            } else if argument.hasPrefix("sync_epsilon="),
                let duration = try? FluxDuration(parsing: String(argument.dropFirst("sync_epsilon=".count))) {
                table.syncEpsilon = duration.seconds
            } else {
                throw ServiceError(errnum: Errno.invalid, text: "Unknown option `\(argument)'")
            }
        }
    }

    public func stop() async {
        for timer in timers.values { context.reactor.cancel(timer) }
        for entry in table.entries { kill(entry.id) }
    }

    private var now: Double { context.reactor.wallTime }

    // MARK: requests

    private func create(_ request: Message) async throws -> Reply {
        let payload = try request.decodeJSON().requireObject()
        let created: (id: Int64, directives: [CronTable.Directive])
        do {
            created = try table.create(payload, at: now)
        } catch let refusal as CronSchedule.Refusal {
            if case .unknownType = refusal { throw ServiceError(errnum: Errno.noSystem, text: "\(refusal)") }
            throw ServiceError(errnum: Errno.proto, text: "\(refusal)")
        }
        await carryOut(created.directives)
        return .json(table.entry(created.id)?.json ?? [:])
    }

    private func delete(_ request: Message) async throws -> Reply {
        let payload = try request.decodeJSON().requireObject()
        let entry = try entry(payload)
        let kills = try payload.optionalBool("kill") ?? false
        await carryOut(table.delete(entry.id, kills: kills))
        return .json(entry.json)
    }

    private func start(_ request: Message) async throws -> Reply {
        let id = try entry(try request.decodeJSON().requireObject()).id
        guard let directives = table.start(id, at: now) else { throw ServiceError(errnum: Errno.invalid) }
        await carryOut(directives)
        return .json(table.entry(id)?.json ?? [:])
    }

    private func stop(_ request: Message) async throws -> Reply {
        let id = try entry(try request.decodeJSON().requireObject()).id
        guard let directives = table.stop(id) else { throw ServiceError(errnum: Errno.invalid) }
        await carryOut(directives)
        return .json(table.entry(id)?.json ?? [:])
    }

    private func sync(_ request: Message) async throws -> Reply {
        let payload = try request.decodeJSON().requireObject()
        if let topic = try payload.optionalString("topic") {
            try await synchronize(on: topic)
        } else if try payload.optionalBool("disable") ?? false {
            try await synchronize(on: nil)
        }
        if let epsilon = try payload.optionalNumber("sync_epsilon") { table.syncEpsilon = epsilon }
        guard let topic = table.syncTopic else { return .json(["sync_disabled": true]) }
        return .json(["sync_event": .string(topic), "sync_epsilon": .real(table.syncEpsilon)])
    }

    private func entry(_ payload: JSON.Object) throws -> CronEntry {
        guard let entry = table.entry(try payload.int("id")) else { throw ServiceError(errnum: Errno.noEntry) }
        return entry
    }

    private func synchronize(on topic: String?) async throws {
        if let syncSubscription { flux.unsubscribe(syncSubscription) }
        syncSubscription = nil
        if let topic {
            context.log(.info, "synchronizing cron tasks to event \(topic)")
            syncSubscription = try await flux.subscribe(topic) { _ in
                self.here { service in service.carryOutNow(service.table.syncArrived(at: service.now)) }
            }
        }
        await carryOut(table.synchronize(on: topic, at: now))
    }

    // MARK: carrying out

    /// With the subscriptions of entries that were started, which need an answer of the broker.
    private func carryOut(_ directives: [CronTable.Directive]) async {
        for case .subscribe(let id, let topic) in directives {
            do {
                subscriptions[id] = try await flux.subscribe(topic) { _ in
                    self.here { service in service.carryOutNow(service.table.eventArrived(id, at: service.now)) }
                }
            } catch {
                context.log(.err, "cron-\(id): cannot subscribe to \(topic): \(error)")
            }
        }
        carryOutNow(directives)
    }

    private func carryOutNow(_ directives: [CronTable.Directive]) {
        for directive in directives {
            switch directive {
            case .arm(let id, let seconds):
                cancelTimer(id)
                timers[id] = context.reactor.schedule(after: .seconds(min(seconds, 1e9))) {
                    self.here { service in service.timerFired(id) }
                }
            case .disarm(let id): cancelTimer(id)
            case .subscribe: break
            case .unsubscribe(let id):
                if let subscription = subscriptions.removeValue(forKey: id) { flux.unsubscribe(subscription) }
            case .run(let id): run(id)
            case .kill(let id): kill(id)
            case .log(let severity, let text): context.log(severity, text)
            }
        }
    }

    private func cancelTimer(_ id: Int64) {
        if let timer = timers.removeValue(forKey: id) { context.reactor.cancel(timer) }
    }

    private func timerFired(_ id: Int64) {
        timers[id] = nil
        carryOutNow(table.timerFired(id, at: now))
    }

    // MARK: tasks

    private func run(_ id: Int64) {
        guard let entry = table.entry(id) else { return }
        let command = Rexec.Command(
            arguments: ["sh", "-c", entry.command], environment: entry.environment ?? brokerEnvironment(), directory: entry.directory)
        let payload = Rexec.ExecRequest(command: command, flags: [.standardOutput, .standardError])
        let rank = UInt32(exactly: entry.rank) ?? .max - 2
        flux.call(.request("rexec.exec", json: payload.json, nodeID: rank, flags: .streaming)) { result in
            self.here { $0.heard(id, result) }
        }
    }

    private func heard(_ id: Int64, _ result: Result<Message, RPCError>) {
        switch result {
        case .success(let message):
            guard let json = try? message.decodeJSON(), let response = try? Rexec.Response(json: json) else { return }
            switch response {
            case .started(let processID): started(id, processID)
            case .output(_, let io): log(id, isError: io.stream == "stderr", io.bytes ?? [])
            case .finished(let status): table.update(id) { $0.status = status }
            default: break
            }
        case .failure(let error):
            let time = now
            table.update(id) { task in
                if error.errnum != Errno.noData || task.status == nil { task.failure = error.errnum }
                task.ended = time
            }
            carryOutNow(table.finished(id))
        }
    }

    private func started(_ id: Int64, _ processID: Int64) {
        guard let entry = table.entry(id) else { return }
        let time = now
        table.update(id) { task in
            task.rank = entry.rank
            task.processID = processID
            task.running = time
        }
        guard let timeout = entry.timeout, timeout > 0 else { return }
        context.reactor.schedule(after: .seconds(min(timeout, 1e9))) {
            self.here { service in
                // The run may be another one by now.
                guard service.table.entry(id)?.task?.processID == processID else { return }
                service.table.update(id) { $0.isTimedOut = true }
                service.kill(id)
            }
        }
    }

    private func log(_ id: Int64, isError: Bool, _ bytes: [UInt8]) {
        guard let entry = table.entry(id) else { return }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            context.log(
                isError ? .err : .info,
                "cron-\(id)[\(entry.name)]: rank=\(entry.rank): command=\"\(entry.command)\": \"\(line)\"")
        }
    }

    private func kill(_ id: Int64) {
        guard let entry = table.entry(id), let task = entry.task, task.running != nil, task.status == nil else { return }
        let request = Rexec.KillRequest(Rexec.Target(pid: task.processID), signal: SIGTERM)
        flux.notify("rexec.kill", request.json, nodeID: UInt32(exactly: entry.rank) ?? 0)
    }
}
