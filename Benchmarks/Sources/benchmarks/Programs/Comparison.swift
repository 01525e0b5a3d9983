import Glibc

/// Runs rows, ours and the reference's in turn, and prints a line for each figure as soon as it is known.
struct Comparison {
    let ours: Side
    let reference: Side?
    /// Rounds that the user asked for instead of each row's own.
    let rounds: Int?

    init(ours: Program, reference: Program?, isQuick: Bool, rounds: Int?) {
        self.ours = Side(ours, isQuick: isQuick)
        self.reference = reference.map { Side($0, isQuick: isQuick) }
        self.rounds = rounds
    }

    func run(_ rows: [Row]) {
        Report.heading("Programs: medians", ["", "budget", "ours", "our best", "reference", "ratio", ""])
        let chosen = rows.filter { !ours.isQuick || $0.quickRounds > 0 }
        for (index, row) in chosen.enumerated() {
            measure(row, "\(index + 1)/\(chosen.count) \(row.name)")
            if index + 1 == chosen.count || chosen[index + 1].group != row.group {
                ours.end()
                reference?.end()
            }
        }
    }

    private func measure(_ row: Row, _ place: String) {
        let count = rounds ?? (ours.isQuick ? row.quickRounds : row.rounds)
        var ours = Series(self.ours), other = Series(reference)
        for round in 1...max(1, count) {
            Report.progress("\(place): round \(round) of \(count), ours")
            ours.measure(row)
            guard reference != nil else { continue }
            Report.progress("\(place): round \(round) of \(count), the reference's")
            other.measure(row)
        }
        Report.progress("")
        for (index, figure) in row.figures.enumerated() {
            let mine = ours.median(index), theirs = other.median(index)
            Report.line([
                figure.title, figure.budget.map(figure.text) ?? "-", figure.text(mine),
                figure.text(figure.best(ours.values(index))), figure.text(theirs), figure.ratio(mine, theirs),
                figure.verdict(mine),
            ])
        }
        for failure in [ours.failure.map { "ours: \($0)" }, other.failure.map { "reference: \($0)" }] {
            if let failure { Report.note(failure) }
        }
    }
}

/// What one side measured for one row.
private struct Series {
    let side: Side?
    private var rounds: [[Double]] = []
    private(set) var failure: String?

    init(_ side: Side?) { self.side = side }

    /// One round more, unless an earlier one failed.
    mutating func measure(_ row: Row) {
        guard let side, failure == nil else { return }
        do {
            rounds.append(try row.measure(side))
        } catch {
            failure = error.reason
        }
    }

    func values(_ figure: Int) -> [Double] { rounds.compactMap { $0.indices.contains(figure) ? $0[figure] : nil } }

    func median(_ figure: Int) -> Double? {
        let values = values(figure)
        return values.isEmpty ? nil : benchmarks.median(values)
    }
}
