import FluxJSON

/// Decides whether an answer is what a case expects.
public struct Judge: Sendable {
    private let decisions: [String: Decision]
    private let mustDiffer: Bool

    /// - Parameters:
    ///   - decisions: rows of `decisions.tsv` by case id.
    ///   - mustDiffer: a decided case that ends as its vector expects is a failure: the row is out of date. True for
    ///     the implementation that made the decisions, false for others.
    public init(decisions: [String: Decision], mustDiffer: Bool) {
        self.decisions = decisions
        self.mustDiffer = mustDiffer
    }

    /// The verdict on an answer to a case.
    public func verdict(on answer: Answer, to vector: Vector) -> CaseResult.Verdict {
        if case .notOffered = answer { return .notOffered }
        let complaint = complaint(about: answer, to: vector)
        guard let decision = decisions[vector.id] else {
            return complaint.map(CaseResult.Verdict.failed) ?? .passed
        }
        guard complaint != nil else {
            return mustDiffer ? .failed("passes, but decisions.tsv says it differs: \(decision.reason)") : .passed
        }
        if let other = otherwise(answer, decision.outcome, vector) {
            return .failed("neither the vector nor the decision: \(other)")
        }
        return .differs(decision)
    }

    private func complaint(about answer: Answer, to vector: Vector) -> String? {
        switch (vector.expectation, answer) {
        case (.failure, .failure): nil
        case (.failure(let kind), .result(let value)):
            "expected an error\(kind.map { " (\($0))" } ?? ""), found \(value.text)"
        case (.result(let expected), .failure(let message)): "expected \(expected.text), found error: \(message)"
        case (.result(let expected), .result(let actual)): complaint(expected, actual, vector)
        case (_, .notOffered): "not offered"
        case (_, .broken(let problem)): problem
        }
    }

    private func complaint(_ expected: JSON, _ actual: JSON, _ vector: Vector) -> String? {
        let ownRule = operations(folder: vector.folder, rfc: vector.rfc)?
            .matches(vector.op, expected: expected, actual: actual)
        if ownRule == true { return nil }
        let difference = Comparison.difference(expected: expected, actual: actual)
        return ownRule == false ? difference?.description ?? "differs" : difference?.description
    }

    /// In what way an answer is not what the decision says; nil when it is.
    private func otherwise(_ answer: Answer, _ outcome: Decision.Outcome, _ vector: Vector) -> String? {
        switch (outcome, answer) {
        case (.refuse, .failure): nil
        case (.refuse, .result(let value)): "expected an error, found \(value.text)"
        case (.result(let expected), .result(let actual)): complaint(expected, actual, vector)
        case (.result(let expected), .failure(let message)): "expected \(expected.text), found error: \(message)"
        case (_, .notOffered): "not offered"
        case (.notImplemented, _), (.notOurs, _): "the decision is one for a demand, not for a case"
        case (_, .broken(let problem)): problem
        }
    }
}
