public import FluxJSON

/// `job-manager.sched-hello`: a scheduler asks which jobs have resources.
///
/// The answers are one ``HelloResponse`` for each such job, then ENODATA.
public struct HelloRequest: Payload, Hashable {
    /// Whether the scheduler can deal with jobs that have given back a part of their resources.
    public var acceptsPartial: Bool

    /// A request.
    public init(acceptsPartial: Bool = false) { self.acceptsPartial = acceptsPartial }

    /// Reads `{"partial-ok"?}`; a request without payload is the same as an empty object.
    public init(json: JSON) throws(PayloadError) {
        acceptsPartial = try json.requireObject().optionalBool("partial-ok") ?? false
    }

    /// The payload.
    public var json: JSON { ["partial-ok": .bool(acceptsPartial)] }
}

/// A job that has resources. Its *R* is in the KVS, not here.
public struct HelloResponse: Payload, Hashable {
    /// Job id.
    public var id: UInt64
    /// 0 ... 4294967295.
    public var priority: UInt32
    /// User id of the job's owner.
    public var userID: UInt32
    /// Seconds since 1970-01-01 UTC at which the job was submitted.
    public var submitTime: Double
    /// Ranks, as an RFC 22 idset, that the job has given back; nil for none.
    public var free: String?

    /// A response.
    public init(id: UInt64, priority: UInt32, userID: UInt32, submitTime: Double, free: String? = nil) {
        self.id = id
        self.priority = priority
        self.userID = userID
        self.submitTime = submitTime
        self.free = free
    }

    /// Reads `{"id", "priority", "userid", "t_submit", "free"?}`.
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        id = try object.int("id", as: UInt64.self)
        priority = try object.int("priority", as: UInt32.self)
        userID = try object.int("userid", as: UInt32.self)
        submitTime = try object.number("t_submit")
        free = try object.optionalString("free")
    }

    /// The payload.
    public var json: JSON {
        var object: JSON.Object = [
            "id": .int(Int64(bitPattern: id)), "priority": .int(Int64(priority)), "userid": .int(Int64(userID)),
            "t_submit": .real(submitTime),
        ]
        if let free { object["free"] = .string(free) }
        return .object(object)
    }
}

/// `job-manager.sched-ready`: a scheduler says how many requests it wants to have at a time.
public enum ReadyRequest: Payload, Hashable {
    /// All of them.
    case unlimited
    /// So many, those of the most important jobs; at least 1.
    case limited(Int32)

    /// Reads `{"mode", "limit"?}`.
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        switch try object.string("mode") {
        case "unlimited": self = .unlimited
        case "limited":
            let limit = try object.int("limit", as: Int32.self)
            guard limit > 0 else { throw PayloadError(path: "limit", expected: "number from 1", found: "\(limit)") }
            self = .limited(limit)
        case let mode: throw PayloadError(path: "mode", expected: "\"unlimited\" or \"limited\"", found: "\"\(mode)\"")
        }
    }

    /// The payload.
    public var json: JSON {
        switch self {
        case .unlimited: ["mode": "unlimited"]
        case .limited(let limit): ["mode": "limited", "limit": .int(Int64(limit))]
        }
    }
}

/// The answer to ``ReadyRequest``.
public struct ReadyResponse: Payload, Hashable {
    /// Number of jobs that wait for resources.
    public var count: Int

    /// A response.
    public init(count: Int) { self.count = count }

    /// Reads `{"count"}`.
    public init(json: JSON) throws(PayloadError) { count = try json.requireObject().int("count", as: Int.self) }

    /// The payload.
    public var json: JSON { ["count": .int(Int64(count))] }
}
