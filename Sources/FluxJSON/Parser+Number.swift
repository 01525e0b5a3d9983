extension Parser {
    /// Reads the number whose sign or first digit is at the index.
    mutating func number() throws(JSON.ParseError) -> JSON {
        let start = index
        let isNegative = take(UInt8(ascii: "-"))
        let digitsStart = index
        // Significant digits as one integer while they fit; `exact` tells whether they all did.
        var digits: UInt64 = 0
        var exact = true
        try takeDigits(into: &digits, &exact)
        if bytes[digitsStart] == UInt8(ascii: "0"), index &- digitsStart > 1 {
            throw failure(.invalidNumber, at: digitsStart)
        }

        var isReal = false
        var scale = 0
        if take(UInt8(ascii: ".")) {
            isReal = true
            let fractionStart = index
            try takeDigits(into: &digits, &exact)
            scale = fractionStart &- index
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            isReal = true
            index &+= 1
            let isSmall = take(UInt8(ascii: "-"))
            if !isSmall { _ = take(UInt8(ascii: "+")) }
            var exponent: UInt64 = 0
            var fits = true
            try takeDigits(into: &exponent, &fits)
            if !fits || exponent > 100_000 { exact = false } else { scale += isSmall ? -Int(exponent) : Int(exponent) }
        }

        guard isReal else {
            guard exact, digits <= UInt64(Int64.max) &+ (isNegative ? 1 : 0) else {
                throw failure(.integerOutOfRange, at: start)
            }
            return .int(isNegative ? Int64(truncatingIfNeeded: 0 &- digits) : Int64(digits))
        }
        if exact, let value = scaled(digits, scale) { return .real(isNegative ? -value : value) }
        let text = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<index]), as: UTF8.self)
        guard let value = Double(text) else { throw failure(.invalidNumber, at: start) }
        guard value.isFinite else { throw failure(.realOutOfRange, at: start) }
        return .real(value)
    }

    /// Takes at least one digit.
    @inline(__always)
    private mutating func takeDigits(into value: inout UInt64, _ exact: inout Bool) throws(JSON.ParseError) {
        let start = index
        while index < bytes.count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            if value < 1_000_000_000_000_000_000 {
                value = value &* 10 &+ UInt64(digit)
            } else {
                let (product, tooLong) = value.multipliedReportingOverflow(by: 10)
                let (sum, tooLarge) = product.addingReportingOverflow(UInt64(digit))
                if tooLong || tooLarge { exact = false } else { value = sum }
            }
            index &+= 1
        }
        guard index > start else { throw unexpected() }
    }
}

private let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
    1e20, 1e21, 1e22,
]

/// `digits` times ten to the power of `scale`, correctly rounded; nil when that takes the long way.
///
/// A time stamp has 16 or 17 digits, six or seven of them after the point, and comes out here.
private func scaled(_ digits: UInt64, _ scale: Int) -> Double? {
    if digits == 0 { return 0 }
    if digits < 1 << 53, abs(scale) <= 22 {
        // Both factors are exact, so one operation rounds once.
        return scale < 0 ? Double(digits) / powersOfTen[-scale] : Double(digits) * powersOfTen[scale]
    }
    guard (-18...0).contains(scale) else { return nil }
    var divisor: UInt64 = 1
    for _ in 0..<(-scale) { divisor &*= 10 }
    let (quotient, remainder) = (UInt128(digits) << 64).quotientAndRemainder(dividingBy: UInt128(divisor))
    // digits >= 2^53 and divisor < 2^60: the quotient has more than 55 bits, so its last bit can stand for
    // everything below it when the conversion rounds.
    return Double(quotient | (remainder == 0 ? 0 : 1)) * 0x1p-64
}
