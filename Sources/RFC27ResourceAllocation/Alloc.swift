public import FluxJSON

/// `sched.alloc`: a job needs resources.
///
/// Sent with matchtag 0; the answers are ``AllocResponse`` messages that name the job.
public struct AllocRequest: Payload, Hashable {
    /// Job id.
    public var id: UInt64
    /// 0 ... 4294967295.
    public var priority: UInt32
    /// User id of the job's owner.
    public var userID: UInt32
    /// Seconds since 1970-01-01 UTC at which the job was submitted. Not in RFC 27; flux-core sends it.
    public var submitTime: Double
    /// The jobspec, mostly without its environment.
    public var jobspec: JSON

    /// A request.
    public init(id: UInt64, priority: UInt32, userID: UInt32, submitTime: Double, jobspec: JSON) {
        self.id = id
        self.priority = priority
        self.userID = userID
        self.submitTime = submitTime
        self.jobspec = jobspec
    }

    /// Reads `{"id", "priority", "userid", "t_submit"?, "jobspec"}`.
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        id = try object.int("id", as: UInt64.self)
        priority = try object.int("priority", as: UInt32.self)
        userID = try object.int("userid", as: UInt32.self)
        submitTime = try object.optionalNumber("t_submit") ?? 0
        jobspec = .object(try object.object("jobspec"))
    }

    /// The payload.
    public var json: JSON {
        [
            "id": .int(Int64(bitPattern: id)), "priority": .int(Int64(priority)), "userid": .int(Int64(userID)),
            "t_submit": .real(submitTime), "jobspec": jobspec,
        ]
    }
}

/// What a scheduler answers to ``AllocRequest``: any number of annotations, then one of the others.
public struct AllocResponse: Payload, Hashable {
    /// The kinds of answers.
    public enum Kind: Hashable, Sendable {
        /// The job has resources. *R* is in the KVS already; flux-core's schedulers also send it along.
        case success(r: JSON?, annotations: JSON.Object?)
        /// Something to show about the waiting job.
        case annotate(JSON.Object)
        /// The job can never have resources; the reason.
        case deny(note: String?)
        /// The request was canceled.
        case cancel
    }

    /// Job id.
    public var id: UInt64
    /// The answer.
    public var kind: Kind

    /// A response.
    public init(id: UInt64, _ kind: Kind) {
        self.id = id
        self.kind = kind
    }

    /// Reads `{"id", "type", "R"?, "annotations"?, "note"?}`.
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        id = try object.int("id", as: UInt64.self)
        kind =
            switch try object.int("type") {
            case 0: .success(r: object["R"], annotations: try object.optionalObject("annotations"))
            case 1: .annotate(try object.object("annotations"))
            case 2: .deny(note: try object.optionalString("note"))
            case 3: .cancel
            case let type: throw PayloadError(path: "type", expected: "integer from 0 to 3", found: "\(type)")
            }
    }

    /// The payload.
    public var json: JSON {
        var object: JSON.Object = ["id": .int(Int64(bitPattern: id))]
        switch kind {
        case .success(let r, let annotations):
            object["type"] = 0
            object["R"] = r
            object["annotations"] = annotations.map { .object($0) }
        case .annotate(let annotations):
            object["type"] = 1
            object["annotations"] = .object(annotations)
        case .deny(let note):
            object["type"] = 2
            object["note"] = note.map { .string($0) }
        case .cancel: object["type"] = 3
        }
        return .object(object)
    }
}

/// `sched.cancel`: the job no longer waits for resources.
///
/// There is no answer; the answer to the job's ``AllocRequest`` is ``AllocResponse/Kind/cancel``.
public struct CancelRequest: Payload, Hashable {
    /// Job id.
    public var id: UInt64

    /// A request.
    public init(id: UInt64) { self.id = id }

    /// Reads `{"id"}`.
    public init(json: JSON) throws(PayloadError) { id = try json.requireObject().int("id", as: UInt64.self) }

    /// The payload.
    public var json: JSON { ["id": .int(Int64(bitPattern: id))] }
}
