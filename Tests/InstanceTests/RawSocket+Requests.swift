import FluxJSON
import RFC03Message
import Testing

/// A response: its error number, 0 for none, and its payload.
struct Answer: Equatable {
    var errnum: UInt32
    /// The payload of a success when it is an object.
    var json: JSON = .null
    /// The text of an error.
    var text = ""
    var bytes: [UInt8] = []

    subscript(key: String) -> JSON? { json[key] }
}

/// Requests under any user's name: a broker believes its owner who somebody is.
extension RawSocket {
    /// A user that is not the owner of the instance.
    static let guest: UInt32 = 4242

    @discardableResult
    func request(
        _ topic: String, _ payload: JSON = [:], user: UInt32? = nil, node: UInt32 = Message.anyNode,
        isStreaming: Bool = false
    ) -> UInt32 {
        request(topic, bytes: Message.jsonPayload(payload), user: user, node: node, isStreaming: isStreaming)
    }

    /// Sends a request and gives its matchtag.
    @discardableResult
    func request(
        _ topic: String, bytes: [UInt8]?, user: UInt32? = nil, node: UInt32 = Message.anyNode,
        isStreaming: Bool = false
    ) -> UInt32 {
        lastMatchtag += 1
        var message = Message.request(
            topic, payload: bytes, nodeID: node, matchtag: lastMatchtag,
            flags: isStreaming ? [.streaming, .route] : .route)
        if let user {
            message.userID = user
            message.roles = .user
        }
        send(message.encodeFrame())
        return lastMatchtag
    }

    /// The next response to a request.
    func response(_ tag: UInt32) throws -> Answer {
        while true {
            let message = try #require(receive(), "no response")
            guard message.kind == .response, message.matchtag == tag else { continue }
            if message.errnum != 0 { return Answer(errnum: message.errnum, text: message.payloadText ?? "") }
            return Answer(errnum: 0, json: (try? message.decodeJSON()) ?? .null, bytes: message.payload ?? [])
        }
    }

    /// One request, one response.
    func ask(
        _ topic: String, _ payload: JSON = [:], user: UInt32? = nil, node: UInt32 = Message.anyNode
    ) throws -> Answer {
        try response(request(topic, payload, user: user, node: node))
    }

    /// All responses of a stream; the last one is its error.
    func stream(_ topic: String, _ payload: JSON = [:], user: UInt32? = nil) throws -> [Answer] {
        let tag = request(topic, payload, user: user, isStreaming: true)
        var answers = [try response(tag)]
        while answers[answers.count - 1].errnum == 0 { answers.append(try response(tag)) }
        return answers
    }
}

/// A service of the test's own: requests for a name that it has taken.
extension RawSocket {
    func serve(_ name: String) throws {
        let answer = try ask("service.add", ["service": .string(name)])
        try #require(answer.errnum == 0, "\(answer.text)")
    }

    /// The next request with this topic; requests with others are passed over, those that want an answer unanswered.
    func nextRequest(_ topic: String) throws -> Message {
        while true {
            let message = try #require(receive(), "no \(topic) request")
            if message.kind == .request, message.topic == topic { return message }
        }
    }

    func respond(_ request: Message, _ json: JSON?) { send(request.response(json: json).encodeFrame()) }

    func refuse(_ request: Message, _ errnum: UInt32, _ text: String? = nil) {
        send(request.errorResponse(Int32(errnum), text).encodeFrame())
    }

    /// The topics of the requests that come until an answer to a ping does: what had been sent before is among them.
    func requestsSoFar() throws -> [Message] {
        let tag = request("broker.ping", ["seq": 1])
        var requests: [Message] = []
        while true {
            let message = try #require(receive(), "no answer to a ping")
            if message.kind == .request { requests.append(message) }
            if message.kind == .response, message.matchtag == tag { return requests }
        }
    }
}

extension Message {
    func field(_ key: String) -> JSON? { try? decodeJSON()[key] }
}

extension Instance {
    /// A connection to the leader's socket.
    func connect() throws -> RawSocket { try #require(RawSocket(path: socketPath)) }

    /// Submits a job and gives its id as a number.
    func submit(_ words: String...) throws -> Int64 {
        var child = place.start(["submit"] + words, environment: ["FLUX_URI": uri])
        child?.closeInput()
        let outcome = try #require(child?.wait())
        child = nil
        let text = try #require(outcome.lines.first, "\(outcome.errors)")
        let number = flux("job", "id", "--to=dec", text).output
        return try #require(Int64(number.prefix { $0.isNumber }))
    }
}
