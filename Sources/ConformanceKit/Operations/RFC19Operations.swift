import FluxJSON

/// Operations of the vectors in `rfc19-fluid`.
enum RFC19Operations: Operations {
    static let folder = "rfc19-fluid"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
