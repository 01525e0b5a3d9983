public import FluxJSON

/// `job-list.list`: which jobs, and what of them.
public struct JobListRequest: Hashable, Sendable {
    /// Most jobs; 0 for all.
    public var maxEntries: Int
    /// Names of attributes, unchecked: an unknown one is an error only when there is a job to tell it of.
    public var attributes: [String]
    /// Only inactive jobs that ended later; seconds since 1970-01-01 UTC.
    public var since: Double
    /// The question, unchecked; nil for all jobs.
    public var constraint: JSON?

    public init(maxEntries: Int = 0, attributes: [String], since: Double = 0, constraint: JSON? = nil) {
        self.maxEntries = maxEntries
        self.attributes = attributes
        self.since = since
        self.constraint = constraint
    }

    /// Reads a request; the form of old clients is understood.
    ///
    /// - Throws: ``JobListError`` (EPROTO) with flux-core's text.
    public init(request json: JSON) throws(JobListError) {
        let fields = try RequestReader(json)
        let maximum = try fields.int("max_entries")
        let list = try fields.value("attrs")
        since = try fields.optionalNumber("since") ?? 0
        constraint = json["constraint"] ?? Self.oldConstraint(json)
        guard maximum >= 0 else { throw JobListError(errno: 71, "invalid payload: max_entries < 0 not allowed") }
        guard since >= 0 else { throw JobListError(errno: 71, "invalid payload: since < 0.0 not allowed") }
        maxEntries = Int(clamping: maximum)
        attributes = try RequestReader.names(list)
    }

    /// Clients before constraints sent their wishes as members.
    private static func oldConstraint(_ json: JSON) -> JSON? {
        guard let user = json["userid"]?.intValue, let states = json["states"]?.intValue,
            let results = json["results"]?.intValue
        else { return nil }
        var terms: [JSON] = []
        if user != 0xffff_ffff, user != -1 { terms.append(["userid": [.int(user)]]) }
        if let name = json["name"]?.stringValue { terms.append(["name": [.string(name)]]) }
        if let queue = json["queue"]?.stringValue { terms.append(["queue": [.string(queue)]]) }
        if states != 0 { terms.append(["states": [.int(states)]]) }
        if results != 0 { terms.append(["results": [.int(results)]]) }
        return ["and": .array(terms)]
    }

    /// The request as a client sends it.
    public var json: JSON {
        var fields: JSON.Object = [
            "max_entries": .int(Int64(maxEntries)), "attrs": .array(attributes.map { .string($0) }),
        ]
        if since > 0 { fields["since"] = .real(since) }
        if let constraint { fields["constraint"] = constraint }
        return .object(fields)
    }

    /// The question, ready for matching.
    public func parsedConstraint(
        in environment: JobConstraint.Environment = JobConstraint.Environment()
    ) throws(JobListError) -> JobConstraint {
        do { return try JobConstraint(json: constraint, in: environment) } catch {
            throw JobListError(
                errno: error.errno, "invalid payload: constraint object invalid: \(error.description)")
        }
    }
}

/// `job-list.list-id`: one job, perhaps not before it reached a state.
public struct JobListIDRequest: Hashable, Sendable {
    /// Which job.
    public var id: UInt64
    /// Names of attributes, unchecked.
    public var attributes: [String]
    /// Bits of the state to wait for; 0 for not waiting.
    public var state: UInt32

    public init(id: UInt64, attributes: [String], state: UInt32 = 0) {
        self.id = id
        self.attributes = attributes
        self.state = state
    }

    /// Reads a request.
    public init(request json: JSON) throws(JobListError) {
        let fields = try RequestReader(json)
        id = UInt64(bitPattern: try fields.int("id"))
        let list = try fields.value("attrs")
        let bits = try fields.optionalInt("state") ?? 0
        attributes = try RequestReader.names(list)
        guard bits & ~126 == 0, let state = UInt32(exactly: bits) else {
            throw JobListError(errno: 71, "invalid payload: invalid state specified")
        }
        self.state = state
    }

    /// The request as a client sends it.
    public var json: JSON {
        var fields: JSON.Object = [
            "id": .int(Int64(bitPattern: id)), "attrs": .array(attributes.map { .string($0) }),
        ]
        if state != 0 { fields["state"] = .int(Int64(state)) }
        return .object(fields)
    }
}

/// Reads members with the error texts clients know.
struct RequestReader {
    private let fields: JSON.Object

    init(_ json: JSON) throws(JobListError) {
        guard let fields = json.objectValue else { throw Self.wrong("object", json) }
        self.fields = fields
    }

    private static func wrong(_ expected: String, _ found: JSON) -> JobListError {
        JobListError(errno: 71, "invalid payload: Expected \(expected), got \(found.typeName)")
    }

    func value(_ key: String) throws(JobListError) -> JSON {
        guard let value = fields[key] else {
            throw JobListError(errno: 71, "invalid payload: Object item not found: \(key)")
        }
        return value
    }

    func int(_ key: String) throws(JobListError) -> Int64 {
        let value = try value(key)
        guard let number = value.intValue else { throw Self.wrong("integer", value) }
        return number
    }

    func optionalInt(_ key: String) throws(JobListError) -> Int64? { fields[key] == nil ? nil : try int(key) }

    func optionalNumber(_ key: String) throws(JobListError) -> Double? {
        guard let value = fields[key] else { return nil }
        guard let number = value.numberValue else { throw Self.wrong("real or integer", value) }
        return number
    }

    static func names(_ list: JSON) throws(JobListError) -> [String] {
        guard let elements = list.arrayValue else {
            throw JobListError(errno: 71, "invalid payload: attrs must be an array")
        }
        var names: [String] = []
        for element in elements {
            guard let name = element.stringValue else { throw JobListError(errno: 22, "attr has no string value") }
            names.append(name)
        }
        return names
    }
}
