import FluxJSON
import RFC20R
import RFC22Idset
import RFC31Constraint
import RFC35ConstraintQuery

/// Operations of the vectors in `rfc31-constraint`.
enum RFC31Operations: Operations {
    static let folder = "rfc31-constraint"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "validate":
            _ = try Constraint(json: input.value("constraint"))
            return true
        case "match":
            return try match(Constraint(json: input.value("constraint")), input)
        case "query-match":
            let json = try ConstraintQuery.requirements.parse(input.string("query"))
            var result = try match(Constraint(json: json), input).requireObject()
            result["constraint"] = json
            return .object(result)
        default:
            return nil
        }
    }

    private static func match(_ constraint: Constraint, _ input: JSON.Object) throws -> JSON {
        let set = try ResourceSet(json: input.value("R"))
        let ranks = set.ranks(matching: constraint)
        // The comparison of single nodes has to agree with that of sets.
        let single = Idset(set.nodes.filter { constraint.matches(Target(node: $0, set: set)) }.map(\.rank))
        guard single == ranks else { return ["ranks": .string("sets: \(ranks), single nodes: \(single)")] }
        return ["ranks": .string(ranks.description), "nnodes": .int(Int64(ranks.count))]
    }

    private struct Target: ConstraintTarget {
        let node: ResourceSet.Node
        let set: ResourceSet

        var rank: UInt32 { node.rank }
        var hostname: String? { node.hostname }
        func hasProperty(_ name: String) -> Bool { set.properties[name]?.contains(node.rank) ?? false }
    }
}
