public import Client
public import FluxJSON
internal import KVSClient
public import RFC03Message
internal import RFC18Eventlog
internal import RFC20R
internal import RFC22Idset
internal import RFC28ResourceAcquisition
internal import RFC29Hostlist
internal import RFC44ResourceEvents
internal import Reactor
public import Service

/// `resource`: what the instance owns, what of it may be used, and who is told.
///
/// On every broker it finds the hardware; rank 0 puts the parts together into R, keeps the drain state, and serves the
/// scheduler (RFC 28).
///
/// Source: job-protocol 5 (observed: flux-core 0.88).
public actor ResourceService: Service {
    public nonisolated let context: ServiceContext
    var inventory: ResourceSet?
    var method = ""
    var drains = DrainTable()
    /// When the drain state was written that this service began with; seconds since 1970-01-01 UTC.
    var checkpointTime: Double?
    var availability = Availability()
    var settings = ResourceSettings()
    /// Parts of R that have come from below and are on their way up, or at rank 0 everything so far.
    private var parts = ResourceSet()
    private var partCount: Int64 = 0
    private var isForwarding = false
    /// Requests that wait until the resources are known.
    private var undecided: [Message] = []
    private var scheduler: Message?
    private var hasSchedulerAnswer = false
    var journal = ResourceJournal(limit: 100_000)
    private var journalFollowers = PendingRequests<Bool>()
    private var upWaiters: [(request: Message, count: Int)] = []
    private var streams: [ResponseStream] = []
    /// The enclosing instance, while its word on our resources is followed.
    var parent: Handle?
    /// When the job that this instance is will end; seconds since 1970-01-01 UTC, 0 for never or not known.
    var inheritedExpiration = 0.0

    public init(context: ServiceContext) { self.context = context }

    var isLeader: Bool { context.rank == 0 }

    public static let methods: [String: Method<ResourceService>] = [
        "acquire": .now { service, request in try service.acquire(request) },
        "acquire-cancel": .now { service, request in
            if let scheduler = service.scheduler, scheduler.sender == request.sender {
                service.flux.respond(to: scheduler, errnum: Errno.canceled)
                service.scheduler = nil
            }
            return .deferred
        },
        "acquire-mute": .now { service, _ in
            try service.requireLeader()
            service.availability.isMuted = true
            return .empty
        },
        "drain": .waiting { service, request in try await service.drain(request) },
        "undrain": .waiting { service, request in try await service.undrain(request) },
        "status": .now(.anyUser) { service, request in
            guard service.isLeader else {
                throw ServiceError(errnum: Errno.proto, text: "this RPC only works on rank 0")
            }
            return try service.whenKnown(request) { .json($0.statusReport($1)) }
        },
        "sched-status": .waiting(.anyUser) { service, request in try await service.schedulerStatus(request) },
        "get": .now { service, request in
            guard let inventory = service.inventory else { throw ServiceError(errnum: Errno.noEntry) }
            return .json(["R": inventory.json, "method": .string(service.method)])
        },
        "topo-get": .now(.anyUser) { _, _ in
            do {
                return .bytes(Message.textPayload(try HardwareProbe.xml()))
            } catch {
                throw ServiceError(errnum: Errno.io, text: "\(error)")
            }
        },
        "topo-reduce": .now { service, request in
            let payload = try request.decodeJSON().requireObject()
            try service.reduce(count: try payload.int("count"), try payload.value("resource"))
            return .deferred
        },
        "expiration-update": .now { service, request in
            try service.requireLeader()
            let expiration = try request.decodeJSON().requireObject().number("expiration")
            service.changeExpiration(to: expiration)
            return .empty
        },
        "monitor-waitup": .now { service, request in
            try service.requireLeader()
            let count = Int(try request.decodeJSON().requireObject().int("up"))
            if service.availability.online.count >= count { return .empty }
            service.upWaiters.append((request, count))
            return .deferred
        },
        "monitor-force-down": .now { service, request in
            try service.requireLeader()
            let text = try request.decodeJSON().requireObject().string("ranks")
            guard let ranks = Idset(text) else { throw ServiceError(errnum: Errno.invalid, text: "invalid idset") }
            let before = service.availability
            service.availability.forceDown(ranks)
            service.noteChange(from: before)
            return .empty
        },
        "reload": .now { service, request in try service.reload(request) },
        "journal": .now { service, request in
            guard request.flags.contains(.streaming) else {
                throw ServiceError(errnum: Errno.proto, text: "journal requires streaming RPC flag")
            }
            let r = service.inventory?.json
            service.flux.respond(to: request, JournalResponse(events: service.journal.all, r: r).json)
            service.flux.respond(to: request, JournalResponse.sentinel.json)
            service.journalFollowers.add(request, true)
            return .deferred
        },
        "journal-cancel": .now { service, request in
            let tag = try request.decodeJSON().requireObject().int("matchtag", as: UInt32.self)
            if let entry = service.journalFollowers.cancel(matchtag: tag, by: request) {
                service.flux.respond(to: entry.request, errnum: Errno.noData)
            }
            return .deferred
        },
    ]

    // MARK: Life

    /// Arguments of the module; the last two are for what this service never does.
    private static let options: Set = ["monitor-force-up", "noverify", "notruncate"]

    public func start() async throws {
        settings = try ResourceSettings(configuration: context.configuration)
        if context.arguments.contains("noverify") { settings.skipsVerification = true }
        if context.arguments.contains("notruncate") || context.attributes["broker.recovery-mode"] != nil {
            settings.truncates = false
        }
        for option in context.arguments where !Self.options.contains(option) {
            throw ServiceError(errnum: Errno.invalid, text: "unknown option: \(option)")
        }
        guard isLeader else { return try await joinInventory() }
        isRecovering = (try? await flux.query("attr.get", ["name": "broker.recovery-mode"])) != nil
        journal.limit = settings.journalLimit
        try await restoreDrains()
        if context.arguments.contains("monitor-force-up") { availability.online = Idset(0..<context.size) }
        post(
            .restart(
                ranks: Idset(0..<context.size), online: availability.online,
                nodelist: context.attributes["hostlist"] ?? ""))
        let found = try await knownInventory()
        try settings.checkExclude(size: context.size, inventory: found?.set)
        if let found {
            try await define(found.set, method: found.method)
            try await truncateHistory()
            if verifies(found.method) { try await verify(try probe(), against: found.set) }
        } else {
            if let hostlist = context.attributes["hostlist"] { try settings.checkQueues(hostlist: hostlist) }
            try reduce(count: 1, try probe().json)
        }
        if context.arguments.contains("monitor-force-up") { return }
        // Who repairs an instance wants to run nothing: all stay offline.
        if isRecovering { return }
        Task { await monitor("broker.online") { $0.availability.setOnline($1) } }
        Task { await monitor("broker.torpid") { $0.availability.torpid = $1 } }
    }

    public func stop() async {
        for stream in streams { stream.abandon() }
        parent?.close()
        guard isLeader, inventory != nil, !isRecovering else { return }
        let entries = drains.grouped.map { group in
            DrainCheckpoint.Entry(
                ranks: group.ranks, nodelist: nodelist(of: group.ranks), timestamp: group.entry.timestamp,
                reason: group.entry.reason)
        }
        var transaction = KVSTransaction()
        let checkpoint = DrainCheckpoint(timestamp: context.reactor.wallTime, entries: entries)
        transaction.put("checkpoint.resource", checkpoint.json.bytes)
        _ = try? await flux.commit(transaction)
    }

    /// The owner has come to repair the state by hand.
    private var isRecovering = false

    /// Only the limit of the journal changes without a reload.
    public func configure(_ configuration: JSON) throws {
        settings.journalLimit = try ResourceSettings(configuration: configuration).journalLimit
        journal.limit = settings.journalLimit
    }

    public func disconnected(_ request: Message) {
        _ = journalFollowers.disconnect(by: request)
        if scheduler?.sender == request.sender { scheduler = nil }
        upWaiters.removeAll { $0.request.sender == request.sender }
    }

    func requireLeader() throws(ServiceError) {
        guard isLeader else { throw ServiceError(errnum: Errno.proto, text: "this RPC is only available on rank 0") }
    }

    // MARK: Finding the resources

    /// R from the configuration, from the KVS, or from the enclosing instance; nil when the hardware has to be asked.
    private func knownInventory() async throws -> (set: ResourceSet, method: String)? {
        if let set = try settings.configuredResources(
            hostlist: context.attributes["hostlist"], isBootstrapped: context.configuration["bootstrap"] != nil)
        {
            return (set, ResourceEvent.Method.configuration)
        }
        if !settings.rediscovers, let bytes = try? await flux.lookup("resource.R") {
            return (try ResourceSet(parsing: String(decoding: bytes, as: UTF8.self)), ResourceEvent.Method.kvs)
        }
        if let set = await inheritedResources(), !settings.rediscovers { return (set, ResourceEvent.Method.jobInfo) }
        return nil
    }

    private func probe() throws(ServiceError) -> ResourceSet {
        do {
            let found = try HardwareProbe()
            var set = ResourceSet()
            let host = context.attributes["hostname"] ?? "rank\(context.rank)"
            try set.insert(
                rank: context.rank, hostname: host,
                children: ResourceSet.Children(cores: found.cores, gpus: found.gpus))
            return set
        } catch {
            throw ServiceError(errnum: Errno.io, text: "resource discovery: \(error)")
        }
    }

    /// Tells those above what this node has. If the resources are known already, that is compared with them first.
    private func joinInventory() async throws {
        let found = try probe()
        if !settings.skipsVerification,
            let answer = try? await flux.query("resource.get", nodeID: 0),
            let method = answer["method"]?.stringValue, verifies(method),
            let r = answer["R"], let expected = try? ResourceSet(json: r)
        {
            try await verify(found, against: expected)
        }
        try reduce(count: 1, found.json)
    }

    /// The enclosing instance has verified what it has given us.
    private func verifies(_ method: String) -> Bool {
        !settings.skipsVerification && (method != ResourceEvent.Method.jobInfo || settings.verifiesExplicitly)
    }

    /// A node that lacks something, or is another one, takes itself out of service.
    private func verify(_ found: ResourceSet, against expected: ResourceSet) async throws {
        let reason: String
        switch found.verify(against: expected, settings.verify) {
        case .matches: return
        case .hasExtra(let text), .fails(let text): reason = text
        }
        context.log(.err, "draining: \(reason)")
        guard isLeader else {
            try await flux.rpc(
                "resource.drain",
                ["targets": .string("\(context.rank)"), "reason": .string(reason), "mode": "update"], nodeID: 0)
            return
        }
        _ = try await drain(Idset([context.rank]), reason: reason, mode: .update)
    }

    /// Takes the resources of some brokers from below; what comes in one turn goes on in one message.
    private func reduce(count: Int64, _ resource: JSON) throws {
        let set = try ResourceSet(json: resource)
        guard inventory == nil else { return }
        // A broker whose module is loaded again says the same again.
        parts.add(set.select(ranks: set.ranks.subtracting(parts.ranks)))
        partCount += count
        guard isLeader else {
            guard !isForwarding else { return }
            isForwarding = true
            return context.reactor.later { self.here { $0.forward() } }
        }
        guard parts.nodeCount >= Int(context.size) else { return }
        let whole = parts
        Task { try await define(whole, method: ResourceEvent.Method.dynamicDiscovery) }
    }

    private func forward() {
        isForwarding = false
        flux.notify(
            "resource.topo-reduce", ["count": .int(partCount), "resource": parts.json], nodeID: context.rank,
            flags: .upstream)
        parts = ResourceSet()
        partCount = 0
    }

    /// The resources are known: store them, and serve whoever waits.
    private func define(_ found: ResourceSet, method: String) async throws {
        var set = found
        if method == ResourceEvent.Method.dynamicDiscovery { set.expiration = inheritedExpiration }
        try settings.markQueues(in: &set)
        inventory = set
        self.method = method
        availability.shrinks = method != ResourceEvent.Method.configuration
        availability.excluded = try settings.excludedRanks(in: set)
        let undrained = drains.ranks.intersection(availability.excluded)
        drains.remove(undrained)
        availability.drained = drains.ranks
        var transaction = KVSTransaction()
        if method != ResourceEvent.Method.kvs { transaction.put("resource.R", set.json.bytes) }
        let entry = ResourceEvent.resourceDefine(method: method).entry(timestamp: context.reactor.wallTime)
        transaction.append("resource.eventlog", entry.bytes)
        record(entry)
        if !undrained.isEmpty {
            // A node that is excluded is not drained as well, also not when it comes back.
            let event = ResourceEvent.Drain(ranks: undrained, nodelist: nodelist(of: undrained))
            let entry = ResourceEvent.undrain(event).entry(timestamp: context.reactor.wallTime)
            transaction.append("resource.eventlog", entry.bytes)
            record(entry)
        }
        try await flux.commit(transaction)
        let waiting = undecided
        undecided = []
        for request in waiting { answerLate(request) }
    }

    private func answerLate(_ request: Message) {
        switch request.topic {
        case "resource.acquire": beginAcquire(request)
        default: if let inventory { flux.respond(to: request, statusReport(inventory)) }
        }
    }

    private func whenKnown(
        _ request: Message, _ body: (isolated ResourceService, ResourceSet) throws -> Reply
    ) throws -> Reply {
        try requireLeader()
        guard let inventory else {
            undecided.append(request)
            return .deferred
        }
        return try body(self, inventory)
    }

    // MARK: Who is there

    private func monitor(_ group: String, _ take: @Sendable (isolated ResourceService, Idset) -> Void) async {
        let stream = flux.stream("groups.get", ["name": .string(group)])
        streams.append(stream)
        while let answer = try? await stream.nextJSON() {
            guard let members = answer["members"]?.stringValue.flatMap({ Idset($0) }) else { continue }
            let before = availability
            take(self, members)
            noteChange(from: before)
        }
    }

    private func noteChange(from before: Availability) {
        let time = context.reactor.wallTime
        let came = availability.online.subtracting(before.online)
        let left = before.online.subtracting(availability.online)
        let fellSilent = availability.torpid.subtracting(before.torpid)
        let spoke = before.torpid.subtracting(availability.torpid)
        if !came.isEmpty { record(ResourceEvent.online(came).entry(timestamp: time)) }
        if !left.isEmpty { record(ResourceEvent.offline(left).entry(timestamp: time)) }
        if !fellSilent.isEmpty { record(ResourceEvent.torpid(fellSilent).entry(timestamp: time)) }
        if !spoke.isEmpty { record(ResourceEvent.lively(spoke).entry(timestamp: time)) }
        let ready = upWaiters.filter { availability.online.count >= $0.count }
        upWaiters.removeAll { availability.online.count >= $0.count }
        for waiter in ready { flux.respond(to: waiter.request) }
        tellScheduler()
    }

    // MARK: The scheduler

    private func acquire(_ request: Message) throws -> Reply {
        try requireLeader()
        guard scheduler == nil else { throw ServiceError(errnum: Errno.busy) }
        scheduler = request
        hasSchedulerAnswer = false
        guard inventory != nil else {
            undecided.append(request)
            return .deferred
        }
        beginAcquire(request)
        return .deferred
    }

    private func beginAcquire(_ request: Message) {
        guard var set = inventory, scheduler == request else { return }
        _ = set.remove(ranks: availability.excluded.union(availability.gone))
        hasSchedulerAnswer = true
        flux.respond(to: request, AcquiredResources(resources: set.json, up: availability.begin()).json)
    }

    func tellScheduler(_ update: AcquireUpdate? = nil) {
        guard let scheduler, hasSchedulerAnswer, let update = update ?? availability.takeUpdate() else { return }
        flux.respond(to: scheduler, update.json)
    }

    // MARK: Reports

    func statusReport(_ inventory: ResourceSet) -> JSON {
        let all = inventory.ranks
        var shown = inventory
        shown.scheduling = nil
        return [
            "R": shown.json, "drain": drains.json, "online": .string("\(availability.online)"),
            "offline": .string("\(all.subtracting(availability.online))"),
            "exclude": .string("\(availability.excluded)"), "torpid": .string("\(availability.torpid)"),
        ]
    }

    private func schedulerStatus(_ request: Message) async throws -> Reply {
        try requireLeader()
        guard let inventory else {
            throw ServiceError(errnum: Errno.again, text: "resources are not known yet")
        }
        var all = inventory
        _ = all.remove(ranks: availability.excluded.union(availability.gone))
        let down = all.select(ranks: all.ranks.subtracting(availability.up))
        var allocated = ResourceSet().json
        if let answer = try? await flux.query("job-manager.resource-status"), let set = answer["allocated"] {
            allocated = set
        }
        return .json(["all": all.json, "down": down.json, "allocated": allocated])
    }

    // MARK: Events

    /// Puts an event into the journal, and into the KVS if it is to outlive the broker.
    func post(_ event: ResourceEvent) {
        let entry = event.entry(timestamp: context.reactor.wallTime)
        record(entry)
        guard event.isPersistent else { return }
        var transaction = KVSTransaction()
        transaction.append("resource.eventlog", entry.bytes)
        flux.commit(transaction, done: { _ in })
    }

    func record(_ entry: Eventlog.Entry) {
        journal.append(entry)
        let r = entry.name == "resource-define" ? inventory?.json : nil
        for (_, follower) in journalFollowers.all {
            flux.respond(to: follower.request, JournalResponse(events: [entry], r: r).json)
        }
    }

    func nodelist(of ranks: Idset) -> String {
        var names = inventory?.select(ranks: ranks).nodes.map { $0.hostname ?? "" } ?? []
        if names.count < ranks.count, let text = context.attributes["hostlist"], let all = try? Hostlist(parsing: text) {
            // A broker may run where the resources have no node.
            let hosts = Array(all)
            names = ranks.compactMap { Int($0) < hosts.count ? hosts[Int($0)] : nil }
        }
        return (try? Hostlist(hosts: names))?.description ?? names.joined(separator: ",")
    }

    private func reload(_ request: Message) throws -> Reply {
        try requireLeader()
        let payload = try request.decodeJSON().requireObject()
        guard scheduler == nil else {
            throw ServiceError(errnum: Errno.busy, text: "resources are busy (unload scheduler?)")
        }
        let path = try payload.string("path")
        let isFolder = try payload.optionalBool("xml") ?? false
        let set = isFolder ? try ResourceSettings.load(topologies: path) : try ResourceSettings.load(path)
        if set.ranks.last ?? 0 >= context.size {
            guard try payload.optionalBool("force") ?? false else {
                throw ServiceError(
                    errnum: Errno.invalid,
                    text: "resource object contains ranks execeeding size=\(context.size) (override with -f)")
            }
            context.log(.err, "WARN: resource object contains ranks exceeding size=\(context.size)")
        }
        inventory = nil
        Task {
            do {
                try await define(set, method: ResourceEvent.Method.reload)
                flux.respond(to: request)
            } catch {
                let refusal = ServiceError(describing: error)
                flux.respond(to: request, errnum: refusal.errnum, refusal.text)
            }
        }
        return .deferred
    }
}
