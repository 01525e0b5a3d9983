internal import Glibc

/// Spans of time as the broker's log lines show them.
enum DurationText {
    /// `7.04362ms` or `0.295966s`: six significant digits, milliseconds below 0.1 s.
    static func short(nanoseconds: Int64) -> String {
        nanoseconds < 100_000_000
            ? "\(significant(Double(nanoseconds) / 1e6))ms" : "\(significant(Double(nanoseconds) / 1e9))s"
    }

    static func tenths(nanoseconds: Int64) -> String {
        let tenths = (nanoseconds + 50_000_000) / 100_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// Six significant digits without trailing zeros, as `%g` prints.
    private static func significant(_ value: Double) -> String {
        guard value > 0 else { return "0" }
        let exponent = Int(log10(value).rounded(.down))
        let decimals = max(0, 5 - exponent)
        let scale = pow(10.0, Double(decimals))
        let digits = String(Int64((value * scale).rounded()))
        guard decimals > 0 else { return digits }
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        var text = padded.dropLast(decimals) + "." + padded.suffix(decimals)
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return String(text)
    }
}

enum SignalText {
    /// The C library's words: `Terminated`, `Killed`.
    static func name(_ signal: Int32) -> String { strsignal(signal).map { String(cString: $0) } ?? "Signal \(signal)" }
}

/// Sets of ranks in their text form, as far as the broker itself looks into them.
enum RankText {
    /// How many ranks `0-2,5` names.
    static func count(_ text: String) -> Int {
        text.split(separator: ",").reduce(0) { sum, part in
            let ends = part.filter { $0 != "[" && $0 != "]" }.split(separator: "-").compactMap { Int($0) }
            guard let low = ends.first, let high = ends.last, high >= low else { return sum }
            return sum + high - low + 1
        }
    }
}
