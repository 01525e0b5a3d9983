public import Client
public import FluxJSON
internal import KVSClient
public import RFC03Message
internal import RFC19FLUID
internal import RFC20R
internal import RFC22Idset
internal import RFC27ResourceAllocation
internal import RFC28ResourceAcquisition
internal import Reactor
public import Service

/// `sched-simple`: gives resources to jobs, strictly by priority.
///
/// Speaks RFC 27 with the job manager and RFC 28 with the resource service; registers `sched` and `feasibility`.
public actor SchedulerService: Service {
    public nonisolated let context: ServiceContext
    private var queue: AllocationQueue?
    private var acquired: ResponseStream?
    private var isScheduled = false
    private var options = SchedulerOptions()
    private var debugging: SchedulerDebugging = []
    private var latestRequest: Message?
    private var forecastTimer: TimerID?

    public init(context: ServiceContext) { self.context = context }

    public static let methods: [String: Method<SchedulerService>] = [
        "sched.alloc": .now { service, request in
            try service.alloc(try AllocRequest(json: try request.decodeJSON()), request)
            return .deferred
        },
        "sched.cancel": .now { service, request in
            let id = try CancelRequest(json: try request.decodeJSON()).id
            if service.queue?.remove(id) == true { service.answer(AllocResponse(id: id, .cancel)) }
            service.scheduleSoon()
            return .deferred
        },
        "sched.free": .now { service, request in
            try service.free(try FreeRequest(json: try request.decodeJSON()))
            return .deferred
        },
        "sched.prioritize": .now { service, request in
            service.queue?.prioritize(try PrioritizeRequest(json: try request.decodeJSON()).jobs)
            service.scheduleSoon()
            return .deferred
        },
        "sched.expiration": .now { service, request in
            guard !service.debugging.contains(.denyExpirations) else {
                throw ServiceError(errnum: Errno.invalid, text: "Rejecting expiration update for testing")
            }
            let change = try ExpirationRequest(json: try request.decodeJSON())
            guard change.expiration >= 0 else {
                throw ServiceError(errnum: Errno.invalid, text: "invalid expiration \(change.expiration)")
            }
            service.queue?.update { $0.setEndTime(change.expiration, ofJob: change.id) }
            return .empty
        },
        "sched.resource-status": .now(.anyUser) { service, _ in
            guard let pool = service.queue?.pool else { throw ServiceError(errnum: Errno.again) }
            return .json(
                ResourceStatusResponse(all: pool.resources.json, down: pool.down.json, allocated: pool.allocated.json)
                    .json)
        },
        "feasibility.check": .now { service, request in
            let jobspec = try FeasibilityRequest(json: try request.decodeJSON()).jobspec
            do {
                let wanted = try ResourceRequest(jobspec: jobspec)
                try service.queue?.update { try $0.checkFeasibility(wanted) }
            } catch let error as AllocationError {
                throw ServiceError(errnum: Errno.overflow, text: error.description)
            } catch {
                throw ServiceError(errnum: Errno.invalid, text: "\(error)")
            }
            return .empty
        },
    ]

    public func start() async throws {
        options = try SchedulerOptions(arguments: context.arguments)
        for name in ["sched", "feasibility"] {
            try await flux.rpc("service.add", ["service": .string(name)], nodeID: context.rank)
        }
        // The rest waits for resources, which may take as long as the slowest broker; nobody waits for that here.
        Task { await acquire() }
    }

    public func stop() async {
        acquired?.abandon()
        if let forecastTimer { context.reactor.cancel(forecastTimer) }
    }

    /// `flux module debug`: see ``SchedulerDebugging``.
    public func debug(_ flags: Int64) {
        debugging = SchedulerDebugging(rawValue: flags)
        scheduleSoon()
    }

    private func log(_ severity: Severity, _ text: String) {
        if severity <= options.logLevel { context.log(severity, text) }
    }

    // MARK: Resources

    private func acquire() async {
        let stream = flux.stream("resource.acquire")
        acquired = stream
        do {
            guard let first = try await stream.nextJSON() else { return }
            let grant = try AcquiredResources(json: first)
            var resources = try ResourceSet(json: grant.resources)
            resources.markDown(resources.ranks.subtracting(grant.up))
            queue = AllocationQueue(pool: ResourcePool(resources))
            do {
                try await greetJobManager()
            } catch {
                // A scheduler that the job manager does not take has nothing to do (RFC 27).
                let refusal = ServiceError(describing: error)
                guard refusal.errnum != Errno.connectionReset else { return }
                return context.abandonModule(refusal)
            }
            let depth = options.queueDepth.map { "\($0)" } ?? "unlimited"
            log(
                .info,
                "ready: queue-depth=\(depth) log-level=\(options.logLevel.name) pool-class=Rv1Pool Rv1 "
                    + resources.description)
            while let answer = try await stream.nextJSON() { change(try AcquireUpdate(json: answer)) }
        } catch {
            let refusal = ServiceError(describing: error)
            guard refusal.errnum != Errno.canceled, refusal.errnum != Errno.connectionReset else { return }
            log(.err, "resource.acquire: \(refusal)")
        }
    }

    private func change(_ update: AcquireUpdate) {
        if let expiration = update.expiration {
            let hundredths = Int64((min(max(expiration, 0), 9e14) * 100).rounded()), rest = hundredths % 100
            log(.info, "resource expiration updated to \(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)")
        }
        queue?.update { pool in
            pool.markUp(update.up)
            pool.markDown(update.down)
            pool.remove(ranks: update.shrink)
            if let expiration = update.expiration { pool.expiration = expiration }
        }
        scheduleSoon()
    }

    /// Learns which jobs have resources already, and says that requests are welcome.
    private func greetJobManager() async throws {
        let hello = flux.stream("job-manager.sched-hello", HelloRequest(acceptsPartial: options.acceptsPartial).json)
        while let answer = try await hello.nextJSON() {
            let job = try HelloResponse(json: answer)
            do {
                let text = try await flux.lookup("\(JobID(job.id).kvs).R")
                var resources = try ResourceSet(parsing: String(decoding: text, as: UTF8.self))
                if let free = job.free.flatMap({ Idset($0) }) { _ = resources.remove(ranks: free) }
                try queue?.update { try $0.register(job: job.id, resources) }
                log(.info, "hello: \(shown(job.id)): \(resources.description)")
                log(.debug, "hello: \(line(job))")
            } catch {
                _ = try? await flux.rpc(
                    "job-manager.raise",
                    [
                        "id": .int(Int64(bitPattern: job.id)), "severity": 0, "type": "scheduler-restart",
                        "note": "failed to reallocate R for running job",
                    ])
            }
        }
        let wish: ReadyRequest = options.queueDepth.map { .limited($0) } ?? .unlimited
        try await flux.rpc("job-manager.sched-ready", wish.json)
    }

    private func shown(_ id: UInt64) -> String { context.showsPlainIDs ? JobID(id).f58Plain : JobID(id).f58 }

    private func line(_ job: HelloResponse) -> String {
        let tenths = Int64((job.submitTime * 10).rounded())
        return "id=\(shown(job.id)) priority=\(job.priority) userid=\(job.userID) t_submit=\(tenths / 10).\(tenths % 10)"
    }

    // MARK: Jobs

    private func alloc(_ job: AllocRequest, _ request: Message) throws {
        latestRequest = request
        guard queue != nil else { throw ServiceError(errnum: Errno.again, text: "scheduler has no resources yet") }
        do {
            try queue?.add(job)
            scheduleSoon()
        } catch {
            answer(AllocResponse(id: job.id, .deny(note: error.description)))
        }
    }

    private func free(_ request: FreeRequest) throws {
        let resources = try? ResourceSet(json: request.r)
        if options.logLevel == .debug {
            log(
                .debug, "free: \(shown(request.id)): \(resources?.description ?? "")\(request.isFinal ? " (final)" : "")")
        }
        queue?.update { pool in
            if let resources, (try? pool.free(job: request.id, resources, isFinal: request.isFinal)) != nil { return }
            if request.isFinal { pool.free(job: request.id) }
        }
        scheduleSoon()
    }

    /// Requests of one turn are served together.
    private func scheduleSoon() {
        guard !isScheduled else { return }
        isScheduled = true
        context.reactor.later { self.here { $0.schedule() } }
    }

    /// Writes R of every job that is served with one commit, then answers.
    private func schedule() {
        isScheduled = false
        let refuses = debugging.contains(.denyAllocations)
        let decisions =
            refuses ? queue?.denyAll(note: "DEBUG_FAIL_ALLOC") : queue?.schedule(now: context.reactor.wallTime)
        defer { announce() }
        guard let decisions, !decisions.isEmpty else { return }
        var transaction = KVSTransaction()
        var grants: [AllocResponse] = []
        for decision in decisions {
            switch decision {
            case .deny(let id, let note): answer(AllocResponse(id: id, .deny(note: note)))
            case .grant(let id, let resources, let annotations):
                if options.logLevel == .debug { log(.debug, "alloc: \(shown(id)): \(resources.description)") }
                let r = resources.json
                transaction.put("\(JobID(id).kvs).R", r.bytes)
                grants.append(AllocResponse(id: id, .success(r: r, annotations: ["sched": .object(annotations)])))
            }
        }
        guard !grants.isEmpty else { return }
        flux.commit(transaction, done: { error in self.here { $0.committed(grants, error) } })
    }

    private func committed(_ grants: [AllocResponse], _ error: RPCError?) {
        for grant in grants {
            if let error {
                queue?.update { $0.free(job: grant.id) }
                answer(AllocResponse(id: grant.id, .deny(note: "error committing R: \(error)")))
            } else {
                answer(grant)
            }
        }
    }

    /// Tells those who wait what they wait for. Estimates may be a little old: freeing a thousand jobs is one look ahead.
    private func announce() {
        guard let queue, queue.count > 0 else { return }
        if debugging.contains(.explainWaiting) {
            annotate(self.queue?.explain() ?? [])
        } else if forecastTimer == nil {
            forecastTimer = context.reactor.schedule(after: .milliseconds(100)) { self.here { $0.forecast() } }
        }
    }

    private func forecast() {
        forecastTimer = nil
        guard !debugging.contains(.explainWaiting) else { return }
        annotate(queue?.forecast(now: context.reactor.wallTime) ?? [])
    }

    private func annotate(_ annotations: [AllocationQueue.Annotation]) {
        for annotation in annotations {
            answer(AllocResponse(id: annotation.id, .annotate(["sched": .object(annotation.change)])))
        }
    }

    /// Answers carry matchtag 0, name the job, and go back the way of the latest request.
    private func answer(_ response: AllocResponse) {
        guard let latestRequest else { return }
        flux.respond(to: latestRequest, response.json)
    }
}
