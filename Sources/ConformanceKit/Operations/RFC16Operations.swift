import FluxJSON

/// Operations of the vectors in `rfc16-job-schema`.
enum RFC16Operations: Operations {
    static let folder = "rfc16-job-schema"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
