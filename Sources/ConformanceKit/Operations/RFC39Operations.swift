import FluxJSON
import RFC39Signature

/// Operations of the vectors in `rfc39-signature`.
enum RFC39Operations: Operations {
    static let folder = "rfc39-signature"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "wrap": try wrap(input)
        case "unwrap": try unwrap(input)
        default: nil
        }
    }

    private static func wrap(_ input: JSON.Object) throws -> JSON? {
        guard try input.string("mechanism") == "none" else { return nil }
        return .string(
            SignedPayload.wrapNone(
                try unhex(try input.string("payload_hex")), userID: try input.int("userid", as: UInt32.self),
                order: try input.string("writer") == "flux-core" ? .core : .security))
    }

    private static func unwrap(_ input: JSON.Object) throws -> JSON {
        let text = try input.string("text")
        if try input.string("reader") == "flux-core" {
            let (payload, userID) = try SignedPayload.unwrapNone(text)
            return ["payload": .string(hex(payload)), "userid": .int(Int64(userID))]
        }
        let signed = try SignedPayload(parsing: text)
        if try input.bool("verify") { try signed.verifyNone(realUserID: try input.int("real_userid")) }
        return [
            "payload": .string(hex(signed.payload)), "userid": .int(signed.userID),
            "mechanism": .string(signed.mechanism.rawValue),
        ]
    }
}
