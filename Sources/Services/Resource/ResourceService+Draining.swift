internal import Client
internal import FluxJSON
internal import KVSClient
internal import RFC03Message
internal import RFC18Eventlog
internal import RFC20R
internal import RFC22Idset
internal import RFC44ResourceEvents
internal import Reactor
internal import Service

extension ResourceService {
    /// Drain state of an earlier life: the checkpoint, then the events after it.
    func restoreDrains() async throws {
        var since = 0.0
        if let bytes = try? await flux.lookup("checkpoint.resource"),
            let json = try? JSON(parsing: bytes), let checkpoint = try? DrainCheckpoint(json: json)
        {
            since = checkpoint.timestamp
            for entry in checkpoint.entries {
                let drain = ResourceEvent.Drain(
                    ranks: entry.ranks, nodelist: entry.nodelist, reason: entry.reason, overwrite: .reasonAndTime)
                drains.apply(drain, at: entry.timestamp)
            }
        }
        guard let bytes = try? await flux.lookup("resource.eventlog"), let log = try? Eventlog(parsing: bytes) else {
            return
        }
        for entry in log.entries where entry.timestamp >= since {
            switch try? ResourceEvent(entry) {
            case .drain(let drain): drains.apply(drain, at: entry.timestamp)
            case .undrain(let drain): drains.remove(drain.ranks)
            default: break
            }
        }
    }

    func drain(_ request: Message) async throws -> Reply {
        try requireLeader()
        let payload = try request.decodeJSON().requireObject()
        let targets = try self.targets(try payload.string("targets"))
        let reason = try payload.optionalString("reason")
        var mode: DrainTable.Mode?
        if let text = try payload.optionalString("mode") {
            mode = DrainTable.Mode(rawValue: text)
            guard mode != nil else { throw ServiceError(errnum: Errno.invalid, text: "Invalid mode specified") }
        }
        let change: (ranks: Idset, overwrite: ResourceEvent.Drain.Overwrite)
        do {
            change = try drains.drain(
                targets, reason: reason, mode: mode, excluded: availability.excluded, now: context.reactor.wallTime)
        } catch let refusal as DrainTable.Refusal {
            throw ServiceError(errnum: refusal.errnum, text: refusal.text)
        }
        guard !change.ranks.isEmpty else { return .empty }
        let event = ResourceEvent.Drain(
            ranks: change.ranks, nodelist: nodelist(of: change.ranks), reason: reason, overwrite: change.overwrite)
        return try await persist(.drain(event))
    }

    func undrain(_ request: Message) async throws -> Reply {
        try requireLeader()
        let payload = try request.decodeJSON().requireObject()
        let targets = try self.targets(try payload.string("targets"))
        let mode = try payload.optionalString("mode")
        if let mode, DrainTable.Mode(rawValue: mode) == nil, mode != "force" {
            throw ServiceError(errnum: Errno.invalid, text: "invalid undrain mode '\(mode)' specified")
        }
        let ranks: Idset
        do {
            ranks = try drains.undrain(targets, isLenient: mode != nil)
        } catch let refusal as DrainTable.Refusal {
            throw ServiceError(errnum: refusal.errnum, text: refusal.text)
        }
        guard !ranks.isEmpty else { return .empty }
        let event = ResourceEvent.Drain(
            ranks: ranks, nodelist: nodelist(of: ranks), reason: try payload.optionalString("reason"))
        return try await persist(.undrain(event))
    }

    /// The response waits until the event is stored.
    private func persist(_ event: ResourceEvent) async throws -> Reply {
        availability.drained = drains.ranks
        tellScheduler()
        let entry = event.entry(timestamp: context.reactor.wallTime)
        record(entry)
        var transaction = KVSTransaction()
        transaction.append("resource.eventlog", entry.bytes)
        try await flux.commit(transaction)
        return .empty
    }

    /// Ranks from an idset or a hostlist.
    private func targets(_ text: String) throws -> Idset {
        if let ranks = Idset(text) {
            guard !ranks.isEmpty else { throw ServiceError(errnum: Errno.invalid, text: "idset is empty") }
            guard ranks.last ?? 0 < context.size else {
                throw ServiceError(errnum: Errno.invalid, text: "idset is out of range")
            }
            return ranks
        }
        guard let inventory else { throw ServiceError(errnum: Errno.again, text: "resources are not known yet") }
        do {
            return try inventory.ranks(ofHosts: text)
        } catch {
            throw ServiceError(errnum: Errno.invalid, text: "invalid targets: \(error)")
        }
    }
}
