import FluxJSON

/// Operations of the vectors in `rfc45-range`.
enum RFC45Operations: Operations {
    static let folder = "rfc45-range"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
