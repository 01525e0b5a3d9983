/// Count, extremes, mean and standard deviation of numbers that come one by one.
///
/// Source: Welford's method, which needs no second pass and loses no digits.
public struct RunningStatistics: Hashable, Sendable {
    public private(set) var count = 0
    public private(set) var minimum = 0.0
    public private(set) var maximum = 0.0
    public private(set) var mean = 0.0
    private var squares = 0.0

    public init() {}

    public mutating func add(_ value: Double) {
        count += 1
        minimum = count == 1 ? value : min(minimum, value)
        maximum = count == 1 ? value : max(maximum, value)
        let delta = value - mean
        mean += delta / Double(count)
        squares += delta * (value - mean)
    }

    /// Of the sample: the divisor is one less than the count; 0 for fewer than two numbers.
    public var standardDeviation: Double {
        count > 1 ? (squares / Double(count - 1)).squareRoot() : 0
    }
}
