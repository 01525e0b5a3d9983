import FluxJSON

/// Operations of the vectors in `rfc14-jobspec`.
enum RFC14Operations: Operations {
    static let folder = "rfc14-jobspec"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? { try JobspecVerdicts.run(op, input) }
}
