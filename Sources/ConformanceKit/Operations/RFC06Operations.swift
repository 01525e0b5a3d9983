import FluxJSON

/// Operations of the vectors in `rfc06-rpc`.
enum RFC06Operations: Operations {
    static let folder = "rfc06-rpc"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
