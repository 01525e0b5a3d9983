import FluxJSON
import RFC36Directives

/// Operations of the vectors in `rfc36-directives`.
enum RFC36Operations: Operations {
    static let folder = "rfc36-directives"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        guard op == "parse" else { return nil }
        let found = try SubmissionDirectives(parsing: try input.string("text"))
        let directives = found.directives.map { directive -> JSON in
            [
                "line": .int(Int64(directive.line)), "action": .string(directive.action),
                "args": .array(directive.arguments.map { .string($0) }),
            ]
        }
        return ["sentinel": found.sentinel.map { .string($0) } ?? .null, "directives": .array(directives)]
    }
}
