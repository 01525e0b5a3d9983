internal import Client
internal import FluxJSON
internal import RFC03Message
internal import RFC10Content
internal import RFC11TreeObject
internal import Service

/// A lookup that waits for blobs or for a namespace.
struct PendingLookup {
    let request: Message
    let lookup: Lookup
    let sequence: Int64
    /// nil when the client named the root itself.
    let namespace: String?
    let isPlus: Bool
    var missing = 0
    var failure: Int32?
}

extension KVSService {
    /// `kvs.lookup` and `kvs.lookup-plus`.
    func lookup(_ request: Message, isPlus: Bool) throws -> Reply {
        let payload = try request.decodeJSON().requireObject()
        let key = try payload.string("key")
        let flags = Lookup.Flags(rawValue: try payload.int("flags"))
        let name = try payload.optionalString("namespace")
        let rootSequence = try payload.optionalInt("rootseq") ?? -1
        let pending: PendingLookup
        if let directory = payload["rootdir"] {
            // A root of the client's own: a snapshot of any time.
            guard case .dirref(let references)? = try? TreeObject(json: directory), let root = references.first else {
                throw ServiceError(errnum: Errno.invalid)
            }
            pending = PendingLookup(
                request: request, lookup: Lookup(key: key, flags: flags, root: root), sequence: rootSequence,
                namespace: nil, isPlus: isPlus)
        } else {
            guard let name else { throw ServiceError(errnum: Errno.proto) }
            guard let namespace = try namespace(name, for: request) else { return .deferred }
            pending = PendingLookup(
                request: request, lookup: Lookup(key: key, flags: flags, root: namespace.root),
                sequence: namespace.sequence, namespace: name, isPlus: isPlus)
        }
        return try run(pending)
    }

    private func run(_ pending: PendingLookup) throws -> Reply {
        var pending = pending
        let (roles, userID) = (pending.request.roles, pending.request.userID)
        if let name = pending.namespace {
            guard let namespace = namespaces[name], !namespace.isRemoved else {
                throw ServiceError(errnum: Errno.notSupported)
            }
            guard namespace.admits(roles: roles, userID: userID) else { throw ServiceError(errnum: Errno.perm) }
        }
        cache.now = seconds
        let known = namespaces
        let outcome = pending.lookup.run(&cache) { name in
            guard let namespace = known[name], !namespace.isRemoved else { return .unknown }
            return namespace.admits(roles: roles, userID: userID) ? .root(namespace.root) : .forbidden
        }
        switch outcome {
        case .found(let text): return .bytes(Self.payload(text, pending))
        case .absent:
            guard pending.isPlus else { throw ServiceError(errnum: Errno.noEntry) }
            return .json([
                "errno": .int(Int64(Errno.noEntry)), "rootseq": .int(pending.sequence),
                "rootref": .string(pending.lookup.root.description),
            ])
        case .refused(let errnum): throw ServiceError(errnum: errnum)
        case .missingNamespace(let name):
            // The lookup begins anew when the namespace is known.
            guard try namespace(name, for: pending.request) == nil else { throw ServiceError(errnum: Errno.again) }
            return .deferred
        case .missing(let references):
            lastLookup += 1
            pending.missing = references.count
            lookups[lastLookup] = pending
            load(references, for: .lookup(lastLookup))
            return .deferred
        }
    }

    func wakeLookup(_ id: UInt64, failure: Int32?) {
        guard var pending = lookups[id] else { return }
        pending.missing -= 1
        pending.failure = pending.failure ?? failure
        lookups[id] = pending.missing > 0 ? pending : nil
        guard pending.missing == 0 else { return }
        defer { if cache.isOverfull { cache.trim(keeping: Set(namespaces.values.map(\.root))) } }
        do {
            if let failure = pending.failure { throw ServiceError(errnum: failure) }
            answer(pending.request, try run(pending))
        } catch {
            refuse(pending.request, error)
        }
    }

    /// The answer with the object's text as it is: nothing is decoded or printed again.
    private static func payload(_ text: [UInt8], _ pending: PendingLookup) -> [UInt8] {
        var payload: [UInt8] = []
        payload.reserveCapacity(text.count + 128)
        payload.append(contentsOf: #"{"val":"#.utf8)
        payload.append(contentsOf: text)
        if pending.isPlus {
            payload.append(contentsOf: #","rootseq":\#(pending.sequence),"rootref":""#.utf8)
            pending.lookup.root.append(to: &payload)
            payload.append(UInt8(ascii: "\""))
        }
        payload.append(UInt8(ascii: "}"))
        payload.append(0)
        return payload
    }
}
