import FluxJSON

/// Operations of the vectors in `rfc49-treepool`.
enum RFC49Operations: Operations {
    static let folder = "rfc49-treepool"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
