public import FluxJSON
public import RFC18Eventlog
import RFC22Idset

extension ResourceEvent {
    /// Reads an event from its log entry; nil when the entry is not one of RFC 44.
    ///
    /// - Throws: `PayloadError` with the path in the entry when the context is not what the event requires.
    public init?(_ entry: Eventlog.Entry) throws(PayloadError) {
        let context = entry.context ?? [:]
        do throws(PayloadError) {
            switch entry.name {
            case "restart":
                self = .restart(
                    ranks: try Self.ids(context, "ranks"), online: try Self.ids(context, "online"),
                    nodelist: try context.string("nodelist"))
            case "resource-define": self = .resourceDefine(method: try context.string("method"))
            case "resource-update": self = .resourceUpdate(expiration: try context.number("expiration"))
            case "drain": self = .drain(try Drain(context))
            case "undrain": self = .undrain(try Drain(context))
            case "online": self = .online(try Self.ids(context, "idset"))
            case "offline": self = .offline(try Self.ids(context, "idset"))
            case "torpid": self = .torpid(try Self.ids(context, "idset"))
            case "lively": self = .lively(try Self.ids(context, "idset"))
            case "truncate": self = .truncate
            default: return nil
            }
        } catch {
            throw error.inside("context")
        }
    }

    /// The context of the event's log entry, nil when it has none.
    public var context: JSON.Object? {
        switch self {
        case .restart(let ranks, let online, let nodelist):
            [
                "ranks": .string(ranks.description), "online": .string(online.description),
                "nodelist": .string(nodelist),
            ]
        case .resourceDefine(let method): ["method": .string(method)]
        case .resourceUpdate(let expiration): ["expiration": .real(expiration)]
        case .drain(let drain), .undrain(let drain): drain.context
        case .online(let ranks), .offline(let ranks), .torpid(let ranks), .lively(let ranks):
            ["idset": .string(ranks.description)]
        case .truncate: nil
        }
    }

    /// The event as a log entry.
    ///
    /// - Parameter timestamp: seconds since 1970-01-01 UTC.
    public func entry(timestamp: Double) -> Eventlog.Entry {
        Eventlog.Entry(timestamp: timestamp, name: name, context: context)
    }

    fileprivate static func ids(_ context: JSON.Object, _ key: String) throws(PayloadError) -> Idset {
        let text = try context.string(key)
        guard let ids = try? Idset(parsing: text) else {
            throw PayloadError(path: key, expected: "idset", found: "\"\(text)\"")
        }
        return ids
    }
}

extension ResourceEvent.Drain {
    fileprivate init(_ context: JSON.Object) throws(PayloadError) {
        ranks = try ResourceEvent.ids(context, "idset")
        // Logs of old versions have no nodelist.
        nodelist = try context.optionalString("nodelist") ?? ""
        reason = try context.optionalString("reason")
        let value = try context.optionalInt("overwrite") ?? 0
        guard let overwrite = Overwrite(rawValue: value) else {
            throw PayloadError(path: "overwrite", expected: "integer from 0 to 2", found: "\(value)")
        }
        self.overwrite = overwrite
    }

    fileprivate var context: JSON.Object {
        var context: JSON.Object = ["idset": .string(ranks.description), "nodelist": .string(nodelist)]
        if let reason { context["reason"] = .string(reason) }
        context["overwrite"] = .int(overwrite.rawValue)
        return context
    }
}
