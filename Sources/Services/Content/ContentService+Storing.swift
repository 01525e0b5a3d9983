internal import Blob
internal import Client
internal import FluxJSON
internal import RFC03Message
internal import Service

extension ContentService {
    /// `content.store-many`: the blobs of one KVS commit in one message.
    ///
    /// Payload: for each blob its length (32 bits, big endian) and its bytes. Answer: nothing; the sender knows the
    /// digests. Ours only: the KVS service on the leader uses it.
    func storeMany(_ request: Message) throws -> Reply {
        guard let payload = request.payload, rank == 0 else { throw ServiceError(errnum: Errno.proto) }
        var offset = 0
        while offset < payload.count {
            guard payload.count - offset >= 4 else { throw ServiceError(errnum: Errno.proto) }
            let count = payload[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }
            guard count <= payload.count - offset - 4 else { throw ServiceError(errnum: Errno.proto) }
            guard count <= cache.settings.blobLimit else { throw ServiceError(errnum: Errno.tooLarge) }
            let blob = Array(payload[(offset + 4)..<(offset + 4 + count)])
            carryOut(.keep(algorithm.reference(to: blob), blob))
            offset += 4 + count
        }
        return .empty
    }

    /// `content.root-put {value}`: a KVS root that must survive a crash.
    ///
    /// Everything dirty is sent to the backing store first and the root right behind it, so that one transaction of the
    /// store takes all of it or nothing. Answered when it is on disk. Ours only.
    func putRoot(_ request: Message) throws -> Reply {
        guard rank == 0, cache.hasBacking else {
            throw ServiceError(errnum: Errno.noSystem, text: "root put unavailable, no backing store")
        }
        carryOut(.push)
        flux.call(.request("content-backing.root-put", payload: request.payload, nodeID: 0)) { result in
            switch result {
            case .success: self.flux.respond(to: request)
            case .failure(let error): self.flux.respond(to: request, errnum: error.errnum, error.text)
            }
        }
        return .deferred
    }
}
