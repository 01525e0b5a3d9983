/// How much of the RFCs is proven.
public struct Coverage: Sendable {
    /// One RFC.
    public struct Row: Sendable {
        /// Number of the RFC.
        public let rfc: Int
        /// Demands on record.
        public let requirements: [Requirement]
        /// Those without a proof that `decisions.tsv` explains.
        public let decided: [Requirement]
        /// Those without proof or decision.
        public let unproven: [Requirement]
        /// Those with a proof that fails now.
        public let disproven: [Requirement]
        /// How its cases ended.
        public let counts: Counts

        /// Number of demands whose proofs hold.
        public var provenCount: Int { requirements.count - decided.count - unproven.count - disproven.count }
    }

    /// One row per RFC that has requirements or cases, in the order of the numbers.
    public let rows: [Row]

    /// Puts requirements, decisions about them and a run of the vectors together.
    public init(requirements: [Requirement], decisions: [String: Decision], run: Run) {
        let results = Dictionary(grouping: run.results, by: \.vector.rfc)
        let demands = Dictionary(grouping: requirements, by: \.rfc)
        var holding: Set<String> = []
        for result in run.results {
            switch result.verdict {
            case .passed, .differs: holding.insert(result.vector.id)
            case .failed, .notOffered: break
            }
        }
        rows = Set(results.keys).union(demands.keys).sorted().map { rfc in
            let all = demands[rfc] ?? []
            let proven = all.filter { !$0.proofs.isEmpty }
            let open = all.filter(\.proofs.isEmpty)
            return Row(
                rfc: rfc, requirements: all, decided: open.filter { decisions[$0.id] != nil },
                unproven: open.filter { decisions[$0.id] == nil },
                disproven: proven.filter { !Self.holds($0, holding) }, counts: Counts(results[rfc] ?? []))
        }
    }

    /// Whether every case that a requirement names passes. Tests are run by `swift test`, not here.
    private static func holds(_ requirement: Requirement, _ holding: Set<String>) -> Bool {
        requirement.proofs.allSatisfy { proof in
            guard case .vector(let id) = proof else { return true }
            return holding.contains(id)
        }
    }
}
