import FluxJSON
import RFC38KVEncoding

/// Operations of the vectors in `rfc38-kve`.
enum RFC38Operations: Operations {
    static let folder = "rfc38-kve"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "encode":
            try result(of: encoding(try input.array("entries")))
        case "decode":
            .array(try KVEncoding(parsing: unhex(try input.string("hex"))).entries.map(json))
        case "delete": try delete(input)
        case "join": try join(input)
        case "split":
            .string(
                hex(try encoding(try input.array("entries")).split(prefix: input["prefix"]?.stringValue ?? "").bytes))
        case "get-typed": .bool(try hasTyped(input))
        default: nil
        }
    }

    private static func result(of encoding: KVEncoding) -> JSON {
        let bytes = encoding.bytes
        let text = String(decoding: bytes, as: UTF8.self).split(separator: "\0", omittingEmptySubsequences: false)
        return ["hex": .string(hex(bytes)), "text": .string(text.joined(separator: "\\0"))]
    }

    private static func encoding(_ entries: [JSON]) throws -> KVEncoding {
        var encoding = KVEncoding()
        for entry in entries {
            let fields = try entry.requireObject()
            try encoding.put(try fields.string("key"), try value(try fields.string("type"), try fields.string("value")))
        }
        return encoding
    }

    private static func value(_ type: String, _ text: String) throws -> KVEncoding.Value {
        switch type {
        case "s": return .string(text)
        case "i": if let value = Int64(text) { return .int(value) }
        case "d": if let value = Double(text) { return .double(value) }
        case "b": return .bool(text == "true")
        case "t": if let value = Int64(text) { return .timestamp(value) }
        default: break
        }
        throw PayloadError(path: "value", expected: "value of type \(type)", found: text)
    }

    private static func json(_ entry: KVEncoding.Entry) -> JSON {
        let value: JSON =
            switch entry.value {
            case .string(let text): .string(text)
            case .int(let value), .timestamp(let value): .string(String(value))
            case .double(let value):
                value.isFinite ? .real(value) : .string(value.isNaN ? "nan" : value < 0 ? "-inf" : "inf")
            case .bool(let value): .bool(value)
            }
        let type = String(UnicodeScalar(entry.value.type.rawValue))
        return ["key": .string(entry.key), "type": .string(type), "text": .string(entry.text), "value": value]
    }

    private static func delete(_ input: JSON.Object) throws -> JSON {
        var encoding = try encoding(try input.array("entries"))
        try encoding.remove(try input.string("key"))
        return .string(hex(encoding.bytes))
    }

    private static func join(_ input: JSON.Object) throws -> JSON {
        var first = try encoding(try input.array("a"))
        try first.join(try encoding(try input.array("b")), prefix: input["prefix"]?.stringValue ?? "")
        return .string(hex(first.bytes))
    }

    private static func hasTyped(_ input: JSON.Object) throws -> Bool {
        let encoding = try KVEncoding(parsing: unhex(try input.string("hex")))
        let key = try input.string("key")
        let type = try input.string("type")
        guard let value = encoding[key], String(UnicodeScalar(value.type.rawValue)) == type else {
            throw PayloadError(path: key, expected: "value of type \(type)", found: nil)
        }
        return true
    }
}
