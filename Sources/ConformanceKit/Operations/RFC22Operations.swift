import FluxJSON

/// Operations of the vectors in `rfc22-idset`.
enum RFC22Operations: Operations {
    static let folder = "rfc22-idset"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
