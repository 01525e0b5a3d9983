import FluxJSON

/// Operations of the vectors in `rfc39-signature`.
enum RFC39Operations: Operations {
    static let folder = "rfc39-signature"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
