/// Walks over the bytes of a scalar from left to right.
struct ByteScanner {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    private var next: Unicode.Scalar? { position < bytes.count ? Unicode.Scalar(bytes[position]) : nil }

    /// Skips one byte when it is as wanted.
    mutating func skip(_ isWanted: (Unicode.Scalar) -> Bool) -> Bool {
        guard let next, isWanted(next) else { return false }
        position += 1
        return true
    }

    mutating func skip(_ wanted: Unicode.Scalar) -> Bool { skip { $0 == wanted } }

    /// Skips bytes as long as they are as wanted; whether there was one.
    @discardableResult
    mutating func skipAll(_ isWanted: (Unicode.Scalar) -> Bool) -> Bool {
        let start = position
        while skip(isWanted) {}
        return position > start
    }

    /// Skips the first of these words that is next.
    mutating func skipWord(_ words: String...) -> Bool {
        for word in words where bytes[position...].starts(with: word.utf8) {
            position += word.utf8.count
            return true
        }
        return false
    }

    /// Skips as many digits as there are, if their count is allowed.
    mutating func digitCount(_ allowed: ClosedRange<Int>) -> Int? {
        let start = position
        skipAll(\.isDigit)
        return allowed.contains(position - start) ? position - start : nil
    }

    mutating func skipDigits(_ allowed: ClosedRange<Int>) -> Bool { digitCount(allowed) != nil }

    /// Skips an exponent, `e` with a sign and digits; false when there is an `e` without them.
    mutating func skipExponent() -> Bool {
        guard skip({ $0 == "e" || $0 == "E" }) else { return true }
        return skip { $0 == "+" || $0 == "-" } && skipAll(\.isDigit)
    }

    /// Skips the `:30:59` of base 60; whether there was any.
    mutating func skipSixties() -> Bool {
        let start = position
        while true {
            let before = position
            guard skip(":"), let count = digitCount(1...2), count == 1 || bytes[position - 2] <= UInt8(ascii: "5")
            else {
                position = before
                return position > start
            }
        }
    }
}

extension Unicode.Scalar {
    var isDigit: Bool { ("0"..."9").contains(self) }
    var isDigitOrLine: Bool { isDigit || self == "_" }
    var isHexDigit: Bool { isDigit || ("a"..."f").contains(self) || ("A"..."F").contains(self) }
}
