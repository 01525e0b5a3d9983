/// A Flux Standard Duration: a span of time written as a number and an optional unit.
///
/// ```swift
/// try FluxDuration(parsing: "1.2h").seconds   // 4320
/// FluxDuration(seconds: 0.002)?.description   // "2ms"
/// FluxDuration(.seconds(90))?.description     // "1.5m"
/// ```
///
/// Source: RFC 23, "Implementation".
public struct FluxDuration: Hashable, Sendable, Comparable {
    /// Length in seconds, in `0 ... infinity` and never NaN; `.infinity` means "no limit".
    public let seconds: Double

    /// Creates a duration, or nil when `seconds` is negative or NaN.
    public init?(seconds: Double) {
        guard seconds >= 0 else { return nil }
        // Minus zero is zero.
        self.seconds = seconds == 0 ? 0 : seconds
    }

    /// No time at all.
    public static let zero = FluxDuration(unchecked: 0)
    /// Time without end.
    public static let infinity = FluxDuration(unchecked: .infinity)

    /// Whether this is time without end.
    public var isInfinite: Bool { seconds == .infinity }

    /// Orders by length.
    public static func < (left: FluxDuration, right: FluxDuration) -> Bool { left.seconds < right.seconds }

    private init(unchecked seconds: Double) { self.seconds = seconds }
}

extension FluxDuration {
    /// The same span as a duration of the standard library, or nil when that is negative.
    public init?(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(seconds: Double(seconds) + Double(attoseconds) * 1e-18)
    }

    /// The same span as a duration of the standard library; nil when it is infinite or longer than 2^62 seconds.
    public var duration: Duration? {
        guard seconds < 0x1p62 else { return nil }
        let whole = seconds.rounded(.down)
        return Duration(
            secondsComponent: Int64(whole), attosecondsComponent: Int64(((seconds - whole) * 1e18).rounded()))
    }
}
