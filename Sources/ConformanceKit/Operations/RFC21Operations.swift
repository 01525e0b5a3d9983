import FluxJSON

/// Operations of the vectors in `rfc21-job-states`.
enum RFC21Operations: Operations {
    static let folder = "rfc21-job-states"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
