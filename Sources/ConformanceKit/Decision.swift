public import FluxJSON

/// A row of `decisions.tsv`: a case where this implementation knowingly differs from what a vector expects, or a demand
/// of an RFC that it knowingly does not prove.
public struct Decision: Hashable, Sendable {
    /// Name of the case, or of the row in `requirements/rfcNN.tsv`.
    public let subject: String
    /// What happens instead.
    public let outcome: Outcome
    /// Why, for a person.
    public let reason: String

    /// What happens instead of what the vector expects, or why a demand has no proof.
    public enum Outcome: Hashable, Sendable {
        /// `refuse`: the input of the case is an error.
        case refuse
        /// `result JSON`: this is the result of the case.
        case result(JSON)
        /// `not-implemented`: the demand is about something that is not here, or is done otherwise.
        case notImplemented
        /// `not-ours`: the demand is addressed to somebody else, a site, a user or another program.
        case notOurs

        /// Whether the subject is a demand and not a case.
        public var isAboutDemand: Bool { self == .notImplemented || self == .notOurs }
    }

    /// Why `decisions.tsv` cannot be used.
    public struct LoadError: Error, CustomStringConvertible {
        /// File and line, `decisions.tsv:12`.
        public let place: String
        /// What is wrong there.
        public let reason: String

        public var description: String { "\(place): \(reason)" }
    }

    /// Reads `decisions.tsv`: case or requirement id, decision, reason, separated by tabs; `#` starts a comment line.
    public static func load(path: String) throws(LoadError) -> [String: Decision] {
        guard let rows = lines(ofFile: path) else { return [:] }
        var decisions: [String: Decision] = [:]
        for (index, row) in rows.enumerated() where !row.isEmpty && !row.hasPrefix("#") {
            let place = "\(path):\(index + 1)"
            let columns = row.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard columns.count == 3, !columns[2].isEmpty else {
                throw LoadError(place: place, reason: "expected id, decision and reason, separated by tabs")
            }
            guard let outcome = Outcome(text: columns[1]) else {
                throw LoadError(
                    place: place,
                    reason: "the decision is refuse, result followed by JSON, not-implemented or not-ours")
            }
            let decision = Decision(subject: columns[0], outcome: outcome, reason: columns[2])
            guard decisions.updateValue(decision, forKey: decision.subject) == nil else {
                throw LoadError(place: place, reason: "second decision for \(decision.subject)")
            }
        }
        return decisions
    }
}

extension Decision.Outcome {
    fileprivate init?(text: String) {
        switch text {
        case "refuse": self = .refuse
        case "not-implemented": self = .notImplemented
        case "not-ours": self = .notOurs
        default:
            guard text.hasPrefix("result "), let json = try? JSON(parsing: String(text.dropFirst(7))) else { return nil }
            self = .result(json)
        }
    }
}
