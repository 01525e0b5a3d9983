public import FluxJSON

/// A row of `decisions.tsv`: a case where this implementation knowingly differs from what a vector expects.
public struct Decision: Hashable, Sendable {
    /// Name of the case.
    public let caseID: String
    /// What happens instead.
    public let outcome: Outcome
    /// Why, for a person.
    public let reason: String

    /// What happens instead of what the vector expects.
    public enum Outcome: Hashable, Sendable {
        /// `refuse`: the input is an error.
        case refuse
        /// `result JSON`: this is the result.
        case result(JSON)
    }

    /// Why `decisions.tsv` cannot be used.
    public struct LoadError: Error, CustomStringConvertible {
        /// File and line, `decisions.tsv:12`.
        public let place: String
        /// What is wrong there.
        public let reason: String

        public var description: String { "\(place): \(reason)" }
    }

    /// Reads `decisions.tsv`: case id, decision, reason, separated by tabs; `#` starts a comment line.
    public static func load(path: String) throws(LoadError) -> [String: Decision] {
        guard let rows = lines(ofFile: path) else { return [:] }
        var decisions: [String: Decision] = [:]
        for (index, row) in rows.enumerated() where !row.isEmpty && !row.hasPrefix("#") {
            let place = "\(path):\(index + 1)"
            let columns = row.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard columns.count == 3, !columns[2].isEmpty else {
                throw LoadError(place: place, reason: "expected case id, decision and reason, separated by tabs")
            }
            guard let outcome = Outcome(text: columns[1]) else {
                throw LoadError(place: place, reason: "the decision is \"refuse\" or \"result\" followed by JSON")
            }
            let decision = Decision(caseID: columns[0], outcome: outcome, reason: columns[2])
            guard decisions.updateValue(decision, forKey: decision.caseID) == nil else {
                throw LoadError(place: place, reason: "second decision for \(decision.caseID)")
            }
        }
        return decisions
    }
}

extension Decision.Outcome {
    fileprivate init?(text: String) {
        if text == "refuse" {
            self = .refuse
        } else if text.hasPrefix("result "), let json = try? JSON(parsing: String(text.dropFirst(7))) {
            self = .result(json)
        } else {
            return nil
        }
    }
}
