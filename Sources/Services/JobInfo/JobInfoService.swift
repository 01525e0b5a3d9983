import Client
public import FluxJSON
import KVSClient
public import RFC03Message
import RFC18Eventlog
import RFC19FLUID
public import Service

/// The module `job-info`: what is stored of a job, for those who may see it.
public actor JobInfoService: Service {
    public nonisolated let context: ServiceContext
    /// Open watches, each with the stream it reads now.
    var watches = PendingRequests<Watch>()
    /// Watches whose log was found in its final place.
    var released: Set<PendingRequests<Watch>.ID> = []
    private var lookupsUnderWay = 0
    /// Who submitted jobs that were asked for lately.
    private var owners: [JobID: UInt32] = [:]
    private var ownerOrder: [JobID] = []

    struct Watch {
        enum Kind { case main, guest, update }
        let kind: Kind
        var stream: ResponseStream?
    }

    static let restricted = "access is restricted to job/instance owner"

    public init(context: ServiceContext) { self.context = context }

    public static let methods: [String: Method<JobInfoService>] = [
        "lookup": .waiting(.anyUser) { try await $0.lookup($1) },
        "update-lookup": .waiting(.anyUser) { try await $0.lookUpCurrent($1) },
        "eventlog-watch": .now(.anyUser) { try $0.watchEventlog($1) },
        "eventlog-watch-cancel": .now(.anyUser) { service, request in service.cancelWatch(request) },
        "update-watch": .now(.anyUser) { try $0.watchUpdates($1) },
        "update-watch-cancel": .now(.anyUser) { service, request in service.cancelWatch(request) },
    ]

    public func stop() async {
        for (id, entry) in watches.all {
            finish(id)
            flux.respond(to: entry.request, errnum: Errno.noSystem)
        }
    }

    public func statistics() async throws -> JSON? {
        func count(_ kinds: Watch.Kind...) -> JSON {
            .int(Int64(watches.all.filter { kinds.contains($0.entry.value.kind) }.count))
        }
        // Who follows a job's own log follows its main log or namespace too.
        return [
            "lookups": .int(Int64(lookupsUnderWay)), "watchers": count(.main, .guest), "guest_watchers": count(.guest),
            "update_lookups": 0, "update_watchers": count(.update),
        ]
    }

    public func disconnected(_ request: Message) {
        for (id, entry) in watches.all where entry.request.sender == request.sender { finish(id) }
    }

    // MARK: look-ups

    private func lookup(_ request: Message) async throws -> Reply {
        let fields = try request.fields()
        let id = JobID(UInt64(bitPattern: try fields.int("id"))), flags = try fields.int("flags")
        guard flags & ~3 == 0 else {
            throw ServiceError(errnum: Errno.proto, text: "lookup request rejected with invalid flag")
        }
        var keys: [String] = []
        for key in try fields.array("keys") {
            guard let text = key.stringValue else { throw ServiceError(errnum: Errno.proto) }
            keys.append(text)
        }
        return .json(try await lookup(id, keys, decoded: flags & 1 != 0, current: flags & 2 != 0, for: request))
    }

    /// The older form for one value.
    private func lookUpCurrent(_ request: Message) async throws -> Reply {
        let fields = try request.fields()
        let id = JobID(UInt64(bitPattern: try fields.int("id")))
        let key = try fields.string("key"), flags = try fields.int("flags")
        guard flags == 0 else {
            throw ServiceError(errnum: Errno.proto, text: "update-lookup request rejected with invalid flag")
        }
        guard key == "R" else {
            throw ServiceError(errnum: Errno.invalid, text: "update-lookup unsupported key specified")
        }
        return .json(try await lookup(id, [key], decoded: true, current: true, for: request))
    }

    func lookup(
        _ id: JobID, _ keys: [String], decoded: Bool, current: Bool, for request: Message
    ) async throws(ServiceError) -> JSON {
        let values = try await read(id, keys, withLog: current, for: request)
        var log: Eventlog?
        if current, case .success(let bytes)? = values["eventlog"] { log = try? Eventlog(parsing: bytes) }
        var answer: JSON.Object = ["id": .int(Int64(bitPattern: id.value))]
        for key in keys {
            answer[key] = try value(of: key, values[key], log: log, decoded: decoded, current: current)
        }
        return .object(answer)
    }

    /// What the store has for each key, if the sender may see it.
    ///
    /// - Parameter withLog: the eventlog as well. Otherwise it is read only to learn whose the job is, or whether there is
    ///   such a job.
    func read(
        _ id: JobID, _ keys: [String], withLog: Bool, for request: Message
    ) async throws(ServiceError) -> [String: Result<[UInt8], RPCError>] {
        lookupsUnderWay += 1
        defer { lookupsUnderWay -= 1 }
        let owner = owners[id]
        if let owner, !request.mayTouch(owner) { throw ServiceError(errnum: Errno.perm, text: Self.restricted) }
        let isTrusted = owner != nil || request.roles.contains(.owner)
        var values = await valuesOf(keys + (withLog || !isTrusted ? ["eventlog"] : []), id)
        guard owner == nil else { return values }
        if values["eventlog"] == nil, values.values.contains(where: { !$0.isSuccess }) {
            values.merge(await valuesOf(["eventlog"], id)) { first, _ in first }
        }
        switch values["eventlog"] {
        case .success(let bytes): try authorize(request, id, bytes)
        case .failure(let error):
            let text = error.errnum == Errno.noEntry ? "invalid job id" : error.description
            throw ServiceError(errnum: error.errnum, text: text)
        case nil: break
        }
        return values
    }

    /// What the store has for each key.
    private func valuesOf(_ keys: [String], _ id: JobID) async -> [String: Result<[UInt8], RPCError>] {
        var values: [String: Result<[UInt8], RPCError>] = [:]
        for key in keys where values[key] == nil {
            do {
                values[key] = .success(try await flux.lookup("\(id.kvs).\(key)"))
            } catch {
                values[key] = .failure(error)
            }
        }
        return values
    }

    func value(
        of key: String, _ result: Result<[UInt8], RPCError>?, log: Eventlog?, decoded: Bool, current: Bool
    ) throws(ServiceError) -> JSON {
        let bytes: [UInt8]
        switch result {
        case .success(let value): bytes = value
        case .failure(let error):
            let text = error.errnum == Errno.noEntry ? "key not found" : error.description
            throw ServiceError(errnum: error.errnum, text: "\(key): \(text)")
        case nil: throw ServiceError(errnum: Errno.noEntry, text: "\(key): key not found")
        }
        guard !bytes.isEmpty else { throw ServiceError(errnum: Errno.proto, text: "\(key): value is unexpectedly empty") }
        guard let kind = UpdatedValue.Kind(rawValue: key), decoded || current else {
            return .string(String(decoding: bytes, as: UTF8.self))
        }
        guard let json = try? JSON(parsing: bytes) else {
            throw ServiceError(
                errnum: Errno.invalid, text: "\(key): error applying eventlog to original value: Invalid argument")
        }
        var value = UpdatedValue(kind, json)
        if current, let log { value.apply(log) }
        return decoded ? value.json : .string(value.json.text)
    }

    // MARK: access

    /// Refuses who is neither the owner of the instance nor of the job, and remembers whose the job is.
    func authorize(_ request: Message, _ id: JobID, _ log: [UInt8]) throws(ServiceError) {
        guard let userID = EventlogView(log)?.userID else {
            throw ServiceError(errnum: Errno.proto, text: "error parsing eventlog")
        }
        remember(id, userID)
        guard request.mayTouch(userID) else { throw ServiceError(errnum: Errno.perm, text: Self.restricted) }
    }

    func owner(of id: JobID) -> UInt32? { owners[id] }

    private func remember(_ id: JobID, _ userID: UInt32) {
        guard owners.updateValue(userID, forKey: id) == nil else { return }
        ownerOrder.append(id)
        if ownerOrder.count > 2048 {
            for old in ownerOrder.prefix(1024) { owners[old] = nil }
            ownerOrder.removeFirst(1024)
        }
    }
}

extension Message {
    func fields() throws(ServiceError) -> JSON.Object {
        guard let object = try? decodeJSON().objectValue else { throw ServiceError(errnum: Errno.proto) }
        return object
    }

    func mayTouch(_ jobUserID: UInt32) -> Bool { roles.contains(.owner) || userID == jobUserID }
}

extension Result {
    fileprivate var isSuccess: Bool { if case .success = self { true } else { false } }
}
