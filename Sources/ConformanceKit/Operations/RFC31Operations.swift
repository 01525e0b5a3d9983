import FluxJSON

/// Operations of the vectors in `rfc31-constraint`.
enum RFC31Operations: Operations {
    static let folder = "rfc31-constraint"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
