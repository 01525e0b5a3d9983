import FluxJSON

/// Operations of the vectors in `rfc20-r`.
enum RFC20Operations: Operations {
    static let folder = "rfc20-r"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
