internal import Blob
internal import Client
public import FluxJSON
internal import RFC03Message
internal import RFC10Content
internal import RFC23FSD
internal import Reactor
internal import Service

extension KVSService {
    public func start() async throws {
        try readArguments()
        checkpointPeriod = try Self.checkpointPeriod(context.configuration)
        guard let known = Blobref.Algorithm(rawValue: await attribute("content.hash") ?? "sha1") else {
            throw ServiceError(errnum: Errno.invalid, text: "content.hash: unknown hash type")
        }
        algorithm = known
        if rank == 0 { try await startLeader() }
        try await flux.subscribe("heartbeat.pulse") { _ in self.here { $0.expire() } }
    }

    private func startLeader() async throws {
        isDurable = await attribute("statedir-cleanup") != "1"
        // New namespaces begin with the empty directory, which nobody stores for them.
        let empty = Directory()
        let emptyRoot = empty.reference(algorithm)
        do throws(RPCError) {
            let stored = try await flux.rpc("content.store", bytes: empty.blob)
            guard stored.payload == emptyRoot.digest else {
                throw RPCError(errnum: Errno.proto, text: "hash mismatch of kvs and content", topic: "content.store")
            }
        } catch {
            // A full disk is no reason not to read what is there; the content cache tries again.
            guard error.errnum == Errno.noSpace else { throw error }
            context.log(.err, "\(error)")
        }
        var (root, sequence): (Blobref, Int64) = (initialRoot ?? emptyRoot, 0)
        if initialRoot == nil, let checkpoint = await newestCheckpoint() { (root, sequence) = checkpoint }
        addNamespace(CommitQueue.primary, owner: instanceOwner, flags: 0, root: root, sequence: sequence)
        startCheckpointTimer()
    }

    private func newestCheckpoint() async -> (Blobref, Int64)? {
        guard let answer = try? await flux.query("content.checkpoint-get"), let value = answer["value"],
            // Older backing stores give one checkpoint, newer ones all, newest first.
            let newest = value.arrayValue?.first ?? (value.objectValue.map { .object($0) }),
            newest["version"]?.intValue == 1, let text = newest["rootref"]?.stringValue,
            let root = try? Blobref(parsing: text)
        else { return nil }
        let time = newest["timestamp"]?.numberValue.map { Timestamp.utc($0).prefix(19) + "Z" } ?? "N/A"
        context.log(.info, "restored KVS from checkpoint on \(time)")
        return (root, newest["sequence"]?.intValue ?? 0)
    }

    private func attribute(_ name: String) async -> String? {
        if let known = context.attributes[name] { return known }
        return try? await flux.query("attr.get", ["name": .string(name)])["value"]?.stringValue
    }

    private func readArguments() throws {
        for argument in context.arguments {
            if argument.hasPrefix("transaction-merge=") {
                guard let number = UInt64(argument.dropFirst("transaction-merge=".count)) else {
                    throw ServiceError(errnum: Errno.invalid)
                }
                isMerging = number != 0
            } else if argument.hasPrefix("initial-rootref=") {
                guard let root = try? Blobref(parsing: String(argument.dropFirst("initial-rootref=".count))) else {
                    throw ServiceError(errnum: Errno.invalid)
                }
                initialRoot = root
            } else {
                context.log(.err, "Unknown option `\(argument)'")
                throw ServiceError(errnum: Errno.invalid)
            }
        }
    }

    // MARK: Checkpoints

    static func checkpointPeriod(_ configuration: JSON) throws -> Double {
        guard let value = configuration["kvs"]?["checkpoint-period"] else { return 0 }
        guard let text = value.stringValue else {
            throw ServiceError(errnum: Errno.invalid, text: "error reading config for kvs: Expected string")
        }
        guard let period = try? FluxDuration(parsing: text) else {
            throw ServiceError(errnum: Errno.invalid, text: "invalid checkpoint-period config: \(text)")
        }
        return period.seconds
    }

    func startCheckpointTimer() {
        if let checkpointTimer { flux.reactor.cancel(checkpointTimer) }
        checkpointTimer = nil
        guard rank == 0, checkpointPeriod > 0, checkpointPeriod.isFinite else { return }
        let period = Duration.nanoseconds(Int64(min(checkpointPeriod, 1e9) * 1e9))
        checkpointTimer = flux.reactor.schedule(after: period, every: period) { self.here { $0.writeCheckpoint() } }
    }

    /// Writes a checkpoint when the primary root has changed since the last one.
    private func writeCheckpoint() {
        guard let primary = namespaces[CommitQueue.primary], primary.sequence != lastCheckpoint else { return }
        lastCheckpoint = primary.sequence
        flux.call(.request("content.checkpoint-put", json: checkpoint(primary.root, primary.sequence))) { result in
            guard case .failure(let error) = result, error.errnum != Errno.noSystem else { return }
            self.here { $0.context.log(.err, "checkpoint-period: \(error)") }
        }
    }

    public func stop() async {
        for timer in [checkpointTimer, leaderTimer].compactMap({ $0 }) { flux.reactor.cancel(timer) }
        var unfinished = lookups.values.map(\.request) + fetching.values.joined()
        for namespace in namespaces.values {
            unfinished += namespace.commits.values
            unfinished += namespace.versionWaiters.map(\.request)
        }
        for request in unfinished {
            flux.respond(to: request, errnum: Errno.noSystem)
            context.log(.err, "failing pending '\(request.topic ?? "unknown")' request")
        }
        guard rank == 0, let primary = namespaces[CommitQueue.primary] else { return }
        do {
            try await flux.rpc("content.checkpoint-put", checkpoint(primary.root, primary.sequence))
        } catch {
            // Without a backing store there is nothing to write to, which is no error.
            guard error.errnum != Errno.noSystem else { return }
            context.log(.err, "error saving primary KVS checkpoint: \(error)")
        }
    }

    // MARK: Statistics

    public func statistics() async throws -> JSON? {
        let sizes = cache.sizes
        var known = JSON.Object()
        for (name, namespace) in namespaces {
            known[name] = [
                "#versionwaiters": .int(Int64(namespace.versionWaiters.count)),
                "#no-op stores": .int(Int64(namespace.queue?.repeatedStores ?? 0)),
                "#transactions": .int(Int64(namespace.commits.count)),
                "#readytransactions": .int(Int64(namespace.queue?.count ?? 0)),
                "store revision": .int(namespace.sequence),
            ]
        }
        if known.isEmpty {
            known[CommitQueue.primary] = [
                "#watchers": 0, "#no-op stores": 0, "#transactions": 0, "#readytransactions": 0, "store revision": 0,
            ]
        }
        let waiting = namespaces.values.reduce(lookups.count) { $0 + $1.commits.count + $1.versionWaiters.count }
        return [
            "cache": [
                "obj size total (MiB)": .real(Double(cache.size) / 1_048_576),
                "obj size (KiB)": Self.json(sizes, scale: 1e-3),
                "#obj dirty": 0,
                "#obj incomplete": .int(Int64(loading.count)),
                "#faults": .int(faults),
            ],
            "namespace": .object(known),
            "transaction-opcount": ["commit": Self.json(operationCounts, scale: 1)],
            "pending_requests": .int(Int64(waiting)),
        ]
    }

    private static func json(_ numbers: RunningStatistics, scale: Double) -> JSON {
        [
            "count": .int(Int64(numbers.count)), "min": .int(Int64(numbers.minimum * scale)),
            "mean": .real(numbers.mean * scale), "stddev": .real(numbers.standardDeviation * scale),
            "max": .int(Int64(numbers.maximum * scale)),
        ]
    }
}
