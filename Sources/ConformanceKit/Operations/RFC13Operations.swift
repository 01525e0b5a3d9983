import FluxJSON

/// Operations of the vectors in `rfc13-pmi`.
enum RFC13Operations: Operations {
    static let folder = "rfc13-pmi"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
