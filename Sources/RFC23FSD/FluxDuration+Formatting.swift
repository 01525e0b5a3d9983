internal import Glibc

extension FluxDuration: CustomStringConvertible {
    /// The text in the unit that reads best, with six significant digits: `2ms`, `30s`, `1.2h`, `infinity`.
    public var description: String { formatted(precision: 6) }

    /// The text in the unit that reads best.
    ///
    /// - Parameter precision: number of significant digits; 0 counts as 1, a negative number as 6.
    /// - Source: observed: flux-core 0.88 prints milliseconds below 0.1 s, minutes from 60 s, hours from 3600 s and days
    ///   from 86400 s.
    public func formatted(precision: Int) -> String {
        switch seconds {
        case .infinity: "infinity"
        case 0: "0s"
        case ..<0.1: printed("%.*g", precision, seconds * 1000) + "ms"
        case ..<60: printed("%.*g", precision, seconds) + "s"
        case ..<3600: printed("%.*g", precision, seconds / 60) + "m"
        case ..<86_400: printed("%.*g", precision, seconds / 3600) + "h"
        default: printed("%.*g", precision, seconds / 86_400) + "d"
        }
    }

    /// A text that reads back as exactly this duration, in seconds.
    public var exactText: String { isInfinite ? "infinity" : "\(seconds)s" }

    /// The short text of tables that people read: four significant digits, `inf`, and `0s` below a millisecond.
    ///
    /// Takes a plain number because elapsed times can come out negative when a clock was set back.
    ///
    /// - Source: observed: what `flux jobs` and `flux queue` of flux-core 0.88 print.
    public static func shortText(seconds: Double) -> String {
        if seconds.isInfinite { return "inf" }
        return switch seconds {
        case ..<1e-3: "0s"
        case ..<10: printed("%.*f", 3, seconds) + "s"
        case ..<60: printed("%.*g", 4, seconds) + "s"
        case ..<3600: printed("%.*g", 4, seconds / 60) + "m"
        case ..<86_400: printed("%.*g", 4, seconds / 3600) + "h"
        default: printed("%.*g", 4, seconds / 86_400) + "d"
        }
    }

    /// The short text of tables that people read, see ``shortText(seconds:)``.
    public var shortText: String { Self.shortText(seconds: seconds) }
}

/// A number as C prints it.
///
/// - Parameters:
///   - format: `%.*g` or `%.*f`.
///   - precision: more than 1074 digits never change a `Double`, so larger values are cut to that.
private func printed(_ format: String, _ precision: Int, _ number: Double) -> String {
    let digits = Int32(Swift.min(precision, 1074).clamped(from: -1))
    return withVaList([digits, number]) { arguments in
        String(unsafeUninitializedCapacity: 1500) { buffer in
            buffer.withMemoryRebound(to: CChar.self) { text in
                Swift.min(Int(Swift.max(0, vsnprintf(text.baseAddress, text.count, format, arguments))), text.count - 1)
            }
        }
    }
}

extension Int {
    fileprivate func clamped(from low: Int) -> Int { Swift.max(self, low) }
}
