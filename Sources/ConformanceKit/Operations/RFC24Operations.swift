import FluxJSON

/// Operations of the vectors in `rfc24-io`.
enum RFC24Operations: Operations {
    static let folder = "rfc24-io"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
