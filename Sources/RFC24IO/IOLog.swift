public import FluxJSON

/// The context of a `log` event: what a shell or one of its parts had to say.
///
/// Source: RFC 24, "Log Event".
public struct IOLog: Hashable, Sendable, Payload {
    /// Severity of RFC 5424, 0 (emergency) to 7 (debug).
    public var level: Int
    /// The text.
    public var message: String
    /// Rank of the shell; nil when unknown.
    public var rank: Int64?
    /// The program; nil means `flux-shell`.
    public var program: String?
    /// The part of the shell.
    public var component: String?
    /// Source file.
    public var file: String?
    /// Line in the source file, from 1.
    public var line: Int64?

    /// Creates one from its members.
    public init(
        level: Int, message: String, rank: Int64? = nil, program: String? = nil, component: String? = nil,
        file: String? = nil, line: Int64? = nil
    ) {
        self.level = level
        self.message = message
        self.rank = rank
        self.program = program
        self.component = component
        self.file = file
        self.line = line
    }

    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        level = try object.int("level", as: Int.self)
        guard (0...7).contains(level) else {
            throw PayloadError(path: "level", expected: "integer from 0 to 7", found: "\(level)")
        }
        message = try object.string("message")
        rank = try object.optionalInt("rank")
        program = try object.optionalString("program")
        component = try object.optionalString("component")
        file = try object.optionalString("file")
        line = try object.optionalInt("line")
    }

    public var json: JSON {
        var object: JSON.Object = [:]
        if let rank { object["rank"] = .int(rank) }
        object["level"] = .int(Int64(level))
        object["message"] = .string(message)
        if let program { object["program"] = .string(program) }
        if let component { object["component"] = .string(component) }
        if let file { object["file"] = .string(file) }
        if let line { object["line"] = .int(line) }
        return .object(object)
    }
}
