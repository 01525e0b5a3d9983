import FluxJSON

/// Operations of the vectors in `rfc25-jobspec-v1`.
enum RFC25Operations: Operations {
    static let folder = "rfc25-jobspec-v1"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? { try JobspecVerdicts.run(op, input) }
}
