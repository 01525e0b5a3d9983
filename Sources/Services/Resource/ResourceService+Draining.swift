internal import Client
internal import FluxJSON
internal import KVSClient
internal import RFC03Message
internal import RFC18Eventlog
internal import RFC20R
internal import RFC22Idset
internal import RFC29Hostlist
internal import RFC44ResourceEvents
internal import Reactor
internal import Service

extension ResourceService {
    /// Drain state of an earlier life: the checkpoint, then the events after it.
    func restoreDrains() async throws {
        let hosts = (try? Hostlist(parsing: context.attributes["hostlist"] ?? "")).map(Array.init) ?? []
        var since = 0.0
        if let bytes = try? await flux.lookup("checkpoint.resource") {
            let checkpoint: DrainCheckpoint
            do {
                checkpoint = try DrainCheckpoint(json: try JSON(parsing: bytes))
            } catch {
                throw ServiceError(errnum: Errno.proto, text: "checkpoint.resource: \(error)")
            }
            since = checkpoint.timestamp
            checkpointTime = since
            for entry in checkpoint.entries {
                let ranks = Self.present(entry.ranks, nodelist: entry.nodelist, hosts: hosts)
                let drain = ResourceEvent.Drain(
                    ranks: ranks, nodelist: entry.nodelist, reason: entry.reason, overwrite: .reasonAndTime)
                drains.apply(drain, at: entry.timestamp)
            }
        }
        guard let bytes = try? await flux.lookup("resource.eventlog") else { return }
        do {
            var entries = try Eventlog(parsing: bytes).entries
            if let new = EventlogUpgrade.upgraded(entries, hosts: hosts) {
                try await replaceEventlog(new)
                context.log(.info, "resource.eventlog: reduced from \(entries.count) to \(new.count) entries")
                entries = new
            }
            for entry in entries {
                // What the resources are is found out anew.
                if entry.name != "resource-define" { journal.append(entry) }
                guard entry.timestamp >= since else { continue }
                guard let event = try ResourceEvent(entry) else { continue }
                switch event {
                case .drain(let drain):
                    let now = ResourceEvent.Drain(
                        ranks: Self.present(drain.ranks, nodelist: drain.nodelist, hosts: hosts),
                        nodelist: drain.nodelist, reason: drain.reason, overwrite: drain.overwrite)
                    drains.apply(now, at: entry.timestamp)
                case .undrain(let drain):
                    drains.remove(Self.present(drain.ranks, nodelist: drain.nodelist, hosts: hosts))
                default: break
                }
            }
        } catch {
            throw ServiceError(errnum: Errno.proto, text: "resource.eventlog: \(error)")
        }
    }

    /// Forgets events whose result is in a checkpoint, once they are older than the configuration wants.
    func truncateHistory() async throws {
        guard settings.truncates, settings.history.isFinite, let checkpointTime,
            let bytes = try? await flux.lookup("resource.eventlog")
        else { return }
        let limit = settings.history > 0 ? min(checkpointTime, context.reactor.wallTime - settings.history) : checkpointTime
        guard let entries = try? Eventlog(parsing: bytes).entries, entries.contains(where: { $0.timestamp < limit }) else {
            return
        }
        try await replaceEventlog(entries.filter { $0.timestamp >= limit })
    }

    private func replaceEventlog(_ entries: [Eventlog.Entry]) async throws {
        var transaction = KVSTransaction()
        transaction.put("resource.eventlog", entries.flatMap(\.bytes))
        try await flux.commit(transaction)
    }

    /// The ranks that the hosts of an old event have now. A host that is gone is left out.
    ///
    /// - Parameter hosts: the host of each rank.
    static func present(_ ranks: Idset, nodelist: String, hosts: [String]) -> Idset {
        let names = (try? Hostlist(parsing: nodelist)).map(Array.init) ?? []
        guard !hosts.isEmpty else { return ranks }
        var result = Idset()
        for (index, rank) in ranks.enumerated() {
            let name = index < names.count ? names[index] : nil
            let isThere = Int(rank) < hosts.count
            if name == nil || isThere && hosts[Int(rank)] == name {
                if isThere { result.insert(rank) }
            } else if let now = hosts.firstIndex(where: { $0 == name }) {
                result.insert(UInt32(now))
            }
        }
        return result
    }

    private static func undrainMode(_ text: String?) throws(ServiceError) -> DrainTable.Mode? {
        guard let text else { return nil }
        guard let mode = DrainTable.Mode(rawValue: text) else {
            throw ServiceError(errnum: Errno.invalid, text: "invalid undrain mode '\(text)' specified")
        }
        return mode
    }

    private static func overwrite(_ mode: DrainTable.Mode?) -> ResourceEvent.Drain.Overwrite {
        switch mode {
        case .overwrite: .reason
        case .forceOverwrite: .reasonAndTime
        case .update, nil: .nothing
        }
    }

    /// Only the leader has these methods.
    private func requireMethod(_ request: Message) throws(ServiceError) {
        guard isLeader else {
            throw ServiceError(
                errnum: Errno.noSystem, text: "Unknown service method '\(request.topic ?? "")'")
        }
    }

    func drain(_ request: Message) async throws -> Reply {
        try requireMethod(request)
        let payload = try request.decodeJSON().requireObject()
        let targets = try self.targets(try payload.string("targets"))
        let reason = try payload.optionalString("reason")
        var mode: DrainTable.Mode?
        if let text = try payload.optionalString("mode") {
            mode = DrainTable.Mode(rawValue: text)
            guard mode != nil else { throw ServiceError(errnum: Errno.invalid, text: "Invalid mode specified") }
        }
        return try await drain(targets, reason: reason, mode: mode)
    }

    func drain(_ targets: Idset, reason: String?, mode: DrainTable.Mode?) async throws -> Reply {
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
        note("drain", event)
        return try await persist(.drain(event))
    }

    private func note(_ verb: String, _ event: ResourceEvent.Drain) {
        context.log(
            .info,
            "\(verb) idset=\(event.ranks) nodelist=\(event.nodelist) overwrite=\(event.overwrite.rawValue) "
                + "reason=\(event.reason ?? "")")
    }

    func undrain(_ request: Message) async throws -> Reply {
        try requireMethod(request)
        let payload = try request.decodeJSON().requireObject()
        let targets = try self.targets(try payload.string("targets"))
        let mode = try Self.undrainMode(try payload.optionalString("mode"))
        let ranks: Idset
        do {
            let isLenient = mode != nil
            ranks = try drains.undrain(targets, isLenient: isLenient)
        } catch let refusal as DrainTable.Refusal {
            throw ServiceError(errnum: refusal.errnum, text: refusal.text)
        }
        guard !ranks.isEmpty else { return .empty }
        let reason = try payload.optionalString("reason")
        let event = ResourceEvent.Drain(
            ranks: ranks, nodelist: nodelist(of: ranks), reason: reason, overwrite: Self.overwrite(mode))
        note("undrain", event)
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
            let limit = max(context.size, (inventory?.ranks.last).map { $0 &+ 1 } ?? 0)
            guard ranks.last ?? 0 < limit else {
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
