import FluxJSON

/// Operations of the vectors in `rfc18-eventlog`.
enum RFC18Operations: Operations {
    static let folder = "rfc18-eventlog"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        nil
    }
}
