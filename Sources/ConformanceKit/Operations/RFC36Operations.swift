import FluxJSON

/// Operations of the vectors in `rfc36-directives`.
enum RFC36Operations: Operations {
    static let folder = "rfc36-directives"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
