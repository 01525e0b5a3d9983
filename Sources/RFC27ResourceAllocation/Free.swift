public import FluxJSON

/// `sched.free`: a job gives back resources. There is no answer.
public struct FreeRequest: Payload, Hashable {
    /// Job id.
    public var id: UInt64
    /// The resources, RFC 20 *R*, mostly without `scheduling`; a rank is given back whole.
    public var r: JSON
    /// Whether the job now has nothing left.
    public var isFinal: Bool

    /// A request.
    public init(id: UInt64, r: JSON, isFinal: Bool) {
        self.id = id
        self.r = r
        self.isFinal = isFinal
    }

    /// Reads `{"id", "R", "final"?}`.
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        id = try object.int("id", as: UInt64.self)
        r = .object(try object.object("R"))
        isFinal = try object.optionalBool("final") ?? false
    }

    /// The payload.
    public var json: JSON { ["id": .int(Int64(bitPattern: id)), "R": r, "final": .bool(isFinal)] }
}

/// `sched.prioritize`: waiting jobs have new priorities. There is no answer.
public struct PrioritizeRequest: Payload, Hashable {
    /// A job and its priority.
    public struct Entry: Hashable, Sendable {
        /// Job id.
        public var id: UInt64
        /// 0 ... 4294967295.
        public var priority: UInt32

        /// An entry.
        public init(id: UInt64, priority: UInt32) {
            self.id = id
            self.priority = priority
        }
    }

    /// The jobs.
    public var jobs: [Entry]

    /// A request.
    public init(jobs: [Entry]) { self.jobs = jobs }

    /// Reads `{"jobs": [[id, priority], …]}`.
    public init(json: JSON) throws(PayloadError) {
        jobs = []
        for (index, entry) in try json.requireObject().array("jobs").enumerated() {
            guard let pair = entry.arrayValue, pair.count == 2,
                let id = pair[0].intValue.flatMap({ UInt64(exactly: $0) }),
                let priority = pair[1].intValue.flatMap({ UInt32(exactly: $0) })
            else { throw PayloadError(path: "jobs[\(index)]", expected: "[id, priority]", found: entry) }
            jobs.append(Entry(id: id, priority: priority))
        }
    }

    /// The payload.
    public var json: JSON {
        ["jobs": .array(jobs.map { [.int(Int64(bitPattern: $0.id)), .int(Int64($0.priority))] })]
    }
}

/// `sched.expiration`: a job's allocation shall end at another time. The answer is empty or an error.
public struct ExpirationRequest: Payload, Hashable {
    /// Job id.
    public var id: UInt64
    /// Seconds since 1970-01-01 UTC; 0 for no end.
    public var expiration: Double

    /// A request.
    public init(id: UInt64, expiration: Double) {
        self.id = id
        self.expiration = expiration
    }

    /// Reads `{"id", "expiration"}`.
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        id = try object.int("id", as: UInt64.self)
        expiration = try object.number("expiration")
    }

    /// The payload.
    public var json: JSON { ["id": .int(Int64(bitPattern: id)), "expiration": .real(expiration)] }
}

/// `feasibility.check`: could a job ever have resources? The answer is empty, or an error with the reason.
public struct FeasibilityRequest: Payload, Hashable {
    /// The jobspec.
    public var jobspec: JSON

    /// A request.
    public init(jobspec: JSON) { self.jobspec = jobspec }

    /// Reads `{"jobspec"}`.
    public init(json: JSON) throws(PayloadError) {
        jobspec = .object(try json.requireObject().object("jobspec"))
    }

    /// The payload.
    public var json: JSON { ["jobspec": jobspec] }
}

/// `sched.resource-status` and `resource.sched-status`: the state of all resources, each set RFC 20 *R*.
///
/// What is free is all without what is down and without what is allocated. Not in RFC 27; observed: flux-core 0.88.
public struct ResourceStatusResponse: Payload, Hashable {
    /// All resources.
    public var all: JSON
    /// Those that are down or drained.
    public var down: JSON
    /// Those that jobs have.
    public var allocated: JSON

    /// A response.
    public init(all: JSON, down: JSON, allocated: JSON) {
        self.all = all
        self.down = down
        self.allocated = allocated
    }

    /// Reads `{"all", "down", "allocated"}`.
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        all = try object.value("all")
        down = try object.value("down")
        allocated = try object.value("allocated")
    }

    /// The payload.
    public var json: JSON { ["all": all, "down": down, "allocated": allocated] }
}
