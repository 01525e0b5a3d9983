import FluxJSON

/// Operations of the vectors in `rfc26-dependency`.
enum RFC26Operations: Operations {
    static let folder = "rfc26-dependency"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
