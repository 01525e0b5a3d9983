/// Why a JSON value is not a constraint.
public struct ConstraintError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of mistakes.
    public enum Reason: Hashable, Sendable {
        /// A constraint, or a part of one, is something other than a JSON object.
        case notAnObject
        /// The object has more than one operator.
        case severalOperators
        /// RFC 31 does not define the operator.
        case unknownOperator(String)
        /// The values of the named operator are not in an array.
        case notAnArray(operator: String)
        /// A property is not a string.
        case propertyNotAString
        /// A property name contains a character that RFC 20 forbids.
        case invalidCharacter(Character, property: String)
        /// A value of `hostlist` is not a hostlist; the value and all values as JSON.
        case invalidHostlist(String, values: String)
        /// A value of `ranks` is not an idset; the value and all values as JSON.
        case invalidIdset(String, values: String)
        /// Constraints are nested more deeply than ``Constraint/depthLimit``.
        case tooDeep
    }

    /// What is wrong.
    public let reason: Reason

    /// An error with a reason.
    public init(_ reason: Reason) { self.reason = reason }

    /// One sentence for a person.
    public var description: String {
        switch reason {
        case .notAnObject: "constraint must be JSON object"
        case .severalOperators: "constraint must only contain 1 element"
        case .unknownOperator(let name): "unknown constraint operator: \(name)"
        case .notAnArray("properties"): "properties value must be an array"
        case .notAnArray(let name): "\(name) operator value must be an array"
        case .propertyNotAString: "non-string property specified"
        case .invalidCharacter(let character, let property):
            "invalid character '\(character)' in property \"\(property)\""
        case .invalidHostlist(let value, let values): "invalid hostlist '\(value)' in \(values)"
        case .invalidIdset(let value, let values): "invalid idset '\(value)' in \(values)"
        case .tooDeep: "constraint is nested more than \(Constraint.depthLimit) levels deep"
        }
    }
}
