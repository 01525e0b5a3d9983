/// What became of one case.
public struct CaseResult: Sendable {
    /// The case.
    public let vector: Vector
    /// How it ended.
    public let verdict: Verdict

    /// How a case can end.
    public enum Verdict: Hashable, Sendable {
        /// As the vector expects.
        case passed
        /// Otherwise, on purpose: as the decision in `decisions.tsv` says.
        case differs(Decision)
        /// The implementation does not offer this operation.
        case notOffered
        /// Wrongly; the text says how, for a person.
        case failed(String)
    }
}
