import FluxJSON

/// Operations of the vectors in `rfc35-constraint-query`.
enum RFC35Operations: Operations {
    static let folder = "rfc35-constraint-query"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
