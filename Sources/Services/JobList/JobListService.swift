import Client
public import FluxJSON
import KVSClient
public import RFC03Message
import RFC21JobStates
import RFC43JobList
import Reactor
public import Service

/// The module `job-list`: which jobs there are and what is known of them.
public actor JobListService: Service {
    public nonisolated let context: ServiceContext
    var index = JobIndex()
    /// `list-id` requests for jobs or states that have not come yet.
    var waits = PendingRequests<JobListIDRequest>()
    var waitsByID: [UInt64: Set<UInt64>] = [:]
    var lookupsUnderWay = 0
    var statisticsWatchers = PendingRequests<Void>()
    var isReportScheduled = false
    var environment = JobConstraint.Environment()
    var comparisonLimit = 1_000_000
    var isPrivate = false
    private var whenCaughtUp: CheckedContinuation<Void, any Error>?
    private var heldMessages: [Message]?

    public init(context: ServiceContext) { self.context = context }

    public static let methods: [String: Method<JobListService>] = [
        "list": .now(.anyUser) { try $0.list($1) },
        "list-id": .waiting(.anyUser) { try await $0.listID($1) },
        "list-attrs": .now(.anyUser) { _, _ in
            .json(["attrs": .array(JobAttribute.allCases.map { .string($0.rawValue) } + ["all"])])
        },
        "job-stats": .now(.anyUser) { try $0.jobStatistics($1) },
        "stats-get": .waiting(.anyUser) { service, request in
            guard service.hiddenFor(request) == nil else { throw ServiceError(errnum: Errno.perm) }
            return .json(try await service.statistics() ?? [:])
        },
        "cancel": .now(.anyUser) { service, request in service.cancel(request) },
        "job-state-pause": .now { service, _ in
            service.heldMessages = service.heldMessages ?? []
            return .empty
        },
        "job-state-unpause": .now { service, _ in
            service.resumeJournal()
            return .empty
        },
    ]

    /// Ready once everything that job-manager knows is known here.
    public func start() async throws {
        try configure(context.configuration)
        try await flux.subscribe("job-purge-inactive") { event in self.here { $0.purge(event) } }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            whenCaughtUp = continuation
            let request = Message.request(
                "job-manager.events-journal", json: ["full": true], flags: .streaming)
            flux.call(request) { result in self.here { $0.receiveJournal(result) } }
        }
    }

    public func configure(_ configuration: JSON) throws {
        if let limit = configuration["job-list"]?["max_comparisons"] {
            guard let number = limit.intValue, number >= 0 else {
                throw ServiceError(
                    errnum: Errno.invalid, text: "job-list.max_comparisons: must be an integer >= 0")
            }
            comparisonLimit = Int(clamping: number)
        }
        isPrivate = configuration["access"]?["private-mode"]?.boolValue ?? false
        let queues = configuration["queues"]?.objectValue ?? [:]
        environment.parentQueues = [:]
        for (name, entry) in queues { environment.parentQueues[name] = entry["parent"]?.stringValue }
        environment.hostLimit = max(1024, Int(context.size))
        index.know(queues: queues.keys)
    }

    public func statistics() async throws -> JSON? {
        [
            "jobs": [
                "pending": .int(Int64(index.pendingCount)), "running": .int(Int64(index.runningCount)),
                "inactive": .int(Int64(index.endedCount)),
            ],
            "idsync": ["lookups": .int(Int64(lookupsUnderWay)), "waits": .int(Int64(waitsByID.count))],
            "stats_watchers": .int(Int64(statisticsWatchers.count)),
        ]
    }

    public func disconnected(_ request: Message) {
        for entry in waits.all where entry.entry.request.sender == request.sender { forgetWait(entry.id) }
        _ = statisticsWatchers.disconnect(by: request)
    }

    public func stop() async {
        for (id, entry) in waits.all {
            flux.respond(to: entry.request, errnum: Errno.noSystem)
            waits.remove(id)
        }
        for (id, entry) in statisticsWatchers.all {
            flux.respond(to: entry.request, errnum: Errno.noSystem)
            statisticsWatchers.remove(id)
        }
    }

    // MARK: the journal

    private func receiveJournal(_ result: Result<Message, RPCError>) {
        switch result {
        case .success(let message):
            if heldMessages != nil { heldMessages?.append(message) } else { apply(message) }
        case .failure(let error):
            whenCaughtUp?.resume(throwing: error)
            whenCaughtUp = nil
            if error.errnum != Errno.noData { context.log(.err, "job-manager.events-journal: \(error)") }
        }
    }

    private func resumeJournal() {
        let held = heldMessages ?? []
        heldMessages = nil
        for message in held { apply(message) }
    }

    private func apply(_ message: Message) {
        guard let json = try? message.decodeJSON(), let number = json["id"]?.intValue else { return }
        guard number != -1 else {
            whenCaughtUp?.resume()
            whenCaughtUp = nil
            return
        }
        let id = UInt64(bitPattern: number)
        let isChanged = index.receive(
            id: id, events: json["events"]?.arrayValue ?? [], jobspec: json["jobspec"], resources: json["R"])
        guard isChanged else { return }
        answerWaits(for: id)
        scheduleReport()
    }

    private func purge(_ event: Message) {
        guard let ids = (try? event.decodeJSON())?["jobs"]?.arrayValue else { return }
        index.purge(Set(ids.compactMap(\.intValue).map { UInt64(bitPattern: $0) }))
        scheduleReport()
    }

    // MARK: lists

    private func list(_ request: Message) throws -> Reply {
        let wanted = try payload(request) { json throws(JobListError) in try JobListRequest(request: json) }
        let isStreaming = request.flags.contains(.streaming)
        var meter = ComparisonMeter(limit: comparisonLimit)
        let jobs: [JobRecord], attributes: [JobAttribute]
        do throws(JobListError) {
            var constraint = try wanted.parsedConstraint(in: environment)
            if let userID = hiddenFor(request) { constraint = .and([.users([userID]), constraint]) }
            jobs = try index.query(
                constraint, limit: wanted.maxEntries, since: wanted.since, in: environment, &meter)
            attributes = jobs.isEmpty ? [] : try JobAttribute.parse(wanted.attributes)
        } catch {
            throw ServiceError(errnum: error.errno, text: error.description)
        }
        guard isStreaming else { return .json(["jobs": .array(jobs.map { $0.json(attributes) })]) }
        for (position, job) in jobs.enumerated() {
            var answer: JSON.Object = ["jobs": [job.json(attributes)]]
            if position == 0 { answer["version"] = 1 }
            flux.respond(to: request, .object(answer))
        }
        throw ServiceError(errnum: Errno.noData)
    }

    /// The user whose jobs alone the sender may see; nil for all jobs.
    func hiddenFor(_ request: Message) -> UInt32? {
        isPrivate && request.roles.isDisjoint(with: [.owner, .admin]) ? request.userID : nil
    }

    func payload<Value>(
        _ request: Message, _ read: (JSON) throws(JobListError) -> Value
    ) throws(ServiceError) -> Value {
        guard let json = try? request.decodeJSON() else { throw ServiceError(errnum: Errno.proto) }
        do throws(JobListError) {
            return try read(json)
        } catch {
            throw ServiceError(errnum: error.errno, text: error.description)
        }
    }

    private func cancel(_ request: Message) -> Reply {
        guard let tag = (try? request.decodeJSON())?["matchtag"]?.intValue.flatMap({ UInt32(exactly: $0) }) else {
            return .deferred
        }
        if let entry = statisticsWatchers.cancel(matchtag: tag, by: request) {
            flux.respond(to: entry.request, errnum: Errno.noData)
        }
        return .deferred
    }
}
