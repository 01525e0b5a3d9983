import FluxJSON

/// Operations of the vectors in `rfc34-taskmap`.
enum RFC34Operations: Operations {
    static let folder = "rfc34-taskmap"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
