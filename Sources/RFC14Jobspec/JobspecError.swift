/// A jobspec, or what one is to be made of, that is refused.
public struct JobspecError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of mistakes.
    public enum Reason: Hashable, Sendable {
        /// Something that has to be there is not.
        case missing
        /// A key that may not be there.
        case unexpected
        /// A value of another JSON type.
        case wrongType
        /// A value that is not among those allowed, or contradicts another one.
        case invalidValue
        /// A number that is larger than what it counts can be.
        case tooLarge
    }

    /// What is wrong.
    public let reason: Reason
    /// Where, as `jq` would write it without the first dot: `resources[0].count`; empty for the whole, or where an argument
    /// is wrong and not a document.
    public let path: String
    /// What the submitter reads: flux-core's words, which scripts know.
    public let description: String

    /// Creates one from its members.
    public init(_ description: String, _ reason: Reason = .invalidValue, at path: String = "") {
        self.description = description
        self.reason = reason
        self.path = path
    }

    /// The same error seen from one level further out: `count` inside `resources[0]` is `resources[0].count`.
    public func inside(_ outer: String) -> JobspecError {
        let joined = path.isEmpty || outer.isEmpty || path.hasPrefix("[") ? outer + path : outer + "." + path
        return JobspecError(description, reason, at: joined)
    }
}
