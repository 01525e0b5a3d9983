import FluxJSON
import RFC03Message

/// What a client of flux-core 0.88 and its broker said to each other; a file of `conformance/exchanges`.
struct Exchange {
    /// A request with the answers to it, or the events that a connection was sent.
    struct Thread {
        let connection: Int
        /// The event of a job that the client had read before it asked.
        let after: String?
        let request: JSON?
        /// The distinct forms of the answers, or of the events.
        let answers: [JSON]

        var topic: String { request?["topic"]?.stringValue ?? "events" }
        var matchtag: Int64 { request?["matchtag"]?.intValue ?? 0 }
        var isStreaming: Bool { flags.contains("streaming") }
        /// Whether the last answer is an error, after which no other comes.
        var hasEnd: Bool { answers.contains { $0["errnum"]?.intValue != 0 } }
        private var flags: [String] { request?["flags"]?.arrayValue?.compactMap(\.stringValue) ?? [] }
    }

    let name: String
    let threads: [Thread]

    /// - Parameter text: the content of a file.
    init(name: String, text: String) throws {
        self.name = name
        threads = try JSON(parsing: text).requireObject().array("threads").map { thread in
            let object = try thread.requireObject()
            return Thread(
                connection: Int(try object.int("connection")), after: try object.optionalString("after"),
                request: object["request"], answers: try object.optionalArray("answers") ?? object.array("events"))
        }
    }
}
