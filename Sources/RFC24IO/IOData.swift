public import FluxJSON
public import RFC22Idset

/// A piece of standard input or output of some tasks: the context of a `data` event.
///
/// ```swift
/// IOData(stream: "stdout", rank: "0", bytes: Array("hello\n".utf8)).json.text
/// // {"stream":"stdout","rank":"0","data":"hello\n"}
/// ```
/// Source: RFC 24, "Data Event".
public struct IOData: Hashable, Sendable {
    /// `stdin`, `stdout`, `stderr` or another name that the header mentions.
    public var stream: String
    /// The tasks as an idset or `all`; see ``ranks(taskCount:)``.
    public var rank: String
    /// What was read or written; nil when the event only tells the end. Text where it is UTF-8, else base64.
    public var bytes: [UInt8]?
    /// Whether nothing follows in this stream for these tasks.
    public var isEnd: Bool
    /// How often the bytes occur one after the other, 1 or more.
    public var copies: Int

    /// Creates a piece; empty bytes are the same as none.
    public init(stream: String, rank: String, bytes: [UInt8]? = nil, isEnd: Bool = false, copies: Int = 1) {
        self.stream = stream
        self.rank = rank
        self.bytes = bytes?.isEmpty == true ? nil : bytes
        self.isEnd = isEnd
        self.copies = copies
    }

    /// The tasks that the piece belongs to.
    ///
    /// - Parameter taskCount: number of tasks of the job, which is what `all` stands for.
    /// - Throws: `Idset.ParseError` when the text is neither `all` nor an idset.
    public func ranks(taskCount: Int) throws(Idset.ParseError) -> Idset {
        guard rank == "all" else { return try Idset(parsing: rank) }
        return taskCount > 0 ? Idset(0...UInt32(clamping: taskCount - 1)) : Idset()
    }
}

extension IOData: Payload, Codable {
    /// Reads the context of a data event.
    ///
    /// Without the member `encoding` the data is UTF-8, whatever the header says, as flux-core has it; so is any
    /// encoding but `base64`. `data` and `eof` of another type count as absent, but one of them has to be there.
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        stream = try object.string("stream")
        rank = try object.string("rank")
        let encoding = try object.optionalString("encoding")
        let text = object["data"]?.stringValue, end = object["eof"]?.boolValue
        guard text != nil || end != nil else {
            throw PayloadError(path: "data", expected: "string", found: object["data"])
        }
        if let text, encoding == "base64" {
            guard let decoded = Base64.decode(text) else {
                throw PayloadError(path: "data", expected: "base64", found: "other text")
            }
            bytes = decoded
        } else {
            bytes = text.map { Array($0.utf8) }
        }
        isEnd = end ?? false
        copies = max(1, Int(clamping: object["repeat"]?.intValue ?? 1))
    }

    public var json: JSON {
        var object: JSON.Object = ["stream": .string(stream), "rank": .string(rank)]
        if let bytes {
            if let text = String(validating: bytes, as: UTF8.self) {
                object["data"] = .string(text)
            } else {
                object["encoding"] = "base64"
                object["data"] = .string(Base64.encode(bytes))
            }
        }
        if copies > 1 { object["repeat"] = .int(Int64(copies)) }
        if isEnd || bytes == nil { object["eof"] = .bool(isEnd) }
        return .object(object)
    }
}

extension IOData {
    /// Appends the line of a `data` event to a log, without building a JSON value: the path of all job output.
    public func appendEvent(timestamp: Double, to line: inout [UInt8]) {
        line.append(contentsOf: #"{"timestamp":"#.utf8)
        JSON.real(timestamp).append(to: &line)
        line.append(contentsOf: #","name":"data","context":{"stream":"#.utf8)
        JSON.append(quoted: stream, to: &line)
        line.append(contentsOf: #","rank":"#.utf8)
        JSON.append(quoted: rank, to: &line)
        if let bytes {
            if let text = String(validating: bytes, as: UTF8.self) {
                line.append(contentsOf: #","data":"#.utf8)
                JSON.append(quoted: text, to: &line)
            } else {
                line.append(contentsOf: #","encoding":"base64","data":""#.utf8)
                line.append(contentsOf: Base64.encode(bytes).utf8)
                line.append(UInt8(ascii: "\""))
            }
        }
        if copies > 1 {
            line.append(contentsOf: #","repeat":"#.utf8)
            JSON.int(Int64(copies)).append(to: &line)
        }
        line.append(contentsOf: (isEnd ? ",\"eof\":true}}\n" : "}}\n").utf8)
    }
}
