public import FluxJSON

/// Something extraordinary in the life of a job; severity 0 ends it.
///
/// Source: RFC 21, "Exception Event".
public struct JobException: Payload, Hashable {
    /// A word such as `cancel`, `timeout`, `alloc`, `exec`.
    public var type: String
    /// 0 (fatal) … 7.
    public var severity: Int32
    /// An explanation for people.
    public var note: String?
    /// Who caused it, when not the instance owner's services.
    public var userID: Int64?
    /// The wait status of the task that caused it.
    public var waitStatus: Int32?

    public init(type: String, severity: Int32, note: String? = "", userID: Int64? = nil, waitStatus: Int32? = nil) {
        self.type = type
        self.severity = severity
        self.note = note
        self.userID = userID
        self.waitStatus = waitStatus
    }

    /// Whether it ends the job.
    public var isFatal: Bool { severity == 0 }

    public init(json: JSON) throws(PayloadError) {
        let fields = try json.requireObject()
        severity = try fields.int("severity", as: Int32.self)
        type = try fields.string("type")
        note = fields["note"]?.stringValue
        userID = fields["userid"]?.intValue
        waitStatus = fields["wait_status"]?.intValue.flatMap { Int32(exactly: $0) }
    }

    public var json: JSON {
        var fields: JSON.Object = ["type": .string(type), "severity": .int(Int64(severity))]
        if let note { fields["note"] = .string(note) }
        if let userID { fields["userid"] = .int(userID) }
        if let waitStatus { fields["wait_status"] = .int(Int64(waitStatus)) }
        return .object(fields)
    }
}
