import RFC23FSD

/// A duration as the configuration writes it.
struct DurationText {
    let seconds: Double

    init?(_ text: String) {
        guard let duration = try? FluxDuration(parsing: text) else { return nil }
        // A jobspec says 0 for "no limit".
        seconds = duration.isInfinite ? 0 : duration.seconds
    }
}
