import FluxJSON
import RFC03Message
import RFC06RPC

/// Operations of the vectors in `rfc06-rpc`.
///
/// What a command says to its broker is in the expectation; the conversation is replayed through the client's side
/// of this project, and every response compared with the one that follows from its request.
enum RFC06Operations: Operations {
    static let folder = "rfc06-rpc"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "command-exchange": .object(input)
        case "byte-exchange": .array(try input.strings("client_frames_hex").map { .string($0) })
        default: nil
        }
    }

    static func matches(_ op: String, expected: JSON, actual: JSON) -> Bool? {
        switch op {
        case "command-exchange": (try? replaysTrace(try expected.requireObject())) ?? false
        case "byte-exchange": (try? replaysBytes(try expected.requireObject(), actual.arrayValue ?? [])) ?? false
        default: nil
        }
    }

    // MARK: bytes

    private static func replaysBytes(_ expected: JSON.Object, _ clientFrames: [JSON]) throws -> Bool {
        guard try expected.string("server_first_byte") == "00" else { return false }
        let requests = try messages(clientFrames, like: try expected.array("client_messages"))
        let responses = try messages(
            try expected.array("server_frames_hex"), like: try expected.array("server_messages"))
        guard let requests, let responses else { return false }

        // The two directions were recorded apart: a number is used again only after its last response.
        var calls = RPCClient()
        var arriving = responses[...]
        for request in requests where request.kind == .request {
            while calls.isInUse(request.matchtag), let response = arriving.popFirst() {
                guard accepts(response, &calls) else { return false }
            }
            guard calls.adopt(request) else { return false }
        }
        return arriving.allSatisfy { accepts($0, &calls) } && calls.pending.allSatisfy { $0.flags.contains(.streaming) }
    }

    /// The messages in the frames; nil unless they have the expected fields and encode to the same bytes.
    private static func messages(_ frames: [JSON], like expected: [JSON]) throws -> [Message]? {
        guard frames.count == expected.count else { return nil }
        var messages: [Message] = []
        for (frame, wanted) in zip(frames, expected) {
            let bytes = try unhex(frame.stringValue ?? "")
            var decoder = FrameDecoder()
            decoder.append(bytes)
            guard let message = try decoder.nextMessage(), message.encodeFrame() == bytes else { return nil }
            guard case .object(var fields) = RFC03Operations.fields(message) else { return nil }
            if wanted["parts"] == nil { fields["parts"] = nil }
            guard Comparison.difference(expected: wanted, actual: .object(fields)) == nil else { return nil }
            messages.append(message)
        }
        return messages
    }

    private static func accepts(_ response: Message, _ calls: inout RPCClient) -> Bool {
        guard case .response(let request, _) = calls.receive(response) else { return false }
        var derived = request.response(payload: response.payload)
        (derived.credentials, derived.errnum) = (response.credentials, response.errnum)
        return derived == response
    }

    // MARK: traces

    private static func replaysTrace(_ expected: JSON.Object) throws -> Bool {
        var calls = RPCClient()
        var lastResponses: [Message] = []
        for entry in try expected.array("messages") {
            let fields = try entry.requireObject()
            let message = try message(fields)
            if try fields.string("dir") == "client-to-broker" {
                guard calls.adopt(message) else { return false }
            } else if calls.isInUse(message.matchtag) {
                guard accepts(message, &calls) else { return false }
                lastResponses.append(message)
            } else if !lastResponses.contains(message) {
                // A client that waits for another response puts this one back and reads it a second time.
                return false
            }
        }
        return calls.pending.allSatisfy { $0.flags.contains(.streaming) }
    }

    private static func message(_ fields: JSON.Object) throws -> Message {
        let isRequest = try fields.string("type") == "request"
        let header = try fields.object("header")
        var message = Message(isRequest ? .request : .response)
        message.topic = try fields.string("topic")
        let flags = Set(try header.string("flags").split(separator: ",").map(String.init))
        if flags.contains("payload") {
            message.payload = Message.textPayload(fields["payload_text"]?.stringValue ?? fields["payload"]?.text ?? "")
        }
        let known: [(String, Message.Flags)] = [
            ("route", .route), ("noresponse", .noResponse), ("streaming", .streaming), ("upstream", .upstream),
            ("private", .isPrivate),
        ]
        for (name, flag) in known where flags.contains(name) { message.flags.insert(flag) }
        message.matchtag = UInt32(try header.string("matchtag")) ?? 0
        if isRequest {
            message.nodeID = UInt32(try header.string("nodeid")) ?? Message.anyNode
        } else {
            message.errnum = UInt32(try header.string("errnum")) ?? 0
        }
        message.userID = UInt32(try header.string("userid")) ?? Message.unknownUser
        let roles: [(String, Message.Roles)] = [
            ("owner", .owner), ("user", .user), ("local", .local), ("admin", .admin),
        ]
        for role in try header.string("rolemask").split(separator: ",") {
            for (name, bit) in roles where name == role { message.roles.insert(bit) }
        }
        return message
    }
}
