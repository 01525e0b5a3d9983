public import FluxJSON

/// `job-info.lookup`: values below the directory of a job.
public struct LookupRequest: Payload, Hashable {
    /// How values are wanted.
    public struct Flags: OptionSet, Hashable, Sendable {
        public let rawValue: Int32

        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// `R` and `jobspec` come as objects, not as text.
        public static let jsonDecode = Flags(rawValue: 1)
        /// `R` and `jobspec` come with the updates of the eventlog applied.
        public static let current = Flags(rawValue: 2)

        public var isKnown: Bool { rawValue & ~3 == 0 }
    }

    /// Which job.
    public var id: UInt64
    /// Relative to the job's directory: `eventlog`, `R`, `guest.output`.
    public var keys: [String]
    /// How values are wanted.
    public var flags: Flags

    public init(id: UInt64, keys: [String], flags: Flags = []) {
        self.id = id
        self.keys = keys
        self.flags = flags
    }

    public init(json: JSON) throws(PayloadError) {
        let fields = try json.requireObject()
        id = UInt64(bitPattern: try fields.int("id"))
        keys = try fields.strings("keys")
        flags = Flags(rawValue: try fields.int("flags", as: Int32.self))
    }

    public var json: JSON {
        [
            "id": .int(Int64(bitPattern: id)), "keys": .array(keys.map { .string($0) }),
            "flags": .int(Int64(flags.rawValue)),
        ]
    }

    /// What to put into the answer for a key whose value is `text`.
    ///
    /// - Throws: when an object is wanted and the text is no JSON.
    public func answer(for key: String, text: String) throws(JSON.ParseError) -> JSON {
        guard flags.contains(.jsonDecode), key == "R" || key == "jobspec" else { return .string(text) }
        return try JSON(parsing: text)
    }
}
