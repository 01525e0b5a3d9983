package import FluxJSON
package import RFC03Message

/// Which messages a `module.trace` client wants to see, and the record of one.
///
/// Source: broker-protocol 3.8, 5.2 (observed: flux-core 0.88).
package struct TraceFilter: Sendable {
    private let names: Set<String>
    private let match: MessageMatch
    private let isFull: Bool

    package init(json: JSON) throws(PayloadError) {
        let payload = try json.requireObject()
        names = Set(try payload.array("names").compactMap(\.stringValue))
        match = MessageMatch(
            kinds: UInt8(truncatingIfNeeded: try payload.int("typemask")),
            topicGlob: try payload.string("topic_glob"))
        isFull = try payload.optionalBool("full") ?? false
    }

    package func admits(_ message: Message, module: String) -> Bool {
        (names.isEmpty || names.contains(module)) && message.topic != "module.trace" && match.matches(message)
    }

    package func record(_ message: Message, prefix: String, module: String, time: Double) -> JSON {
        var record = TraceRecord.json(message, prefix: prefix, rank: -1, isFull: isFull, time: time)
        record["name"] = .string(module)
        return .object(record)
    }
}

/// Which messages between brokers an `overlay.trace` client wants to see, and the record of one.
package struct OverlayTraceFilter: Sendable {
    /// Only what is exchanged with this broker; nil for all.
    private let peer: UInt32?
    private let match: MessageMatch
    private let isFull: Bool

    package init(json: JSON) throws(PayloadError) {
        let payload = try json.requireObject()
        peer = UInt32(exactly: try payload.int("nodeid"))
        match = MessageMatch(
            kinds: UInt8(truncatingIfNeeded: try payload.int("typemask")),
            topicGlob: try payload.string("topic_glob"))
        isFull = try payload.optionalBool("full") ?? false
    }

    /// - Parameter rank: the other broker; nil for all children.
    /// - Returns: nil when the message is not wanted.
    package func record(_ message: Message, prefix: String, rank: UInt32?, time: Double) -> JSON? {
        guard message.topic != "overlay.trace", match.matches(message) else { return nil }
        if let peer, let rank, peer != rank { return nil }
        return .object(
            TraceRecord.json(message, prefix: prefix, rank: rank.map { Int64($0) } ?? -1, isFull: isFull, time: time))
    }
}

/// A message as those who trace are shown it.
private enum TraceRecord {
    static func json(_ message: Message, prefix: String, rank: Int64, isFull: Bool, time: Double) -> JSON.Object {
        let errnum = message.kind == .response ? message.errnum : 0
        var record: JSON.Object = [
            "timestamp": .real(time), "prefix": .string(prefix), "rank": .int(rank),
            "type": .int(Int64(message.kind.rawValue)), "topic": .string(topic(message)),
            "payload_size": .int(Int64(message.payload?.count ?? 0)), "errnum": .int(Int64(errnum)),
        ]
        if isFull {
            record["payload"] = (try? message.decodeJSON()) ?? .null
            record["errstr"] = .string(errnum != 0 ? message.payloadText ?? "" : "")
        }
        return record
    }

    /// Control messages have none; type and number stand for it.
    private static func topic(_ message: Message) -> String {
        guard message.kind == .control else { return message.topic ?? "" }
        let types: [UInt32: String] = [0: "heartbeat", 1: "status", 2: "disconnect"]
        return "\(types[message.controlType] ?? "unknown") \(message.controlStatus)"
    }
}
