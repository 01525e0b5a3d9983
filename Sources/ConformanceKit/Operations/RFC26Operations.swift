import FluxJSON
import RFC26Dependency

/// Operations of the vectors in `rfc26-dependency`.
enum RFC26Operations: Operations {
    static let folder = "rfc26-dependency"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "uri-to-dependency":
            .array(try input.strings("uris").map { try JobDependency(uri: $0).json })
        case "validate":
            ["rfc26_schema_valid": .bool(JobDependency.followsRFC(try input.value("dependencies")))]
        default: nil
        }
    }
}
