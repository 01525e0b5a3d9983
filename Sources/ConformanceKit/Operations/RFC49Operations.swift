import FluxJSON
import RFC20R
import RFC49TreePool

/// Operations of the vectors in `rfc49-treepool`.
enum RFC49Operations: Operations {
    static let folder = "rfc49-treepool"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "load":
            let set = try TreePool(ResourceSet(json: input.value("R"))).pool.resources
            return ["scheduling": set.scheduling ?? nil, "R_lite": set.json["execution"]?["R_lite"] ?? nil]
        case "alloc-sequence":
            var sequence = try AllocationSequence(tree: ResourceSet(json: input.value("R")))
            return try sequence.run(input.array("requests"))
        default: return nil
        }
    }
}
