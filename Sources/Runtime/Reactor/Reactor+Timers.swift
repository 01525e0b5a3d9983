extension Duration {
    /// Whole nanoseconds, clamped to what 64 bits hold.
    var nanosecondsClamped: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? 0 : .max / 2 }
        return min(scaled &+ attoseconds / 1_000_000_000, .max / 2)
    }
}

extension Reactor {
    /// Runs `body` on the reactor once `delay` has passed, and every `period` after that if one is given.
    @discardableResult
    public func schedule(after delay: Duration, every period: Duration? = nil, _ body: @escaping () -> Void) -> TimerID {
        timers.add(
            deadline: now + max(0, delay.nanosecondsClamped),
            period: period.map { max(1, $0.nanosecondsClamped) },
            body)
    }

    /// Forgets a timer; one that has fired or was cancelled already is no error.
    public func cancel(_ timer: TimerID) { timers.cancel(timer) }

    /// Waits without holding the thread. The caller must run on this reactor.
    public func sleep(for delay: Duration) async {
        await withCheckedContinuation { continuation in
            schedule(after: delay) { continuation.resume() }
        }
    }
}
