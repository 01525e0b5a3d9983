extension Int64 {
    /// The value of a YAML 1.1 integer: decimal, `0x1f`, `0b11`, octal `017`, base 60 `1:30`; `_` is ignored.
    init?(yaml text: String) {
        let (isNegative, digits) = split(text)
        let magnitude: UInt64?
        if digits == "0" {
            magnitude = 0
        } else if digits.hasPrefix("0b") {
            magnitude = UInt64(digits: digits.dropFirst(2), radix: 2)
        } else if digits.hasPrefix("0x") {
            magnitude = UInt64(digits: digits.dropFirst(2), radix: 16)
        } else if digits.hasPrefix("0") {
            magnitude = UInt64(digits: digits.dropFirst(1), radix: 8)
        } else if digits.contains(":") {
            magnitude = sixties(digits)
        } else {
            magnitude = UInt64(digits: digits[...], radix: 10)
        }
        guard let magnitude else { return nil }
        if isNegative {
            guard magnitude <= UInt64(Int64.max) + 1 else { return nil }
            self = magnitude == UInt64(Int64.max) + 1 ? .min : -Int64(magnitude)
        } else {
            self.init(exactly: magnitude)
        }
    }
}

extension Double {
    /// The value of a YAML 1.1 float: decimal, `.inf`, `.nan`, base 60 `1:30.5`; `_` is ignored.
    init?(yaml text: String) {
        let (isNegative, lower) = split(text.lowercased())
        let magnitude: Double?
        switch lower {
        case ".inf": magnitude = .infinity
        case ".nan": magnitude = .nan
        case _ where lower.contains(":"):
            var sum: Double? = 0
            for part in lower.split(separator: ":", omittingEmptySubsequences: false) {
                sum = sum.flatMap { known in Double(String(part)).map { known * 60 + $0 } }
            }
            magnitude = sum
        default:
            let isNumber = lower.utf8.allSatisfy { Unicode.Scalar($0).isDigit || ".e+-".utf8.contains($0) }
            magnitude = isNumber ? Double(lower) : nil
        }
        guard let magnitude else { return nil }
        self = isNegative ? -magnitude : magnitude
    }
}

/// A number's sign and the rest without underscores.
private func split(_ text: String) -> (isNegative: Bool, digits: String) {
    var digits = text.filter { $0 != "_" }
    let isNegative = digits.hasPrefix("-")
    if isNegative || digits.hasPrefix("+") { digits.removeFirst() }
    return (isNegative, digits)
}

private func sixties(_ digits: String) -> UInt64? {
    var sum: UInt64 = 0
    for part in digits.split(separator: ":", omittingEmptySubsequences: false) {
        guard let value = UInt64(digits: part, radix: 10) else { return nil }
        let (product, tooLarge) = sum.multipliedReportingOverflow(by: 60)
        let (next, carried) = product.addingReportingOverflow(value)
        guard !tooLarge, !carried else { return nil }
        sum = next
    }
    return sum
}

extension UInt64 {
    /// Digits only: no sign, at least one.
    fileprivate init?(digits: Substring, radix: Int) {
        guard let first = digits.unicodeScalars.first, first.isHexDigit else { return nil }
        self.init(digits, radix: radix)
    }
}
