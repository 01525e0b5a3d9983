import FluxJSON
import RFC19FLUID

/// Operations of the vectors in `rfc19-fluid`.
enum RFC19Operations: Operations {
    static let folder = "rfc19-fluid"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "encode-all":
            let id = JobID(try UInt64(input.string("id")) ?? { throw Unknown() }())
            var result = JSON.Object()
            for encoding in JobID.Encoding.allCases { result[encoding.rawValue] = .string(id.text(encoding)) }
            result["timestamp_ms"] = .string(String(id.timestampMilliseconds))
            result["generator"] = .int(Int64(id.generator))
            result["sequence"] = .int(Int64(id.sequence))
            return .object(result)
        case "parse":
            return .string(try JobID(parsing: input.text()).dec)
        case "decode-as":
            guard let encoding = JobID.Encoding(name: try input.string("encoding")) else { throw Unknown() }
            // Not one of the encodings this operation can be asked for: `f58` reads both prefixes.
            guard encoding != .f58plain else { throw Unknown() }
            return .string(try JobID(parsing: input.text(), as: encoding).dec)
        default:
            return nil
        }
    }

    private struct Unknown: Error {}
}
