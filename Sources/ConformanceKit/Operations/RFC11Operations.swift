import FluxJSON

/// Operations of the vectors in `rfc11-treeobj`.
enum RFC11Operations: Operations {
    static let folder = "rfc11-treeobj"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
