internal import Client
internal import FluxJSON
internal import RFC03Message
internal import Service

extension ContentService {
    /// `content.register-backing {name}`: a backing store is ready.
    ///
    /// Ours only: `asks-back`, true of a store that asks `content.peek` before it says that a blob is nowhere.
    func registerBacking(_ request: Message) async throws -> Reply {
        let payload = try request.decodeJSON().requireObject()
        let name = try payload.string("name")
        let asksBack = try payload.optionalBool("asks-back") ?? false
        guard rank == 0 else {
            throw ServiceError(
                errnum: Errno.invalid, text: "content backing store can only be registered on rank 0")
        }
        guard !cache.hasBacking else {
            throw ServiceError(errnum: Errno.busy, text: "content backing store is already active")
        }
        // The first store that registers, or the command line, decides for the life of the instance.
        let known = try? await flux.query("attr.get", ["name": "content.backing-module"])["value"]?.stringValue
        if let known {
            guard known == name else {
                throw ServiceError(
                    errnum: Errno.invalid, text: "content backing store cannot be changed on the fly")
            }
        } else {
            try await flux.rpc(
                "attr.set", ["name": "content.backing-module", "value": .string(name), "force": true])
        }
        guard !cache.hasBacking else {
            throw ServiceError(errnum: Errno.busy, text: "content backing store is already active")
        }
        context.log(.debug, "content backing store: enabled \(name)")
        carryOut(.backingRegistered(asksBack: asksBack))
        return .empty
    }

    func unregisterBacking() throws -> Reply {
        guard cache.hasBacking else {
            throw ServiceError(errnum: Errno.invalid, text: "content backing store is not active")
        }
        context.log(.debug, "content backing store: disabled")
        if cache.dirtyCount > 0 { context.log(.err, "\(cache.dirtyCount) unflushables") }
        carryOut(.backingUnregistered)
        return .empty
    }

    func checkpointGet(_ request: Message) async throws -> Reply {
        guard rank != 0 || cache.hasBacking else {
            throw ServiceError(errnum: Errno.noSystem, text: "checkpoint get unavailable, no backing store")
        }
        let answer = try await flux.rpc(below("checkpoint-get", payload: nil))
        return .bytes(answer.payload ?? [])
    }

    func checkpointPut(_ request: Message) async throws -> Reply {
        guard rank != 0 || cache.hasBacking else {
            throw ServiceError(errnum: Errno.noSystem, text: "checkpoint put unavailable, no backing store")
        }
        _ = try request.decodeJSON().requireObject().object("value")
        do {
            try await flushed()
        } catch let error as ServiceError {
            throw ServiceError(errnum: error.errnum, text: error.text ?? "error flushing content")
        }
        try await flux.rpc(below("checkpoint-put", payload: request.payload))
        return .empty
    }
}
