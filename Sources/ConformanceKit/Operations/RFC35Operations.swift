import FluxJSON
import RFC35ConstraintQuery

/// Operations of the vectors in `rfc35-constraint-query`.
enum RFC35Operations: Operations {
    static let folder = "rfc35-constraint-query"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "parse": try configuration(input).parse(input.string("query"))
        default: nil
        }
    }

    private static func configuration(_ input: JSON.Object) throws -> ConstraintQuery {
        ConstraintQuery(
            defaultOperator: input["default_operator"]?.stringValue,
            aliases: texts(input["aliases"]),
            splitValues: texts(input["split_values"]),
            combinedTerms: Set((input["combined_terms"]?.arrayValue ?? []).compactMap(\.stringValue)))
    }

    private static func texts(_ json: JSON?) -> [String: String] {
        var result: [String: String] = [:]
        for (key, value) in json?.objectValue ?? [:] { result[key] = value.stringValue }
        return result
    }
}
