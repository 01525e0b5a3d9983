/// One piece of work on a format, ours and, when there is a library for it, the reference's.
struct FormatWork {
    let name: String
    let ours: () -> Void
    let reference: (() -> Void)?

    /// Work that the reference does with a function of its library, if that is there.
    init<Function>(
        _ name: String, _ function: Function?, ours: @escaping () -> Void, reference: @escaping (Function) -> Void
    ) {
        self.name = name
        self.ours = ours
        self.reference = function.map { function in { reference(function) } }
    }

    /// The formats by the word that begins their rows. What a row needs is made when it is its turn.
    static let sections: [(name: String, make: @Sendable (ReferenceLibrary?) -> [FormatWork])] = [
        ("idset", idsets), ("hostlist", hostlists), ("taskmap", taskmaps), ("R", resourceSets), ("jobspec", jobspecs),
        ("eventlog", eventlogs), ("message", messages), ("JSON", documents), ("job id", jobIDs),
    ]

    /// Runs every piece, both sides in turn, and prints a line each.
    static func run(_ library: ReferenceLibrary?, rounds: Int, matching filter: String?) {
        Report.heading(
            "Formats: shortest processor time of \(rounds) rounds or more, and calls of the allocator",
            ["", "ours", "allocations", "reference", "allocations", "ratio"])
        for section in sections where filter.map({ isNear($0, section.name) }) ?? true {
            for work in section.make(library) where filter.map({ work.name.contains($0) }) ?? true {
                work.run(rounds: rounds)
            }
        }
    }

    private func run(rounds: Int) {
        var mine = Cost(), other = Cost()
        let start = now()
        var round = 0
        // Short work has more rounds: one that is disturbed by nothing is wanted.
        while round < rounds || (now() - start < 0.5 && round < 50) {
            mine.measure(ours)
            if let reference { other.measure(reference) }
            round += 1
        }
        let compared = reference != nil
        Report.line([
            name, Report.time(mine.seconds), "\(mine.allocations)", compared ? Report.time(other.seconds) : "-",
            compared ? "\(other.allocations)" : "-", compared ? Report.ratio(mine.seconds, other.seconds) : "-",
        ])
    }

    /// Whether rows of a section can match: the filter begins like the section, or has nothing to do with any.
    private static func isNear(_ filter: String, _ section: String) -> Bool {
        let named = sections.map(\.name).filter { filter.hasPrefix($0) || $0.hasPrefix(filter) }
        return named.isEmpty || named.contains(section)
    }
}
