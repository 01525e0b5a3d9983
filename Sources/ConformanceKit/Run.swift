/// Results of running some vector files.
public struct Run: Sendable {
    /// Files in order, each with the results of its cases.
    public private(set) var files: [(file: VectorFile, results: [CaseResult])] = []
    /// Whether an operation that is not offered counts as a failure.
    public let everythingOffered: Bool

    /// Asks an implementation every case and judges the answers.
    ///
    /// - Parameter caseIDs: cases to run; empty runs all.
    public init(
        _ vectorFiles: [VectorFile], caseIDs: Set<String> = [],
        on implementation: inout some Implementation & ~Copyable,
        judge: Judge, everythingOffered: Bool
    ) {
        self.everythingOffered = everythingOffered
        for file in vectorFiles {
            var results: [CaseResult] = []
            for vector in file.cases where caseIDs.isEmpty || caseIDs.contains(vector.id) {
                let answer = implementation.answer(vector)
                results.append(CaseResult(vector: vector, verdict: judge.verdict(on: answer, to: vector)))
            }
            if !results.isEmpty { files.append((file, results)) }
        }
    }

    /// Every result in order.
    public var results: [CaseResult] { files.flatMap(\.results) }

    /// How the cases ended.
    public var counts: Counts { Counts(results) }

    /// Whether nothing is wrong.
    public var succeeded: Bool {
        let counts = counts
        return counts.failed == 0 && (!everythingOffered || counts.notOffered == 0)
    }
}

/// How many cases ended in which way.
public struct Counts: Hashable, Sendable {
    /// As the vector expects.
    public private(set) var passed = 0
    /// Otherwise, by a decision.
    public private(set) var differing = 0
    /// Wrongly.
    public private(set) var failed = 0
    /// Not offered by the implementation.
    public private(set) var notOffered = 0

    /// Counts verdicts.
    public init(_ results: some Sequence<CaseResult>) {
        for result in results {
            switch result.verdict {
            case .passed: passed += 1
            case .differs: differing += 1
            case .failed: failed += 1
            case .notOffered: notOffered += 1
            }
        }
    }

    /// Cases in all.
    public var total: Int { passed + differing + failed + notOffered }
}
