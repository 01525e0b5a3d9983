import FluxJSON

/// Operations of the vectors in `rfc03-message`.
enum RFC03Operations: Operations {
    static let folder = "rfc03-message"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
