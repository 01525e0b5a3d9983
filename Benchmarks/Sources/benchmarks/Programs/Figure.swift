/// One line of the table: what is told, in which unit, and how much it may be.
struct Figure: Sendable {
    /// What a value counts, and so how it is printed and which side of two is better.
    enum Unit: Sendable {
        /// Seconds; less is better.
        case seconds
        /// Things per second; more is better.
        case perSecond
        /// Bytes per second; more is better.
        case bytesPerSecond
        /// Bytes; less is better.
        case bytes
        /// A plain number; less is better.
        case count
    }

    let title: String
    let unit: Unit
    /// The figure to reach, in the unit; nil when `docs/architecture.md` sets none.
    let budget: Double?

    init(_ title: String, _ unit: Unit = .seconds, budget: Double? = nil) {
        self.title = title
        self.unit = unit
        self.budget = budget
    }

    var moreIsBetter: Bool { unit == .perSecond || unit == .bytesPerSecond }

    /// The value with three digits and its unit, `-` when there is none.
    func text(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "-" }
        return switch unit {
        case .seconds: Report.time(value)
        case .perSecond: "\(Report.digits(value))/s"
        case .bytesPerSecond: "\(Report.digits(value / 1e6)) MB/s"
        case .bytes where value < 1_048_576: "\(Report.digits(value / 1024)) KiB"
        case .bytes: "\(Report.digits(value / 1_048_576)) MiB"
        case .count: Report.digits(value)
        }
    }

    /// The best of several values.
    func best(_ values: [Double]) -> Double? { moreIsBetter ? values.max() : values.min() }

    /// How many times better than the reference's the first value is.
    func ratio(_ ours: Double?, _ reference: Double?) -> String {
        guard let ours, let reference else { return "-" }
        return moreIsBetter ? Report.ratio(reference, ours) : Report.ratio(ours, reference)
    }

    /// Whether a value keeps to the budget; empty when there is nothing to compare.
    func verdict(_ value: Double?) -> String {
        guard let budget, let value else { return "" }
        return (moreIsBetter ? value >= budget : value <= budget) ? "ok" : "over"
    }
}
