extension FluxDuration {
    /// Why a text is not a duration, and where that became certain.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The kinds of mistakes.
        public enum Reason: Hashable, Sendable {
            /// The text does not begin with a number.
            case notANumber
            /// The number is negative or NaN.
            case outOfRange
            /// What follows the number is not a unit.
            case unknownUnit
            /// Infinity takes no unit.
            case unitAfterInfinity
        }

        /// What is wrong.
        public let reason: Reason
        /// Offset in UTF-8 bytes of the first offending byte, from 0.
        public let offset: Int

        /// One sentence for a person.
        public var description: String {
            switch reason {
            case .notANumber: "duration: expected a number"
            case .outOfRange: "duration: number is negative or not a number"
            case .unknownUnit: "duration: unknown unit at column \(offset + 1) (use ms, s, m, h or d)"
            case .unitAfterInfinity: "duration: infinity takes no unit"
            }
        }
    }

    /// Reads a duration such as `30`, `2ms`, `1.2h` or `inf`.
    ///
    /// - Parameter text: the whole text. White space in front of it is skipped, behind it is an error.
    /// - Throws: ``ParseError`` with the byte offset of the first problem.
    /// - Source: RFC 23: numbers as C's `strtod` reads them in the C locale, units are case sensitive. A text without
    ///   a number is refused, although flux-core 0.88 takes it for 0.
    public init(parsing text: String) throws(ParseError) {
        let bytes = Array(text.utf8)
        var scanner = NumberScanner(bytes)
        scanner.scan()
        guard scanner.hasDigits, let value = Double(String(decoding: bytes[scanner.number], as: UTF8.self)) else {
            throw ParseError(reason: .notANumber, offset: scanner.number.lowerBound)
        }
        guard let number = FluxDuration(seconds: value) else {
            throw ParseError(reason: .outOfRange, offset: scanner.number.lowerBound)
        }
        let unit = bytes[scanner.number.upperBound...]
        guard !unit.isEmpty else {
            self = number
            return
        }
        guard !number.isInfinite else {
            throw ParseError(reason: .unitAfterInfinity, offset: scanner.number.upperBound)
        }
        guard let scale = Self.scale(of: String(decoding: unit, as: UTF8.self)),
            let result = FluxDuration(seconds: number.seconds * scale)
        else { throw ParseError(reason: .unknownUnit, offset: scanner.number.upperBound) }
        self = result
    }

    /// Reads a duration, or gives nil when the text is not one.
    public init?(_ text: String) {
        guard let duration = try? FluxDuration(parsing: text) else { return nil }
        self = duration
    }

    private static func scale(of unit: String) -> Double? {
        switch unit {
        case "ms": 0.001
        case "s": 1
        case "m": 60
        case "h": 3600
        case "d": 86_400
        default: nil
        }
    }
}

/// Finds where the number at the start of a text ends, by the rules of C's `strtod`.
private struct NumberScanner {
    private let bytes: [UInt8]
    /// The bytes of the number, white space in front of it not included.
    private(set) var number = 0..<0
    /// Whether there is a number.
    private(set) var hasDigits = false

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func scan() {
        let start = bytes.firstIndex { !($0 == 0x20 || 0x09...0x0d ~= $0) } ?? bytes.count
        var end = start
        if end < bytes.count, bytes[end] == 0x2b || bytes[end] == 0x2d { end += 1 }
        if let word = ["infinity", "inf", "nan"].first(where: { matches($0, at: end) }) {
            end += word.utf8.count
            hasDigits = true
        } else if matches("0x", at: end), let hexEnd = digits(from: end + 2, exponent: 0x70, isHex: true) {
            end = hexEnd
            hasDigits = true
        } else if let decimalEnd = digits(from: end, exponent: 0x65, isHex: false) {
            end = decimalEnd
            hasDigits = true
        }
        number = start..<end
    }

    /// The end of digits with at most one point and an optional exponent, or nil when there is no digit.
    private func digits(from start: Int, exponent: UInt8, isHex: Bool) -> Int? {
        var end = start
        var count = 0
        var hasPoint = false
        while end < bytes.count {
            if isDigit(bytes[end], isHex: isHex) {
                count += 1
            } else if bytes[end] == 0x2e, !hasPoint {
                hasPoint = true
            } else {
                break
            }
            end += 1
        }
        guard count > 0 else { return nil }
        // An exponent counts only when it has a digit.
        guard end < bytes.count, bytes[end] | 0x20 == exponent else { return end }
        var exponentEnd = end + 1
        if exponentEnd < bytes.count, bytes[exponentEnd] == 0x2b || bytes[exponentEnd] == 0x2d { exponentEnd += 1 }
        let firstDigit = exponentEnd
        while exponentEnd < bytes.count, isDigit(bytes[exponentEnd], isHex: false) { exponentEnd += 1 }
        return exponentEnd > firstDigit ? exponentEnd : end
    }

    private func isDigit(_ byte: UInt8, isHex: Bool) -> Bool {
        0x30...0x39 ~= byte || (isHex && 0x61...0x66 ~= byte | 0x20)
    }

    /// Whether a lower case word stands here, in letters of either case.
    private func matches(_ word: String, at start: Int) -> Bool {
        bytes[Swift.min(start, bytes.count)...].prefix(word.utf8.count).map { $0 | 0x20 } == Array(word.utf8)
    }
}
