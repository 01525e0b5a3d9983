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
        let errnum = message.kind == .response ? message.errnum : 0
        var record: JSON.Object = [
            "timestamp": .real(time), "prefix": .string(prefix), "rank": -1, "name": .string(module),
            "type": .int(Int64(message.kind.rawValue)), "topic": .string(message.topic ?? ""),
            "payload_size": .int(Int64(message.payload?.count ?? 0)), "errnum": .int(Int64(errnum)),
        ]
        if isFull {
            record["payload"] = (try? message.decodeJSON()) ?? .null
            record["errstr"] = .string(errnum != 0 ? message.payloadText ?? "" : "")
        }
        return .object(record)
    }
}
