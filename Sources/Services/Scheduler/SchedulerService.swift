public import Client
public import FluxJSON
internal import KVSClient
public import RFC03Message
internal import RFC19FLUID
internal import RFC20R
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
    private var depth: Int64 = 8
    private var latestRequest: Message?

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
            let change = try ExpirationRequest(json: try request.decodeJSON())
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
            } catch {
                throw ServiceError(errnum: Errno.invalid, text: "\(error)")
            }
            return .empty
        },
    ]

    public func start() async throws {
        if let text = context.argument("queue-depth"), text != "unlimited" {
            guard let number = Int64(text), number > 0 else {
                throw ServiceError(errnum: Errno.invalid, text: "queue-depth: \(text): expected a positive number")
            }
            depth = number
        }
        for name in ["sched", "feasibility"] {
            try await flux.rpc("service.add", ["service": .string(name)], nodeID: context.rank)
        }
        // The rest waits for resources, which may take as long as the slowest broker; nobody waits for that here.
        Task { await acquire() }
    }

    public func stop() async { acquired?.abandon() }

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
            try await greetJobManager()
            context.log(
                .info, "ready: queue-depth=\(depth) log-level=info pool-class=Rv1Pool Rv1 \(resources.description)")
            while let answer = try await stream.nextJSON() { change(try AcquireUpdate(json: answer)) }
        } catch {
            let refusal = ServiceError(describing: error)
            guard refusal.errnum != Errno.canceled, refusal.errnum != Errno.connectionReset else { return }
            context.log(.err, "resource.acquire: \(refusal)")
        }
    }

    private func change(_ update: AcquireUpdate) {
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
        let hello = flux.stream("job-manager.sched-hello", HelloRequest(acceptsPartial: true).json)
        while let answer = try await hello.nextJSON() {
            let job = try HelloResponse(json: answer)
            do {
                let text = try await flux.lookup("\(JobID(job.id).kvs).R")
                let resources = try ResourceSet(parsing: String(decoding: text, as: UTF8.self))
                try queue?.update { try $0.register(job: job.id, resources) }
            } catch {
                _ = try? await flux.rpc(
                    "job-manager.raise",
                    [
                        "id": .int(Int64(bitPattern: job.id)), "severity": 0, "type": "scheduler-restart",
                        "note": "failed to reallocate R for running job",
                    ])
            }
        }
        try await flux.rpc("job-manager.sched-ready", ["mode": "limited", "limit": .int(depth)])
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
        guard let decisions = queue?.schedule(now: context.reactor.wallTime), !decisions.isEmpty else { return }
        var transaction = KVSTransaction()
        var grants: [AllocResponse] = []
        for decision in decisions {
            switch decision {
            case .deny(let id, let note): answer(AllocResponse(id: id, .deny(note: note)))
            case .grant(let id, let resources):
                let r = resources.json
                transaction.put("\(JobID(id).kvs).R", r.bytes)
                let summary: JSON.Object = ["sched": ["resource_summary": .string(resources.description)]]
                grants.append(AllocResponse(id: id, .success(r: r, annotations: summary)))
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

    /// Answers carry matchtag 0, name the job, and go back the way of the latest request.
    private func answer(_ response: AllocResponse) {
        guard let latestRequest else { return }
        flux.respond(to: latestRequest, response.json)
    }
}
