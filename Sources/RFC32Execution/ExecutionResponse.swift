public import FluxJSON

/// An answer to a start request; there are several for each, and the final release is the last.
public struct ExecutionResponse: Payload, Hashable {
    /// What happened.
    public enum Kind: Hashable, Sendable {
        /// All shells run.
        case start
        /// All shells of an earlier start were found again.
        case reattached
        /// Resources of `ranks` (an idset or `all`) are free.
        case release(ranks: String, isFinal: Bool)
        case exception(severity: Int64, type: String, note: String?)
        /// All shells ended; the largest wait status.
        case finish(status: Int64)
    }

    /// Which job.
    public var id: UInt64
    /// What happened.
    public var kind: Kind

    public init(id: UInt64, _ kind: Kind) {
        self.id = id
        self.kind = kind
    }

    public init(json: JSON) throws(PayloadError) {
        let fields = try json.requireObject()
        id = UInt64(bitPattern: try fields.int("id"))
        let type = try fields.string("type")
        let data = try fields.object("data")
        guard let kind = try Self.kind(type, data) else {
            throw PayloadError(path: "type", expected: "type of response", found: type)
        }
        self.kind = kind
    }

    private static func kind(_ type: String, _ data: JSON.Object) throws(PayloadError) -> Kind? {
        do throws(PayloadError) {
            return switch type {
            case "start": .start
            case "reattached": .reattached
            case "release": .release(ranks: try data.string("ranks"), isFinal: try data.bool("final"))
            case "finish": .finish(status: try data.int("status"))
            case "exception":
                .exception(
                    severity: try data.int("severity"), type: try data.string("type"),
                    note: try data.optionalString("note"))
            default: nil
            }
        } catch {
            throw error.inside("data")
        }
    }

    public var json: JSON {
        let (type, data): (String, JSON) =
            switch kind {
            case .start: ("start", [:])
            case .reattached: ("reattached", [:])
            case .release(let ranks, let isFinal): ("release", ["ranks": .string(ranks), "final": .bool(isFinal)])
            case .finish(let status): ("finish", ["status": .int(status)])
            case .exception(let severity, let type, let note):
                ("exception", Self.exception(severity, type, note))
            }
        return ["id": .int(Int64(bitPattern: id)), "type": .string(type), "data": data]
    }

    private static func exception(_ severity: Int64, _ type: String, _ note: String?) -> JSON {
        var fields: JSON.Object = ["severity": .int(severity), "type": .string(type)]
        if let note { fields["note"] = .string(note) }
        return .object(fields)
    }
}
