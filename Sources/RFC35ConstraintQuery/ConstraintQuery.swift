public import FluxJSON
public import RFC31Constraint

/// The syntax of constraint queries, configured for one use.
///
/// ```swift
/// let query = ConstraintQuery(defaultOperator: "name")
/// try query.parse("a|b&c").text   // {"or":[{"name":["a"]},{"and":[{"name":["b"]},{"name":["c"]}]}]}
/// ```
///
/// Source: RFC 35.
public struct ConstraintQuery: Hashable, Sendable {
    /// Operator of terms without one; nil when every term has to name its operator.
    public let defaultOperator: String?
    /// Other names of operators: short name to the name in the result.
    public let aliases: [String: String]
    /// Operators whose operand is a list: name in the result to the separator.
    public let splitValues: [String: String]
    /// Operators whose operands are joined into one term when two terms are joined by `and`.
    public let combinedTerms: Set<String>

    /// How deeply `not` and parentheses may be nested.
    public static let depthLimit = 500

    /// Configures the syntax.
    public init(
        defaultOperator: String? = nil, aliases: [String: String] = [:], splitValues: [String: String] = [:],
        combinedTerms: Set<String> = []
    ) {
        self.defaultOperator = defaultOperator
        self.aliases = aliases
        self.splitValues = splitValues
        self.combinedTerms = combinedTerms
    }

    /// The syntax of the `--requires` option: properties unless `host:` or `rank:` says otherwise.
    public static let requirements = ConstraintQuery(
        defaultOperator: "properties",
        aliases: ["host": "hostlist", "hosts": "hostlist", "rank": "ranks"],
        splitValues: ["properties": ","],
        combinedTerms: ["properties"])

    /// Turns a query into a constraint object.
    ///
    /// - Throws: ``SyntaxError`` with the position of the first problem.
    /// - Complexity: linear in the length of the query.
    public func parse(_ query: String) throws(SyntaxError) -> JSON {
        var parser = QueryParser(query, self)
        return try parser.parse().json
    }

    /// Turns a query into a constraint of RFC 31.
    ///
    /// - Throws: ``SyntaxError`` for the text, `ConstraintError` for operators and operands that RFC 31 does not know.
    public func constraint(_ query: String) throws -> Constraint { try Constraint(json: parse(query)) }
}
