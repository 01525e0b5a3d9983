public import RFC22Idset
public import RFC29Hostlist

/// Which nodes a job may run on.
///
/// A constraint is a tree: leaves name properties, hosts or ranks, the inner nodes are `and`, `or` and `not`.
///
/// ```swift
/// let json = try JSON(parsing: #"{"and": [{"properties": ["ssd", "^slow"]}, {"ranks": ["0-7"]}]}"#)
/// let constraint = try Constraint(json: json)
/// ```
///
/// Source: RFC 31. What the RFC leaves open (operators without values, several values of `not`) follows flux-core.
public indirect enum Constraint: Hashable, Sendable {
    /// All of the named properties, and none of those that follow a `^`.
    ///
    /// A host name counts as a property of its node. Without names every node matches.
    case properties([Property])
    /// Nodes whose host is in the list; an empty list matches nothing.
    case hostlist(Hostlist)
    /// Nodes with these ranks; an empty set matches nothing.
    case ranks(Idset)
    /// All of the parts match; without parts, always.
    case and([Constraint])
    /// One of the parts matches; without parts, always.
    case or([Constraint])
    /// Not all of the parts match; without parts, never.
    case not([Constraint])

    /// The constraint that every node matches, `{}`.
    public static let any = Constraint.and([])

    /// One entry of a `properties` constraint.
    public struct Property: Hashable, Sendable {
        /// The name without the sign of negation.
        public let name: String
        /// Whether nodes must not have the property.
        public let isNegated: Bool

        /// Takes the entry apart: `^slow` is the negated property `slow`.
        public init(_ text: String) {
            isNegated = text.utf8.first == UInt8(ascii: "^")
            name = isNegated ? String(text.dropFirst()) : text
        }

        /// The entry as it is written in a constraint.
        public var text: String { isNegated ? "^" + name : name }
    }
}
