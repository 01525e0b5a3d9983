public import FluxJSON

/// `job-info.eventlog-watch`: the events of a log, those to come too.
public struct EventlogWatchRequest: Payload, Hashable {
    /// What to do before and after the events that are there.
    public struct Flags: OptionSet, Hashable, Sendable {
        public let rawValue: Int32

        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// Wait for the log to be created.
        public static let waitCreate = Flags(rawValue: 1)
        /// Answer once without payload after the events that were there at the start.
        public static let initialSentinel = Flags(rawValue: 2)

        public var isKnown: Bool { rawValue & ~3 == 0 }
    }

    /// Which job.
    public var id: UInt64
    /// Relative to the job's directory: `eventlog`, `guest.exec.eventlog`, `guest.output`.
    public var path: String
    /// What to do before and after the events that are there.
    public var flags: Flags

    public init(id: UInt64, path: String = "eventlog", flags: Flags = []) {
        self.id = id
        self.path = path
        self.flags = flags
    }

    public init(json: JSON) throws(PayloadError) {
        let fields = try json.requireObject()
        id = UInt64(bitPattern: try fields.int("id"))
        path = try fields.string("path")
        flags = Flags(rawValue: try fields.int("flags", as: Int32.self))
    }

    public var json: JSON {
        ["id": .int(Int64(bitPattern: id)), "path": .string(path), "flags": .int(Int64(flags.rawValue))]
    }

    /// Name of the event after which the log ends; nil when no single event ends it.
    public var lastEvent: String? {
        switch path {
        case "eventlog": "clean"
        case "guest.exec.eventlog": "done"
        default: nil
        }
    }
}

/// One event of a watched log, as a line with its newline.
public struct EventlogWatchResponse: Payload, Hashable {
    /// The line.
    public var event: String

    public init(event: String) { self.event = event }

    public init(json: JSON) throws(PayloadError) { event = try json.requireObject().string("event") }

    public var json: JSON { ["event": .string(event)] }
}

/// `job-info.update-watch` and `job-info.update-lookup`: R or jobspec, now and (watch) after each change.
public struct UpdateRequest: Payload, Hashable {
    /// Which job.
    public var id: UInt64
    /// `R` or `jobspec`.
    public var key: String
    /// None is defined.
    public var flags: Int32

    public init(id: UInt64, key: String, flags: Int32 = 0) {
        self.id = id
        self.key = key
        self.flags = flags
    }

    public init(json: JSON) throws(PayloadError) {
        let fields = try json.requireObject()
        id = UInt64(bitPattern: try fields.int("id"))
        key = try fields.string("key")
        flags = try fields.int("flags", as: Int32.self)
    }

    public var json: JSON {
        ["id": .int(Int64(bitPattern: id)), "key": .string(key), "flags": .int(Int64(flags))]
    }

    /// The answer with the value of the key.
    public func response(_ value: JSON) -> JSON { .object(["id": .int(Int64(bitPattern: id)), key: value]) }
}

/// `*-cancel` of streaming requests.
public struct CancelRequest: Payload, Hashable {
    /// Of the request that is to end.
    public var matchtag: UInt32

    public init(matchtag: UInt32) { self.matchtag = matchtag }

    public init(json: JSON) throws(PayloadError) {
        matchtag = try json.requireObject().int("matchtag", as: UInt32.self)
    }

    public var json: JSON { ["matchtag": .int(Int64(matchtag))] }
}
