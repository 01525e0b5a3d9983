import Digest
import FluxJSON
import RFC10Content
import RFC11TreeObject

/// Operations of the vectors in `rfc10-blobref`.
enum RFC10Operations: Operations {
    static let folder = "rfc10-blobref"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "hash":
            .string(try blobref(of: unhex(try input.string("data")), algorithm(input)).description)
        case "encode":
            .string(try Blobref(algorithm(input), digest: unhex(try input.string("digest"))).description)
        case "decode": .string(hex(try Blobref(parsing: try input.string("blobref")).digest))
        case "validate": .bool(try Blobref(parsing: try input.string("blobref")).digest.count > 0)
        case "valref-of-blobs":
            TreeObject.valref(
                try input.strings("blobs").map { try blobref(of: Array($0.utf8), algorithm(input)) }
            ).json
        default: nil
        }
    }
}

/// The hash function that the member `hashtype` names.
func algorithm(_ input: JSON.Object) throws -> Blobref.Algorithm {
    let name = try input.string("hashtype")
    guard let algorithm = Blobref.Algorithm(rawValue: name) else {
        throw PayloadError(path: "hashtype", expected: "sha1 or sha256", found: name)
    }
    return algorithm
}

/// The name of a blob.
func blobref(of bytes: [UInt8], _ algorithm: Blobref.Algorithm) throws -> Blobref {
    try Blobref(algorithm, digest: algorithm == .sha1 ? Digest.sha1(bytes) : Digest.sha256(bytes))
}
