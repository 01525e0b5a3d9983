import FluxJSON

/// Operations of the vectors in `rfc46-shape`.
enum RFC46Operations: Operations {
    static let folder = "rfc46-shape"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
