import FluxJSON
import RFC46Shape

/// Operations of the vectors in `rfc46-shape`.
enum RFC46Operations: Operations {
    static let folder = "rfc46-shape"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        guard op == "parse" else { return nil }
        let shape = try Shape(parsing: input.text("shape"), defaultLabel: input.string("default_label"))
        return shape.resources(rangesAsObjects: try input.bool("range_as_dict"))
    }
}
