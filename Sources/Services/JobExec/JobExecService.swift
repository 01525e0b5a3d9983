import Client
public import FluxJSON
import Glibc
import KVSClient
public import RFC03Message
import RFC10Content
import RFC11TreeObject
import RFC19FLUID
import RFC20R
import RFC22Idset
import Blob
import Reactor
public import Service

/// The module `job-exec`: runs the shells of jobs on their brokers and tells job-manager how it goes.
///
/// All decisions are ``ExecMachine``'s; the actor carries its directives out.
public actor JobExecService: Service {
    public nonisolated let context: ServiceContext
    var jobs: [JobID: RunningJob] = [:]
    var settings: ExecSettings
    var primary = PrimaryWriter()
    /// When the logs of jobs that still run are stored.
    var logPacer = Pacer(interval: 0.01, burst: 8)
    var barriers = PendingRequests<Void>()
    var environment: [String: String] = [:]
    var emptyDirectory = ""
    private var deniesExpirations = false
    var hosts: [String] = []

    /// A job with what the actor keeps for it.
    struct RunningJob {
        var machine: ExecMachine
        let request: Message
        let namespace: String
        var log = GuestLog()
        var timers: [ExecTimer: TimerID] = [:]
        /// Matchtags of the shells' streams by broker.
        var streams: [UInt32: UInt32] = [:]
        /// Wait statuses of shells whose output may still come.
        var statuses: [UInt32: Int32] = [:]
    }

    public init(context: ServiceContext) {
        self.context = context
        settings = ExecSettings(jobShell: "flux-shell")
    }

    public static let methods: [String: Method<JobExecService>] = [
        "start": .now { try $0.startJob($1) },
        "expiration": .now { try $0.changeExpiration($1) },
        "critical-ranks": .now(.anyUser) { try $0.setCriticalRanks($1) },
        "shell-barrier": .now(.anyUser) { service, request in service.enterBarrier(request) },
        "override": .now(.anyUser) { try $0.override($1) },
    ]

    public func start() async throws {
        try configure(context.configuration)
        environment = brokerEnvironment()
        var algorithm = Blobref.Algorithm.sha1
        if let name = try? await flux.query("attr.get", ["name": "content.hash"])["value"]?.stringValue {
            algorithm = Blobref.Algorithm(rawValue: name) ?? .sha1
        }
        emptyDirectory = "\(algorithm.reference(to: Array(TreeObject.emptyDirectory.text.utf8)))"
        try await flux.subscribe("job-exception") { event in self.here { $0.receiveException(event) } }
        try await flux.rpc("job-manager.exec-hello", ["service": .string(context.name)])
    }

    public func stop() async {
        await graftRunning()
        while primary.underWay > 0 { await context.reactor.sleep(for: .milliseconds(1)) }
    }

    public func configure(_ configuration: JSON) throws {
        settings = try ExecSettings(
            table: configuration["exec"], jobShell: context.attributes["conf.shell_path"] ?? siblingShell(),
            argument: context.argument)
    }

    public func statistics() async throws -> JSON? {
        var running = JSON.Object()
        for (id, job) in jobs.sorted(by: { $0.key < $1.key }) { running[shown(id)] = job.machine.statistics }
        return [
            "method": "bulk-exec", "kill-timeout": .real(settings.killTimeout),
            "term-signal": .string(SignalName.name(settings.termSignal)),
            "kill-signal": .string(SignalName.name(settings.killSignal)),
            "max-kill-count": .int(Int64(settings.maxKillCount)),
            "max-kill-timeout": .real(settings.maxKillTimeout ?? -1),
            "effective-max-kill-timeout": .real(settings.effectiveMaxKillTimeout), "jobs": .object(running),
            "config": settings.json,
        ]
    }

    func shown(_ id: JobID) -> String { context.showsPlainIDs ? id.f58Plain : id.f58 }

    /// `flux module debug`: bit 1 lets a test make changes of the expiration fail.
    public func debug(_ flags: Int64) { deniesExpirations = flags & 1 != 0 }

    public func disconnected(_ request: Message) { _ = barriers.disconnect(by: request) }

    // MARK: requests

    private func startJob(_ request: Message) throws -> Reply {
        let fields = try request.fields()
        let id = JobID(UInt64(bitPattern: try fields.int("id")))
        let userID = UInt32(truncatingIfNeeded: try fields.int("userid"))
        let isReattached = try fields.bool("reattach")
        let resources: ResourceSet
        do {
            resources = try ResourceSet(json: try fields.value("R"))
        } catch {
            context.log(.err, "reading R: \(error)")
            throw ServiceError(errnum: Errno.invalid)
        }
        guard jobs[id] == nil else { throw ServiceError(errnum: Errno.exists) }
        var machine = ExecMachine(
            id: id, userID: userID, jobspec: try fields.value("jobspec"), resources: resources,
            isMultiuser: userID != getuid(), settings: settings,
            showsPlainIDs: context.showsPlainIDs)
        machine.isReattached = isReattached
        jobs[id] = RunningJob(machine: machine, request: request, namespace: "job-\(id.value)")
        change(id) { $0.start() }
        return .deferred
    }

    private func changeExpiration(_ request: Message) throws -> Reply {
        let fields = try request.fields()
        let id = JobID(UInt64(bitPattern: try fields.int("id"))), expiration = try fields.number("expiration")
        guard !deniesExpirations else {
            throw ServiceError(errnum: Errno.invalid, text: "Rejecting expiration update for testing")
        }
        guard jobs[id] != nil else { throw ServiceError(errnum: Errno.noEntry) }
        let now = context.reactor.wallTime
        change(id) {
            $0.expiration = expiration
            $0.setExpiration(now: now)
        }
        let hundredths = Int64((min(max(expiration, 0), 9e14) * 100).rounded())
        let rest = hundredths % 100
        context.log(
            .debug, "updated expiration of \(shown(id)) to \(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)")
        return .empty
    }

    private func setCriticalRanks(_ request: Message) throws -> Reply {
        let fields = try request.fields()
        let id = JobID(UInt64(bitPattern: try fields.int("id"))), ranks = try fields.string("ranks")
        guard let job = jobs[id] else { throw ServiceError(errnum: Errno.noEntry) }
        guard request.mayTouch(job.machine.userID) else { throw ServiceError(errnum: Errno.perm) }
        guard let set = try? Idset(parsing: ranks) else { throw ServiceError(errnum: Errno.invalid) }
        change(id) { $0.criticalRanks = set }
        return .empty
    }

    private func enterBarrier(_ request: Message) -> Reply {
        guard let fields = try? request.fields(), let number = fields["id"]?.intValue else {
            answerBarrier(request, errnum: Errno.proto)
            return .deferred
        }
        let id = JobID(UInt64(bitPattern: number))
        guard let job = jobs[id] else {
            answerBarrier(request, errnum: Errno.noEntry, "job not found")
            return .deferred
        }
        guard request.mayTouch(job.machine.userID) else {
            answerBarrier(request, errnum: Errno.perm)
            return .deferred
        }
        guard job.machine.simulation == nil else {
            answerBarrier(request, errnum: Errno.noSystem, "testexec does not support shell barrier")
            return .deferred
        }
        guard let rank = fields["rank"]?.intValue else {
            answerBarrier(request, errnum: Errno.proto)
            return .deferred
        }
        let token = barriers.add(request, ())
        change(id) { $0.enterBarrier(rank: rank, request: token) }
        return .deferred
    }

    /// The request says that it wants no answer, and gets one all the same: the shell finds it by its topic.
    func answerBarrier(_ request: Message, errnum: Int32, _ text: String? = nil) {
        var request = request
        request.flags.remove(.noResponse)
        flux.send(errnum == 0 ? request.response(json: nil) : request.errorResponse(errnum, text))
    }

    private func override(_ request: Message) throws -> Reply {
        let fields = try request.fields()
        let event = try fields.string("event"), id = JobID(UInt64(bitPattern: try fields.int("jobid")))
        let status = Int32(truncatingIfNeeded: try fields.optionalInt("status") ?? 0)
        guard let job = jobs[id], job.machine.simulation != nil else {
            throw ServiceError(errnum: Errno.noEntry, text: "Job not found")
        }
        guard request.userID == job.machine.userID else {
            throw ServiceError(errnum: Errno.perm, text: "Permission denied")
        }
        let now = context.reactor.wallTime
        let problem = change(id) { $0.override(event, status: status, now: now) }
        if let problem, let problem { throw ServiceError(errnum: Errno.invalid, text: problem) }
        return .empty
    }

    private func receiveException(_ event: Message) {
        guard let fields = try? event.fields(), let number = fields["id"]?.intValue,
            let type = fields["type"]?.stringValue, fields["severity"]?.intValue == 0
        else { return }
        let status = fields["wait_status"]?.intValue.flatMap { Int32(exactly: $0) }
        change(JobID(UInt64(bitPattern: number))) { $0.exceptionRaised(type: type, waitStatus: status) }
    }
}

extension Message {
    func fields() throws(ServiceError) -> JSON.Object {
        guard let object = try? decodeJSON().objectValue else { throw ServiceError(errnum: Errno.proto) }
        return object
    }

    func mayTouch(_ jobUserID: UInt32) -> Bool { roles.contains(.owner) || userID == jobUserID }
}
