import Client
public import FluxJSON
import KVSClient
import RFC03Message
import RFC14Jobspec
import RFC19FLUID
import RFC29Hostlist
import Reactor
public import Service

/// The module `job-ingest`: the door through which every job comes.
public actor JobIngestService: Service {
    public nonisolated let context: ServiceContext
    private var generator: FLUIDGenerator?
    /// The reactor's time (nanoseconds) that is millisecond `epoch` of the ids.
    private var epoch: (now: Int64, milliseconds: UInt64) = (0, 0)
    private var batch = Batch()
    private var batchesUnderWay = 0
    private var isFlushScheduled = false
    private var defaults: QueueDefaults?
    private var settings: IngestSettings?
    private var knownHosts: Set<String>?
    private var ownerID: UInt32 = 0
    private var isEnding = false

    /// How many batches may be on their way; the next one fills meanwhile.
    private static let batchesAtOnce = 2

    public init(context: ServiceContext) { self.context = context }

    public static let methods: [String: Method<JobIngestService>] = [
        "submit": .waiting(.anyUser) { try await $0.submit($1) },
        "getinfo": .now { service, _ in .json(["timestamp": .int(Int64(service.milliseconds))]) },
    ]

    public func start() async throws {
        ownerID = context.attributes["security.owner"].flatMap { UInt32($0) } ?? 0
        try configure(context.configuration, arguments: context.arguments)
        if let limit = settings?.maximumGenerator, context.rank > limit {
            // Ids have no room for this rank: submissions go to a broker above.
            throw ServiceNotNeeded()
        }
        let first: UInt64
        if context.rank == 0 {
            let answer = try await flux.query("job-manager.getinfo", nodeID: 0)
            let last = UInt64(bitPattern: answer["max_jobid"]?.intValue ?? 0)
            first = last == 0 ? 0 : JobID(last).timestampMilliseconds + 1
        } else {
            let answer = try await flux.query("job-ingest.getinfo", nodeID: context.rank, flags: .upstream)
            first = UInt64(clamping: answer["timestamp"]?.intValue ?? 0)
        }
        epoch = (context.reactor.now, first)
        guard let number = UInt16(exactly: context.rank),
            let generator = FLUIDGenerator(number: number, timestampMilliseconds: first)
        else { throw ServiceError(errnum: Errno.invalid, text: "rank \(context.rank) is too large for job ids") }
        self.generator = generator
    }

    public func stop() async {
        isEnding = true
        while batchesUnderWay > 0 || !batch.isEmpty { await context.reactor.sleep(for: .milliseconds(1)) }
    }

    /// The arguments of the module count until the configuration changes.
    public func configure(_ configuration: JSON) throws { try configure(configuration, arguments: []) }

    private func configure(_ configuration: JSON, arguments: [String]) throws {
        let defaults: QueueDefaults
        do {
            defaults = try QueueDefaults(configuration: configuration)
        } catch {
            throw ServiceError(errnum: Errno.invalid, text: error.description)
        }
        self.defaults = defaults.isEmpty ? nil : defaults
        let settings = try IngestSettings(configuration: configuration, arguments: arguments)
        if let size = settings.bufferSize { context.log(.debug, "worker input buffer set to \(size)") }
        context.log(.debug, settings.description)
        self.settings = settings
    }

    public func statistics() async throws -> JSON? {
        let crew: JSON = ["running": 0, "requests": 0, "errors": 0, "trash": 0, "backlog": 0, "pids": [0, 0, 0, 0]]
        return ["pipeline": ["frobnicator": crew, "validator": crew]]
    }

    // MARK: one submission

    /// The time of the ids: it goes on from where an earlier run of the instance stopped.
    private var milliseconds: UInt64 {
        epoch.milliseconds + UInt64(clamping: (context.reactor.now - epoch.now) / 1_000_000)
    }

    private func submit(_ request: Message) async throws -> Reply {
        guard !isEnding else { throw ServiceError(errnum: Errno.noSystem) }
        let submission = try SubmitRequest(
            (try? request.decodeJSON().objectValue) ?? [:], userID: request.userID, isOwner: request.roles.contains(.owner))
        if ownerID != 0, request.userID == 0, settings?.allowsRootJobs != true {
            throw ServiceError(errnum: Errno.invalid, text: "submission of jobs as user root not supported")
        }
        let jobspec = try check(submission)
        if settings?.checksFeasibility == true, !submission.skipsValidation { try await askFeasibility(jobspec) }
        let id = try await makeID()
        batch.add(id, submission, jobspec: jobspec, submitTime: context.reactor.wallTime, request: request)
        scheduleFlush()
        return .deferred
    }

    /// The jobspec with the defaults of the configuration, found valid.
    private func check(_ submission: SubmitRequest) throws(ServiceError) -> JSON {
        var jobspec = submission.jobspec
        do {
            if let defaults { jobspec = try defaults.applied(to: jobspec) }
        } catch {
            throw ServiceError(errnum: Errno.invalid, text: error.description)
        }
        guard !submission.skipsValidation else { return jobspec }
        do {
            if settings?.validatesJobspecs != false {
                let hasConstraints = jobspec["attributes"]?["system"]?["constraints"] != nil
                let validator = JobspecValidator(
                    requiredVersion: settings?.requiredVersion, hosts: hasConstraints ? instanceHosts : nil)
                try validator.validate(jobspec)
            }
            try settings?.instanceRequirement?.check(jobspec)
        } catch {
            throw ServiceError(errnum: Errno.invalid, text: error.description)
        }
        return jobspec
    }

    /// The hosts of the instance, which are all that a constraint may name; nil when they are not known.
    private var instanceHosts: Set<String>? {
        if let knownHosts { return knownHosts }
        guard let text = context.attributes["hostlist"], let list = try? Hostlist(parsing: text) else { return nil }
        let hosts = Set(list)
        knownHosts = hosts
        return hosts
    }

    private func askFeasibility(_ jobspec: JSON) async throws(ServiceError) {
        do {
            try await flux.rpc("feasibility.check", ["jobspec": jobspec])
        } catch {
            // Without a scheduler nothing can be said.
            if error.errnum != Errno.noSystem { throw ServiceError(error) }
        }
    }

    private func makeID() async throws(ServiceError) -> JobID {
        while true {
            guard generator != nil else { throw ServiceError(errnum: Errno.noSystem) }
            if let id = generator?.next(nowMilliseconds: milliseconds) { return id }
            guard milliseconds <= JobID.maximumTimestamp else {
                throw ServiceError(errnum: Errno.overflow, text: "no job ids are left")
            }
            await context.reactor.sleep(for: .milliseconds(1))
        }
    }

    // MARK: batches

    private func scheduleFlush() {
        if let batchLimit = settings?.batchLimit, batchLimit > 0 {
            if batch.count >= batchLimit { flush() }
            return
        }
        guard !isFlushScheduled, batchesUnderWay < Self.batchesAtOnce else { return }
        isFlushScheduled = true
        context.reactor.later { self.here { $0.flush() } }
    }

    private func flush() {
        isFlushScheduled = false
        guard !batch.isEmpty else { return }
        let batch = batch
        self.batch = Batch()
        batchesUnderWay += 1
        flux.commit(batch.transaction) { error in
            self.here { service in
                if error != nil {
                    service.refuse(batch, errnum: error?.errnum ?? Errno.io, "KVS commit failed")
                    service.finished()
                } else {
                    service.announce(batch)
                }
            }
        }
    }

    private func announce(_ batch: Batch) {
        flux.call(.request("job-manager.submit", json: ["jobs": .array(batch.jobs)])) { result in
            self.here { $0.announced(batch, result) }
        }
    }

    private func announced(_ batch: Batch, _ result: Result<Message, RPCError>) {
        defer { finished() }
        switch result {
        case .failure(let error):
            refuse(batch, errnum: error.errnum, error.description)
            unlink(batch.requests.map(\.id))
        case .success(let answer):
            var errors: [JobID: String] = [:]
            for entry in (try? answer.decodeJSON())?["errors"]?.arrayValue ?? [] {
                guard let pair = entry.arrayValue, pair.count == 2, let id = pair[0].intValue else { continue }
                errors[JobID(UInt64(bitPattern: id))] = pair[1].stringValue ?? ""
            }
            for (id, request) in batch.requests {
                if let text = errors[id] {
                    flux.respond(to: request, errnum: Errno.invalid, text)
                } else {
                    flux.respond(to: request, ["id": .int(Int64(bitPattern: id.value))])
                }
            }
            if !errors.isEmpty { unlink(Array(errors.keys)) }
        }
    }

    private func refuse(_ batch: Batch, errnum: Int32, _ text: String) {
        for (_, request) in batch.requests { flux.respond(to: request, errnum: errnum, text) }
    }

    /// Jobs that were refused leave nothing behind.
    private func unlink(_ ids: [JobID]) {
        var transaction = KVSTransaction()
        for id in ids { transaction.unlink(id.kvs) }
        flux.commit(transaction) { error in
            if let error { self.context.log(.err, "KVS cleanup of refused jobs failed: \(error)") }
        }
    }

    private func finished() {
        batchesUnderWay -= 1
        if !batch.isEmpty { scheduleFlush() }
    }
}
