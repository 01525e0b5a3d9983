/// One measurement that both sides make in turn, and the lines of the table that it fills.
///
/// A row knows nothing of rounds, medians or tables: it measures one side once. Rows of one group share the instances
/// that they ask the ``Side`` for; between groups all instances end.
struct Row: Sendable {
    /// What `--only` chooses it by: `start-16`. The part before the first hyphen is its group.
    let name: String
    /// The lines; `measure` returns a value for each, in this order.
    let figures: [Figure]
    /// Times that each side measures; the median is shown.
    let rounds: Int
    /// Rounds of a quick run; 0 leaves the row out of it.
    let quickRounds: Int
    /// One round of one side. Throws ``Failure``, which the table shows once.
    let measure: @Sendable (Side) throws(Failure) -> [Double]

    init(
        _ name: String, rounds: Int, quick: Int = 1, _ figures: [Figure],
        measure: @escaping @Sendable (Side) throws(Failure) -> [Double]
    ) {
        self.name = name
        self.rounds = rounds
        self.quickRounds = quick
        self.figures = figures
        self.measure = measure
    }

    /// Every row, in the order of the table.
    static var all: [Row] { start + commands + requests + storage + jobs + idle }

    var group: Substring { name.prefix { $0 != "-" } }

    /// Whether a word of `--only` means this row: its name, its group, or the beginning of its name up to a hyphen.
    func isMeant(by word: some StringProtocol) -> Bool { name == word || name.hasPrefix("\(word)-") }
}

/// Why a side has no figure, in words for the table's reader.
struct Failure: Error {
    let reason: String
}
