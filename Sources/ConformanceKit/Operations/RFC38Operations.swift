import FluxJSON

/// Operations of the vectors in `rfc38-kve`.
enum RFC38Operations: Operations {
    static let folder = "rfc38-kve"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
