internal import Glibc

extension ByteWriter {
    /// Writes `value` in decimal.
    mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDigits(value.magnitude, atLeast: 1, to: &self)
    }

    /// Writes `value` with 17 significant digits less trailing zeros, the form of the reference's JSON library.
    ///
    /// `0.1` is `0.10000000000000001`: stored objects are named by the hash of their text, so the digits matter.
    mutating func append(real value: Double) { appendReal(value, to: &self) }
}

/// Appends `value` with leading zeros up to `count` digits.
private func appendDigits(_ value: UInt64, atLeast count: Int, to output: inout ByteWriter) {
    if value < 10, count < 2 { return output.append(UInt8(truncatingIfNeeded: value) &+ UInt8(ascii: "0")) }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { digits in
        var rest = value
        var start = 24
        while rest > 0 || 24 &- start < count {
            start &-= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            digits[start] = UInt8(truncatingIfNeeded: digit) &+ UInt8(ascii: "0")
            rest = quotient
        }
        output.append(UnsafeBufferPointer(rebasing: digits[start...]))
    }
}

private func appendReal(_ value: Double, to output: inout ByteWriter) {
    guard value.isFinite else {
        output.append("null")
        return
    }
    let magnitude = value.magnitude
    guard magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e17) else {
        appendWithExponent(value, to: &output)
        return
    }
    if value.sign == .minus { output.append(UInt8(ascii: "-")) }

    // magnitude = significand * 2^-shift, exactly.
    guard magnitude != 0, magnitude.exponent < 52 else {
        appendDigits(UInt64(magnitude), atLeast: 1, to: &output)
        output.append(".0")
        return
    }
    let significand = magnitude.significandBitPattern | 1 << 52
    let shift = UInt128(52 - magnitude.exponent)  // 1 ... 66
    var whole = UInt64(truncatingIfNeeded: UInt128(significand) >> shift)
    let fraction = UInt128(significand) & (1 << shift - 1)

    // The fraction with as many digits as 17 significant ones leave it; at most 2^53 * 10^21, which fits.
    var places = 17
    if whole > 0 {
        var rest = whole
        while rest > 0 { (rest, places) = (rest / 10, places &- 1) }
    } else {
        while (fraction * powerOfTen(places)) >> shift < 10_000_000_000_000_000 { places &+= 1 }
    }
    let product = fraction * powerOfTen(places)
    var digits = product >> shift
    let remainder = product & (1 << shift - 1), half = UInt128(1) << (shift - 1)
    if remainder > half || (remainder == half && digits & 1 == 1) { digits += 1 }
    if digits == powerOfTen(places) { (whole, digits) = (whole + 1, 0) }

    var text = UInt64(truncatingIfNeeded: digits)
    while places > 1, text % 10 == 0 { (text, places) = (text / 10, places &- 1) }
    appendDigits(whole, atLeast: 1, to: &output)
    output.append(UInt8(ascii: "."))
    appendDigits(text, atLeast: max(places, 1), to: &output)
}

private func powerOfTen(_ exponent: Int) -> UInt128 {
    var power: UInt128 = 1
    for _ in 0..<exponent { power &*= 10 }
    return power
}

/// Very large and very small values: `1e20`, `1.5e-7`; no plus sign and no leading zeros in the exponent.
private func appendWithExponent(_ value: Double, to output: inout ByteWriter) {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 40) { buffer in
        let length = withVaList([value]) { vsnprintf(buffer.baseAddress, buffer.count, "%.17g", $0) }
        let text = buffer[..<Int(length)].map { UInt8(bitPattern: $0) }
        guard let mark = text.firstIndex(of: UInt8(ascii: "e")) else {
            text.withUnsafeBufferPointer { output.append($0) }
            if !text.contains(UInt8(ascii: ".")) { output.append(".0") }
            return
        }
        text[...mark].withUnsafeBufferPointer { output.append($0) }
        if text[mark + 1] == UInt8(ascii: "-") { output.append(UInt8(ascii: "-")) }
        text[(mark + 2)...].drop { $0 == UInt8(ascii: "0") }.withUnsafeBufferPointer { output.append($0) }
    }
}
