import FluxJSON

/// Operations of the vectors in `rfc10-blobref`.
enum RFC10Operations: Operations {
    static let folder = "rfc10-blobref"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
