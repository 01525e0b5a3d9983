internal import Blob
internal import Client
internal import FluxJSON
internal import RFC03Message
internal import RFC10Content
internal import Service

extension ContentService {
    /// `content.store-many`: the blobs of one KVS commit in one message.
    ///
    /// Payload: for each blob its digest, its length (32 bits, big endian) and its bytes. Answer: nothing. Ours only: the
    /// KVS service on the leader uses it. The digest is the sender's, who has computed it a moment ago; the backing store
    /// computes it again before it writes the blob, and a blob that does not have it is never stored.
    func storeMany(_ request: Message) throws -> Reply {
        guard let payload = request.payload, rank == 0 else { throw ServiceError(errnum: Errno.proto) }
        for (hash, range) in try divide(payload) { carryOut(.keep(hash, Array(payload[range]))) }
        return .empty
    }

    /// `content.peek`: a blob that is here and in no backing store yet, or ENOENT; nobody else is asked.
    ///
    /// Ours only: a backing store asks it before it says that a blob is not there, because a lazy cache may keep it back.
    func peek(_ request: Message) throws -> Reply {
        let hash = try Blobref(algorithm, digest: request.payload ?? [])
        guard let blob = cache.dirtyBlob(hash) else { throw ServiceError(errnum: Errno.noEntry) }
        return blob.isEmpty ? .empty : .bytes(blob)
    }

    /// The blobs of a payload, all of them checked before the first is kept.
    private func divide(_ payload: [UInt8]) throws -> [(Blobref, Range<Int>)] {
        let digestSize = algorithm.digestSize
        var parts: [(Blobref, Range<Int>)] = []
        var offset = 0
        while offset < payload.count {
            let start = offset + digestSize + 4
            guard start <= payload.count else { throw ServiceError(errnum: Errno.proto) }
            let hash = try Blobref(algorithm, digest: payload[offset..<(offset + digestSize)])
            let count = payload[(start - 4)..<start].reduce(0) { $0 << 8 | Int($1) }
            guard count <= payload.count - start else { throw ServiceError(errnum: Errno.proto) }
            guard count <= cache.settings.blobLimit else { throw ServiceError(errnum: Errno.tooLarge) }
            parts.append((hash, start..<(start + count)))
            offset = start + count
        }
        return parts
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
