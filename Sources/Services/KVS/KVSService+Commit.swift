internal import Blob
internal import Client
internal import FluxJSON
internal import RFC03Message
internal import RFC10Content
internal import Reactor
internal import Service

extension KVSService {
    /// `kvs.commit`: the leader applies it, a follower relays it; both answer when the new root is known here.
    func commit(_ request: Message) throws -> Reply {
        let payload = try request.decodeJSON().requireObject()
        let ops = try payload.array("ops")
        let name = try payload.string("namespace")
        let flags = try payload.int("flags")
        if !request.roles.contains(.owner) { try authorizeGuest(ops) }
        guard try namespace(name, for: request) != nil else { return .deferred }

        let transaction = "transaction_req.\(rank).\(commitCount)"
        commitCount &+= 1
        namespaces[name]?.commits[transaction] = request
        if rank == 0 {
            add(Transaction(name: transaction, flags: flags, ops: ops), to: name)
        } else {
            flux.notify(
                "kvs.relaycommit",
                [
                    "ops": .array(ops), "name": .string(transaction), "namespace": .string(name),
                    "flags": .int(flags),
                ], nodeID: 0)
            watchOverLeader()
        }
        return .deferred
    }

    /// A relayed commit is answered by an event, which never comes when the way to the leader is broken: while commits wait,
    /// the leader is asked for a sign of life each second.
    private func watchOverLeader() {
        guard leaderTimer == nil else { return }
        leaderTimer = flux.reactor.schedule(after: .seconds(1)) { self.here { $0.askLeader() } }
    }

    private func askLeader() {
        leaderTimer = nil
        guard namespaces.values.contains(where: { !$0.commits.isEmpty }) else { return }
        flux.call(.request("kvs.ping", json: [:], nodeID: 0)) { result in
            self.here { service in
                guard let errnum = result.errnum else { return service.watchOverLeader() }
                for (name, namespace) in service.namespaces { service.finish(name, Array(namespace.commits.keys), errnum) }
            }
        }
    }

    private func authorizeGuest(_ ops: [JSON]) throws {
        for op in ops {
            guard let operation = try? Operation(json: op) else {
                throw ServiceError(errnum: Errno.proto, text: "could not decode commit operation")
            }
            if let refusal = operation.refusalForGuests { throw ServiceError(errnum: Errno.perm, text: refusal) }
        }
    }

    /// `kvs.relaycommit`: a follower's commit. It is never answered; the events tell.
    func relayCommit(_ request: Message) -> Reply {
        guard let payload = try? request.decodeJSON().objectValue, let ops = payload["ops"]?.arrayValue,
            let transaction = payload["name"]?.stringValue, let name = payload["namespace"]?.stringValue,
            let flags = payload["flags"]?.intValue
        else { return .deferred }
        guard rank == 0, let namespace = namespaces[name], !namespace.isRemoved else {
            publishFailure(name, [transaction], Errno.notSupported)
            return .deferred
        }
        add(Transaction(name: transaction, flags: flags, ops: ops), to: name)
        return .deferred
    }

    private func add(_ transaction: Transaction, to name: String) {
        operationCounts.add(Double(transaction.operations.count))
        advance(name, .add(transaction))
    }

    /// Gives an event to a namespace's queue and does what it wants.
    func advance(_ name: String, _ event: CommitQueue.Event) {
        guard var queue = namespaces[name]?.queue else { return }
        // Taken out, so that the queue is changed in place.
        namespaces[name]?.queue = nil
        cache.now = seconds
        let directives = queue.apply(event, &cache)
        namespaces[name]?.queue = queue
        for directive in directives { carryOut(directive, name) }
        if cache.isOverfull { cache.trim(keeping: Set(namespaces.values.map(\.root))) }
    }

    private func carryOut(_ directive: CommitQueue.Directive, _ name: String) {
        switch directive {
        case .callBack(let delay):
            let begin: () -> Void = { self.here { $0.advance(name, .begin) } }
            if delay > 0 { flux.reactor.schedule(after: .seconds(delay), begin) } else { flux.reactor.later(begin) }
        case .load(let references):
            batchLoads[name] = BatchLoad(missing: references.count)
            load(references, for: .batch(name))
        case .store(let blobs, let root, let sequence): store(blobs, root, sequence, name)
        case .checkpoint(let root, let sequence):
            flux.call(.request("content.checkpoint-put", json: checkpoint(root, sequence))) { result in
                self.here { $0.advance(name, result.errnum.map { .checkpointFailed($0) } ?? .checkpointed) }
            }
        case .publish(let root, let sequence, let names, let keys):
            publish(name, root, sequence, names, keys)
        case .fail(let names, let errnum):
            publishFailure(name, names, errnum)
            finish(name, names, errnum)
            dropIfIdle(name)
        }
    }

