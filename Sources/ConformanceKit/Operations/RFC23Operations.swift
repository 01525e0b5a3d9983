import FluxJSON

/// Operations of the vectors in `rfc23-fsd`.
enum RFC23Operations: Operations {
    static let folder = "rfc23-fsd"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
