import FluxJSON
import Glibc
import RFC03Message
import RFC19FLUID
import RFC39Signature

/// Between messages and the way a recording writes them.
enum Wire {
    private static let flags: [(Message.Flags, String)] = [
        (.topic, "topic"), (.payload, "payload"), (.noResponse, "noresponse"), (.route, "route"), (.upstream, "upstream"),
        (.isPrivate, "private"), (.streaming, "streaming"), (.user1, "user1"),
    ]
    private static let roles: [(Message.Roles, String)] = [
        (.owner, "owner"), (.user, "user"), (.local, "local"), (.admin, "admin"),
    ]

    /// The request, or the event, as a client sends it.
    static func request(_ recorded: JSON, _ pattern: Pattern) throws -> Message {
        let object = try recorded.requireObject()
        let names = try object.array("flags").compactMap(\.stringValue)
        let isEvent = object["type"] == "event"
        let nodeID = object["nodeid"]?.intValue.map { UInt32($0) } ?? (isEvent ? 0 : Message.anyNode)
        var message = Message.request(
            pattern.filled(try object.string("topic")), json: try object["payload"].map { try payload($0, pattern) },
            nodeID: nodeID, matchtag: UInt32(try object.int("matchtag")))
        if isEvent { message.kind = .event }
        for (flag, name) in flags where names.contains(name) { message.flags.insert(flag) }
        return message
    }

    /// The message as a recording writes it, one for each line of an eventlog that it carries.
    static func recorded(_ message: Message) -> [JSON] {
        var object: JSON.Object = [
            "type": .string(message.kind == .event ? "event" : "response"),
            "flags": .array(flags.filter { message.flags.contains($0.0) }.map { .string($0.1) }),
            "topic": .string(message.topic ?? ""),
        ]
        if message.kind == .response { object["errnum"] = .int(Int64(message.errnum)) }
        object["matchtag"] = .int(message.kind == .response ? Int64(message.matchtag) : 0)
        object["user"] = switch message.userID {
        case UInt32.max: "unknown"
        case geteuid(): "owner"
        case let other: .int(Int64(other))
        }
        object["roles"] = .array(roles.filter { message.roles.contains($0.0) }.map { .string($0.1) })
        guard let bytes = message.payload else { return [.object(object)] }
        guard let payload = try? message.decodeJSON() else {
            object["payload_text"] = .string(message.payloadText ?? String(decoding: bytes, as: UTF8.self))
            return [.object(object)]
        }
        return lines(of: payload).map { payload in
            object["payload"] = payload
            return .object(object)
        }
    }

    private static func lines(of payload: JSON) -> [JSON] {
        for (key, value) in payload.objectValue ?? [:] {
            guard let text = value.stringValue, text.hasPrefix("{"), text.hasSuffix("}\n") else { continue }
            return text.split(separator: "\n").map { line in
                var one = payload.objectValue ?? [:]
                one[key] = .string(line + "\n")
                return .object(one)
            }
        }
        return [payload]
    }

    private static func payload(_ recorded: JSON, _ pattern: Pattern) throws -> JSON {
        switch recorded {
        case .array(let elements): return .array(try elements.map { try payload($0, pattern) })
        case .string(let text): return .string(pattern.filled(text))
        case .object(let object):
            if let jobspec = object["$signed"] {
                return .string(SignedPayload.wrapNone(try payload(jobspec, pattern).bytes, userID: geteuid()))
            }
            if let name = object["$job"]?.stringValue, let job = pattern.jobs[name] { return .int(Int64(job.value)) }
            if object["$owner"] != nil { return .int(Int64(geteuid())) }
            var filled = JSON.Object()
            for (key, value) in object { filled[key] = try payload(value, pattern) }
            return .object(filled)
        default: return recorded
        }
    }
}
