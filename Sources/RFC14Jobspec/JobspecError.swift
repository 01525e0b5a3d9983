/// A jobspec that is refused; the description is what the submitter reads.
public struct JobspecError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
