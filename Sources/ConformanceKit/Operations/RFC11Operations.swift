import FluxJSON
import RFC10Content
import RFC11TreeObject

/// Operations of the vectors in `rfc11-treeobj`.
enum RFC11Operations: Operations {
    static let folder = "rfc11-treeobj"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "decode": .object(try decode(try input.string("text")))
        case "create-val": .string(TreeObject.val(try unhex(try input.string("data_hex"))).text)
        case "create-valref": .string(try createValref(input).text)
        case "create-symlink":
            .string(
                TreeObject.symlink(
                    target: try input.string("target"), namespace: input["namespace"]?.stringValue
                ).text)
        case "value-of-key": try TreeObject(json: try input.value("treeobj")).json
        default: nil
        }
    }

    /// The blobs behind a reference are in the expectation only: do they have the names that the object gives?
    static func matches(_ op: String, expected: JSON, actual: JSON) -> Bool? {
        guard op == "value-of-key" else { return nil }
        guard let object = try? TreeObject(json: actual), let digits = expected["value_hex"]?.stringValue,
            let value = try? unhex(digits)
        else { return false }
        switch object {
        case .val(let carried): return carried.bytes == value
        case .valref(let references):
            let isSame = references.count == 1 && (try? blobref(of: value, .sha1)) == references[0]
            return expected["single_blob_matches"]?.boolValue == isSame
        default: return false
        }
    }

    private static func decode(_ text: String) throws -> JSON.Object {
        let object = try TreeObject(parsing: text)
        var result: JSON.Object = [
            "encoded": .string(object.text), "type": .string(object.typeName), "count": .int(Int64(object.count)),
        ]
        switch object {
        case .val(let value):
            if let bytes = value.bytes {
                result["value_hex"] = .string(hex(bytes))
            } else {
                result["value_error"] = "EINVAL"
            }
        case .symlink(let target, let namespace):
            result["target"] = .string(target)
            result["namespace"] = namespace.map { .string($0) } ?? .null
        default: break
        }
        return result
    }

    private static func createValref(_ input: JSON.Object) throws -> TreeObject {
        let data = try unhex(try input.string("data_hex"))
        let size = try input.int("maxblob", as: Int.self)
        var blobs: [[UInt8]] = []
        for start in stride(from: 0, to: data.count, by: max(size, 1)) where size > 0 {
            blobs.append(Array(data[start..<min(start + size, data.count)]))
        }
        if blobs.isEmpty { blobs = [data] }
        return .valref(try blobs.map { try blobref(of: $0, algorithm(input)) })
    }
}
