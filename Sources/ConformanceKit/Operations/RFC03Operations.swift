import FluxJSON
import RFC03Message

/// Operations of the vectors in `rfc03-message`.
enum RFC03Operations: Operations {
    static let folder = "rfc03-message"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "encode": .object(try encode(input))
        case "decode": fields(try Message(decoding: unhex(input.string("hex"))))
        case "decode-parts": fields(try Message(parts: input.strings("parts").map { try unhex($0) }))
        case "decode-header": try decodeHeader(input)
        case "decode-frame": try decodeFrame(input)
        case "recv-stream": try receiveStream(input)
        case "match": .bool(try match(input))
        default: nil
        }
    }

    private static func encode(_ input: JSON.Object) throws -> JSON.Object {
        let message = try message(input)
        guard case .object(var result) = fields(message) else { return [:] }
        result["encoded"] = .string(hex(message.encode()))
        result["framed"] = .string(hex(message.encodeFrame()))
        return result
    }

    private static func decodeHeader(_ input: JSON.Object) throws -> JSON {
        let bytes = try unhex(try input.string("hex"))
        let header = try bytes.withUnsafeBytes { try Message.Header(decoding: $0) }
        return [
            "type": .int(Int64(header.type)), "flags": .int(Int64(header.flags.rawValue)),
            "userid": .int(Int64(header.userID)), "rolemask": .int(Int64(header.roles.rawValue)),
            "aux1": .int(Int64(header.word12)), "aux2": .int(Int64(header.word16)),
        ]
    }

    private static func decodeFrame(_ input: JSON.Object) throws -> JSON {
        var decoder = FrameDecoder()
        decoder.append(try unhex(try input.string("hex")))
        guard let message = try decoder.nextMessage() else { throw Incomplete() }
        return fields(message)
    }

    private static func receiveStream(_ input: JSON.Object) throws -> JSON {
        var decoder = FrameDecoder()
        var messages: [JSON] = []
        var end: JSON = "ECONNRESET"
        // One byte at a time: how a stream is cut must not matter.
        stream: for byte in try unhex(try input.string("hex")) {
            decoder.append(CollectionOfOne(byte))
            do throws(FrameDecoder.Failure) {
                while let message = try decoder.nextMessage() { messages.append(fields(message)) }
            } catch {
                if case .badMessage(let error) = error {
                    if error.reason == .empty { throw error }
                    end = error.reason == .truncatedPart ? "EINVAL" : "EPROTO"
                } else {
                    end = "EPROTO"
                }
                break stream
            }
        }
        return ["messages": .array(messages), "end": end]
    }

    private static func match(_ input: JSON.Object) throws -> Bool {
        let wanted = MessageMatch(
            kinds: try input.int("typemask", as: UInt8.self),
            matchtag: try input.int("matchtag", as: UInt32.self),
            topicGlob: input["topic_glob"]?.stringValue)
        return wanted.matches(try message(try input.object("message")))
    }

    // MARK: fields

    /// The message that the members of an encode case describe.
    private static func message(_ input: JSON.Object) throws -> Message {
        guard let kind = Message.Kind(rawValue: try input.int("type", as: UInt8.self)) else { throw Incomplete() }
        let flags = Message.Flags(rawValue: try input.optionalInt("flags", as: UInt8.self) ?? 0)
        var message = Message(kind, flags: flags)
        if input["routes"] != nil {
            message.flags.insert(.route)
            message.routes = try input.strings("routes")
        }
        message.topic = try input.optionalString("topic")
        message.payload = try input.optionalString("payload").map { try unhex($0) }
        func number(_ key: String) throws -> UInt32? {
            try input.optionalInt(key).map { UInt32(truncatingIfNeeded: $0) }
        }
        if let value = try number("userid") { message.userID = value }
        if let value = try number("rolemask") { message.roles = Message.Roles(rawValue: value) }
        for key in ["nodeid", "errnum", "seq", "control_type"] {
            if let value = try number(key) { message.nodeID = value }
        }
        for key in ["matchtag", "control_status"] {
            if let value = try number(key) { message.matchtag = value }
        }
        if kind == .request, message.nodeID == Message.upstreamNode { throw Incomplete() }
        return message
    }

    static func fields(_ message: Message) -> JSON {
        var fields: JSON.Object = [
            "type": .int(Int64(message.kind.rawValue)), "flags": .int(Int64(message.flags.rawValue)),
            "userid": .int(Int64(message.userID)), "rolemask": .int(Int64(message.roles.rawValue)),
            "parts": .array(message.parts.map { .string(hex($0)) }),
        ]
        let (word12, word16): (String, String) =
            switch message.kind {
            case .request: ("nodeid", "matchtag")
            case .response: ("errnum", "matchtag")
            case .event: ("seq", "unused")
            case .control: ("control_type", "control_status")
            }
        fields[word12] = .int(Int64(message.nodeID))
        fields[word16] = .int(Int64(message.matchtag))
        if message.flags.contains(.route) {
            fields["route_count"] = .int(Int64(message.routeStack.count))
            fields["route_first"] = message.firstRoute.map { name($0, in: message) } ?? .null
            fields["route_last"] = message.lastRoute.map { name($0, in: message) } ?? .null
            fields["route_string"] = .string(message.routeText ?? "")
        }
        if let topic = message.topic { fields["topic"] = name(topic, in: message) }
        if let payload = message.payload {
            fields["payload"] = .string(hex(payload))
            fields["payload_string"] = message.payloadText.map { .string($0) } ?? .null
            if let json = try? message.decodeJSON() { fields["payload_json"] = json }
        }
        return .object(fields)
    }

    private static func name(_ name: String, in message: Message) -> JSON {
        let bytes = message.nameBytes(name)
        return String(validating: bytes, as: UTF8.self) == nil ? ["hex": .string(hex(bytes))] : .string(name)
    }
}

/// A frame that ends early, a type that does not exist, a node id that never travels.
private struct Incomplete: Error {}
