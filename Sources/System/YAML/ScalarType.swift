/// The type that a plain scalar has by its text.
///
/// Source: YAML 1.1 type repository, in the forms that PyYAML's resolver knows (no `0o17`, an exponent needs a point
/// and a sign).
enum ScalarType {
    case tagged(ScalarTag)
    /// `<<`, a merge key when it is a key.
    case merge
    /// `=`, the default value key.
    case defaultValue

    init(of text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .tagged(.null)
        case "<<": self = .merge
        case "=": self = .defaultValue
        default:
            let isWord = Self.boolean(text) != nil && !Self.isMixedCase(text)
            self = .tagged(isWord ? .boolean : Self.number(Array(text.utf8)) ?? .string)
        }
    }

    /// The value of `yes`, `no`, `true`, `false`, `on`, `off` in any case.
    static func boolean(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "yes", "true", "on": true
        case "no", "false", "off": false
        default: nil
        }
    }

    /// Whether a word is neither `word`, `Word` nor `WORD`.
    private static func isMixedCase(_ text: String) -> Bool {
        let rest = text.dropFirst()
        return text != text.lowercased() && text != text.uppercased()
            && !(text.prefix(1) == text.prefix(1).uppercased() && rest == rest.lowercased())
    }

    /// The tag of a number or time stamp, or nil.
    private static func number(_ bytes: [UInt8]) -> ScalarTag? {
        if isReal(bytes) { return .real }
        if isInteger(bytes) { return .integer }
        return isTimestamp(bytes) ? .timestamp : nil
    }

    private static func isReal(_ bytes: [UInt8]) -> Bool {
        var scan = ByteScanner(bytes)
        let isSigned = scan.skip { $0 == "+" || $0 == "-" }
        if scan.skip("."), scan.position == (isSigned ? 2 : 1) {
            if scan.skipWord("inf", "Inf", "INF") { return scan.isAtEnd }
            if !isSigned, scan.skipWord("nan", "NaN", "NAN") { return scan.isAtEnd }
            guard !isSigned, scan.skip(\.isDigit) else { return false }
            scan.skipAll(\.isDigitOrLine)
            return scan.skipExponent() && scan.isAtEnd
        }
        guard scan.skip(\.isDigit) else { return false }
        scan.skipAll(\.isDigitOrLine)
        let isSexagesimal = scan.skipSixties()
        guard scan.skip(".") else { return false }
        scan.skipAll(\.isDigitOrLine)
        return (isSexagesimal || scan.skipExponent()) && scan.isAtEnd
    }

    private static func isInteger(_ bytes: [UInt8]) -> Bool {
        var scan = ByteScanner(bytes)
        _ = scan.skip { $0 == "+" || $0 == "-" }
        if scan.skip("0") {
            if scan.isAtEnd { return true }
            if scan.skip("b") { return scan.skipAll { $0 == "0" || $0 == "1" || $0 == "_" } && scan.isAtEnd }
            if scan.skip("x") { return scan.skipAll { $0.isHexDigit || $0 == "_" } && scan.isAtEnd }
            return scan.skipAll { ("0"..."7").contains($0) || $0 == "_" } && scan.isAtEnd
        }
        guard scan.skip(\.isDigit) else { return false }
        scan.skipAll(\.isDigitOrLine)
        _ = scan.skipSixties()
        return scan.isAtEnd
    }

    private static func isTimestamp(_ bytes: [UInt8]) -> Bool {
        var scan = ByteScanner(bytes)
        guard scan.skipDigits(4...4), scan.skip("-"), let month = scan.digitCount(1...2), scan.skip("-"),
            let day = scan.digitCount(1...2)
        else { return false }
        if scan.isAtEnd { return month == 2 && day == 2 }
        guard scan.skip({ $0 == "T" || $0 == "t" }) || scan.skipAll({ $0 == " " || $0 == "\t" }) else { return false }
        guard scan.skipDigits(1...2), scan.skip(":"), scan.skipDigits(2...2), scan.skip(":"), scan.skipDigits(2...2)
        else { return false }
        if scan.skip(".") { scan.skipAll(\.isDigit) }
        if scan.isAtEnd { return true }
        scan.skipAll { $0 == " " || $0 == "\t" }
        if scan.skip("Z") { return scan.isAtEnd }
        guard scan.skip({ $0 == "+" || $0 == "-" }), scan.skipDigits(1...2) else { return false }
        if scan.skip(":") { return scan.skipDigits(2...2) && scan.isAtEnd }
        return scan.isAtEnd
    }
}
