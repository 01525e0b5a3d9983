internal import Client
internal import FluxJSON
internal import RFC03Message
internal import Service

extension Broker {
    /// A method that every module has, for the services that are part of the broker.
    ///
    /// Source: broker-protocol 5.4 (observed: flux-core 0.88).
    static func standardMethod(_ topic: String) -> BrokerMethod? {
        let words = topic.split(separator: ".", maxSplits: 1)
        guard words.count == 2, BuiltinStates.names.contains(String(words[0])) else { return nil }
        if words[0] == "overlay", words[1] == "stats-get" { return nil }
        return standardMethods[String(words[1])]
    }

    private static let standardMethods: [String: BrokerMethod] = [
        "ping": BrokerMethod(.anyUser) { broker, request in
            var payload = try request.decodeJSON().requireObject()
            payload["route"] = .string(
                (request.routes + [broker.uuid]).map { String($0.prefix(8)) }.joined(separator: "!"))
            payload["userid"] = .int(Int64(request.userID))
            payload["rolemask"] = .int(Int64(request.roles.rawValue))
            payload["rank"] = .int(Int64(broker.rank))
            return .json(.object(payload))
        },
        "rusage": BrokerMethod(.anyUser) { _, request in
            switch try? request.decodeJSON()["who"]?.stringValue {
            case nil, "self": .json(resourceUsageJSON(0))
            case "children": .json(resourceUsageJSON(-1))
            case "thread": .json(resourceUsageJSON(1))
            default: throw ServiceError(errnum: Errno.invalid)
            }
        },
        "stats-get": BrokerMethod(.everyone) { broker, request in
            .json(broker.builtinStates[serviceName(request)].statistics)
        },
        "stats-clear": BrokerMethod { broker, request in
            broker.builtinStates.clear(serviceName(request))
            return .empty
        },
        "debug": BrokerMethod { broker, request in
            let payload = try request.decodeJSON().requireObject()
            let flags = broker.builtinStates.changeDebug(
                serviceName(request), operation: try payload.string("op"), flags: try payload.int("flags"))
            guard let flags else { throw ServiceError(errnum: Errno.proto) }
            return .json(["flags": .int(flags)])
        },
    ]

    private static func serviceName(_ request: Message) -> String { String((request.topic ?? "").prefix { $0 != "." }) }
}
