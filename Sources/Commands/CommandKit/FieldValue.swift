internal import RFC23FSD

/// What a field of a listing holds.
public enum FieldValue: Hashable, Sendable {
    case text(String)
    case int(Int64)
    case real(Double)
    case bool(Bool)
    /// A number that has a name: the name is shown where the format says nothing, else the number.
    case labelled(String, Int64)
    /// Seconds since 1970, to be shown by a strftime format.
    case time(Double)

    /// Nothing to show.
    public static let empty = FieldValue.text("")

    /// The text before widths apply.
    public var text: String {
        switch self {
        case .text(let text), .labelled(let text, _): text
        case .int(let number): "\(number)"
        case .real(let number): "\(number)"
        case .bool(let flag): flag ? "True" : "False"
        case .time(let seconds): seconds == 0 ? "" : Format.time(seconds, "%FT%T")
        }
    }

    /// The number that it is; nil for a text.
    public var number: Double? {
        switch self {
        case .int(let number), .labelled(_, let number): Double(number)
        case .real(let number), .time(let number): number
        case .bool(let flag): flag ? 1 : 0
        case .text: nil
        }
    }

    /// Applies the letter behind `!`.
    func converted(_ conversion: Character?) -> FieldValue {
        switch conversion {
        case "d": return .time(number ?? 0)
        case "D": return .text(number.map { $0 == 0 ? "" : Format.time($0, "%FT%T") } ?? "")
        case "F": return .text(number.map { FluxDuration.shortText(seconds: $0) } ?? text)
        case "H": return .text(number.map(Self.clock) ?? text)
        case "P": return .text(number.map { Self.percent($0 * 100) } ?? text)
        case "r":
            if case .text(let text) = self { return .text("'\(text)'") }
            return .text(text)
        case "s", "a": return .text(text)
        default: return self
        }
    }

    private static func percent(_ value: Double) -> String {
        value > 0 && value < 1 ? "\(Format.fixed(value, 2))%" : Format.text("%.3g%%", [value])
    }

    /// `1:02:03`, `2 days, 0:00:01`.
    private static func clock(_ seconds: Double) -> String {
        let whole = Int((seconds > 0 && seconds < 1 ? 1 : seconds).rounded(.toNearestOrEven))
        let days = whole / 86400
        let rest = Format.text("%d:%02d:%02d", [Int32(whole % 86400 / 3600), Int32(whole % 3600 / 60), Int32(whole % 60)])
        return days == 0 ? rest : "\(days) day\(days == 1 ? "" : "s"), \(rest)"
    }

    /// Texts that count as nothing.
    static let emptyTexts: Set<String> = ["", "0s", "0.0", "0:00:00", "1970-01-01T00:00:00"]
}
