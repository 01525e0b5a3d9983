import FluxJSON

/// Operations of the vectors in `rfc37-file-archive`.
enum RFC37Operations: Operations {
    static let folder = "rfc37-file-archive"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
