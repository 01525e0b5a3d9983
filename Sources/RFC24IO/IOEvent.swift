public import FluxJSON
public import RFC18Eventlog

/// One event of a log of standard input or output.
///
/// ```swift
/// if case .data(let piece) = try IOEvent(entry) { write(piece.bytes ?? []) }
/// let entry = IOEvent.header(IOHeader(streams: ["stdout": 4, "stderr": 4])).entry(timestamp: now)
/// ```
/// Source: RFC 24.
public enum IOEvent: Hashable, Sendable {
    /// What follows; the first event of each log.
    case header(IOHeader)
    /// A piece of a stream.
    case data(IOData)
    /// A stream went elsewhere.
    case redirect(IORedirect)
    /// What a shell had to say.
    case log(IOLog)
    /// An event that RFC 24 does not know.
    case other(Eventlog.Entry)

    /// Reads an event of a log.
    ///
    /// - Throws: `PayloadError` with a path that begins with `context`.
    public init(_ entry: Eventlog.Entry) throws(PayloadError) {
        let context = JSON.object(entry.context ?? [:])
        do throws(PayloadError) {
            switch entry.name {
            case "header": self = .header(try IOHeader(json: context))
            case "data": self = .data(try IOData(json: context))
            case "redirect": self = .redirect(try IORedirect(json: context))
            case "log": self = .log(try IOLog(json: context))
            default: self = .other(entry)
            }
        } catch {
            throw error.inside("context")
        }
    }

    /// The event as an entry of a log. An event that RFC 24 does not know keeps its own time.
    public func entry(timestamp: Double) -> Eventlog.Entry {
        switch self {
        case .header(let value): Self.entry(timestamp, "header", value.json)
        case .data(let value): Self.entry(timestamp, "data", value.json)
        case .redirect(let value): Self.entry(timestamp, "redirect", value.json)
        case .log(let value): Self.entry(timestamp, "log", value.json)
        case .other(let entry): entry
        }
    }

    private static func entry(_ timestamp: Double, _ name: String, _ context: JSON) -> Eventlog.Entry {
        Eventlog.Entry(timestamp: timestamp, name: name, context: context.objectValue)
    }
}

/// The context of a `header` event: which streams there are.
public struct IOHeader: Hashable, Sendable, Payload {
    /// Version of the format, 1.
    public var version: Int64
    /// Default encoding of each stream, `UTF-8` or `base64`.
    public var encoding: JSON.Object
    /// Number of tasks that have each stream open.
    public var count: JSON.Object
    /// Options, none defined.
    public var options: JSON.Object

    /// A header of version 1 for streams of UTF-8.
    ///
    /// - Parameter streams: name and number of tasks that have it open, in the order in which they are printed.
    public init(streams: KeyValuePairs<String, Int>) {
        version = 1
        encoding = [:]
        count = [:]
        options = [:]
        for (stream, number) in streams {
            encoding[stream] = "UTF-8"
            count[stream] = .int(Int64(number))
        }
    }

    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        version = try object.int("version")
        guard version == 1 else { throw PayloadError(path: "version", expected: "1", found: "\(version)") }
        encoding = try object.object("encoding")
        count = try object.object("count")
        options = try object.object("options")
    }

    public var json: JSON {
        [
            "version": .int(version), "encoding": .object(encoding), "count": .object(count),
            "options": .object(options),
        ]
    }
}

/// The context of a `redirect` event: a stream of some tasks goes to a file.
public struct IORedirect: Hashable, Sendable, Payload {
    /// Name of the stream.
    public var stream: String
    /// The tasks as an idset.
    public var rank: String
    /// The file; nil when it is not one.
    public var path: String?

    /// Creates one from its members.
    public init(stream: String, rank: String, path: String?) {
        self.stream = stream
        self.rank = rank
        self.path = path
    }

    /// Reads the context; a missing rank, which RFC 24's own example has, is empty.
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        stream = try object.string("stream")
        rank = try object.optionalString("rank") ?? ""
        path = try object.optionalString("path")
    }

    public var json: JSON {
        var object: JSON.Object = ["stream": .string(stream), "rank": .string(rank)]
        if let path { object["path"] = .string(path) }
        return .object(object)
    }
}