    /// Hands new blobs to the content service; for a durable store the root right behind them.
    private func store(
        _ blobs: [(reference: Blobref, bytes: [UInt8])], _ root: Blobref, _ sequence: Int64, _ name: String
    ) {
        var payload: [UInt8] = []
        payload.reserveCapacity(blobs.reduce(0) { $0 + $1.bytes.count + 4 + algorithm.digestSize })
        for (reference, bytes) in blobs {
            payload.append(contentsOf: reference.digest)
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: bytes.count).bigEndian) { payload.append(contentsOf: $0) }
            payload.append(contentsOf: bytes)
        }
        let mustPersist = isDurable && name == CommitQueue.primary
        flux.call(.request("content.store-many", payload: payload)) { result in
            guard !mustPersist || result.errnum != nil else { return }
            self.here { $0.advance(name, result.errnum.map { .storeFailed($0) } ?? .stored) }
        }
        guard mustPersist else { return }
        flux.call(.request("content.root-put", json: checkpoint(root, sequence))) { result in
            self.here { service in
                // Without a backing store nothing can be kept, and nobody can expect it.
                let errnum = result.errnum == Errno.noSystem ? nil : result.errnum
                service.advance(name, errnum.map { .storeFailed($0) } ?? .stored)
            }
        }
    }

    func checkpoint(_ root: Blobref, _ sequence: Int64) -> JSON {
        [
            "value": [
                "version": 1, "rootref": .string(root.description), "sequence": .int(sequence),
                "timestamp": .real(flux.reactor.wallTime),
            ]
        ]
    }

    // MARK: Telling everybody

    private func publish(_ name: String, _ root: Blobref, _ sequence: Int64, _ names: [String], _ keys: [String]) {
        guard let owner = namespaces[name]?.owner else { return }
        var changed = JSON.Object()
        for key in keys { changed[key] = .null }
        let event = sendEvent(
            "kvs.namespace-\(name)-setroot",
            [
                "namespace": .string(name), "rootseq": .int(sequence), "rootref": .string(root.description),
                "names": .array(names.map { .string($0) }), "keys": .object(changed),
                "owner": .int(Int64(Int32(bitPattern: owner))),
            ])
        if names.count > 1 { context.log(.debug, "aggregated \(names.count) transactions") }
        guard namespaces[name]?.isPaused != true else {
            namespaces[name]?.heldEvents.append(event)
            return
        }
        let ready = namespaces[name]?.setRoot(root, sequence, now: seconds) ?? []
        finish(name, names, nil)
        for request in ready { runAgain(request) }
        dropIfIdle(name)
    }

    private func publishFailure(_ name: String, _ names: [String], _ errnum: Int32) {
        sendEvent(
            "kvs.namespace-\(name)-error",
            [
                "namespace": .string(name), "names": .array(names.map { .string($0) }),
                "errnum": .int(Int64(errnum)),
            ])
    }

    /// An event without a sequence number: the leader's broker publishes it.
    ///
    /// The leader does not hear its own events: it knows already what they tell.
    @discardableResult
    func sendEvent(_ topic: String, _ payload: JSON) -> Message {
        var event = Message.event(topic, json: payload)
        event.flags.insert(.isPrivate)
        flux.send(event)
        return event
    }

    /// Answers the commits of this broker that an update lists.
    func finish(_ name: String, _ names: [String], _ errnum: Int32?) {
        guard let namespace = namespaces[name], !namespace.commits.isEmpty else { return }
        for transaction in names {
            guard let request = namespaces[name]?.commits.removeValue(forKey: transaction) else { continue }
            if let errnum {
                flux.respond(to: request, errnum: errnum)
            } else {
                flux.respond(
                    to: request,
                    ["rootref": .string(namespace.root.description), "rootseq": .int(namespace.sequence)])
            }
        }
    }
}

extension Result where Success == Message, Failure == RPCError {
    /// The errno of a failure.
    var errnum: Int32? {
        if case .failure(let error) = self { error.errnum } else { nil }
    }
}
