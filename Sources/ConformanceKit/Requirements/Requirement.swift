/// A row of `requirements/rfc22.tsv`: something an RFC demands, and what proves that it is done.
public struct Requirement: Hashable, Sendable {
    /// Number of the RFC.
    public let rfc: Int
    /// Unique name, `rfc22-3`.
    public let id: String
    /// Heading in the RFC under which the demand stands.
    public let section: String
    /// How binding it is.
    public let level: Level
    /// The demand, in our words.
    public let demand: String
    /// What proves it; empty when nothing does, which `decisions.tsv` may explain.
    public let proofs: [Proof]

    /// How binding a demand is.
    public enum Level: String, Hashable, Sendable {
        case must = "MUST", mustNot = "MUST NOT", shall = "SHALL", shallNot = "SHALL NOT", required = "REQUIRED"
    }

    /// Something that can be run.
    public enum Proof: Hashable, Sendable, CustomStringConvertible {
        /// A case of the vectors, by its id.
        case vector(String)
        /// A test function, `IdsetTests.parsing`.
        case test(suite: String, function: String)

        public var description: String {
            switch self {
            case .vector(let id): id
            case .test(let suite, let function): "\(suite).\(function)"
            }
        }
    }
}

extension Requirement.Proof {
    /// A word with a dot is a test, another word a case.
    init(text: Substring) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        self = parts.count == 2 ? .test(suite: String(parts[0]), function: String(parts[1])) : .vector(String(text))
    }
}
