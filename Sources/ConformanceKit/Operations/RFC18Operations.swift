import FluxJSON
import RFC18Eventlog

/// Operations of the vectors in `rfc18-eventlog`.
enum RFC18Operations: Operations {
    static let folder = "rfc18-eventlog"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "decode-log": .array(try Eventlog(parsing: bytes(input)).entries.map(\.json))
        case "decode-entry": try Eventlog.Entry(parsing: try input.string("text")).json
        case "encode-log": .string(try Eventlog.lines(try input.array("entries")))
        case "create-entry": .string(try create(input).text)
        case "contains": .bool(try Eventlog(parsing: bytes(input)).contains(try input.string("name")))
        default: nil
        }
    }

    private static func bytes(_ input: JSON.Object) throws -> [UInt8] {
        if let digits = try input.optionalString("text_hex") { return try unhex(digits) }
        return Array(try input.string("text").utf8)
    }

    private static func create(_ input: JSON.Object) throws -> Eventlog.Entry {
        let context = try input["context"]?.stringValue.map { try JSON(parsing: $0) }
        return try Eventlog.Entry(
            checking: try input.number("timestamp"), name: try input.string("name"), context: context)
    }
}
