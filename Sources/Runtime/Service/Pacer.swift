/// Decides when work that nobody waits for is done: at once while there is little of it, in batches under load.
///
/// Work is done at once up to `burst` times in a row; after that once per `interval`, so that what comes meanwhile is done
/// together. A value without a clock.
public struct Pacer: Hashable, Sendable {
    /// Seconds between two pieces of work under load.
    public let interval: Double
    /// How many pieces may be done without a pause.
    public let burst: Int
    /// When the next piece of work would be due if all had come evenly; seconds of the owner's clock.
    private var due = -Double.infinity

    /// - Parameters:
    ///   - interval: seconds, more than 0.
    ///   - burst: at least 1.
    public init(interval: Double, burst: Int) {
        self.interval = interval
        self.burst = burst
    }

    /// How long the next piece of work has to wait.
    ///
    /// - Parameter now: seconds on any clock that does not go back.
    /// - Returns: seconds, at most ``interval``; 0 for at once.
    public func delay(at now: Double) -> Double { max(0, due - Double(burst - 1) * interval - now) }

    /// Notes that a piece of work is done now, whether it had to be or not.
    public mutating func spend(at now: Double) {
        due = min(max(due, now) + interval, now + Double(burst) * interval)
    }
}
