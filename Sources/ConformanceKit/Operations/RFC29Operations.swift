import FluxJSON

/// Operations of the vectors in `rfc29-hostlist`.
enum RFC29Operations: Operations {
    static let folder = "rfc29-hostlist"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
