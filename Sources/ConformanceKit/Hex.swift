/// Bytes as lower case hexadecimal digits, the form the vectors use.
public func hex(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.underestimatedCount)
    for byte in bytes {
        text.append(hexDigit(byte >> 4))
        text.append(hexDigit(byte & 15))
    }
    return String(decoding: text, as: UTF8.self)
}

private func hexDigit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? nibble + UInt8(ascii: "0") : nibble - 10 + UInt8(ascii: "a")
}

/// The bytes that hexadecimal digits stand for.
///
/// - Throws: ``BadHex`` for an odd count of digits or another character.
public func unhex(_ text: String) throws(BadHex) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count / 2)
    var high: UInt8?
    for (offset, character) in text.utf8.enumerated() {
        guard let nibble = hexValue(character) else { throw BadHex(offset: offset) }
        if let first = high {
            bytes.append(first << 4 | nibble)
            high = nil
        } else {
            high = nibble
        }
    }
    guard high == nil else { throw BadHex(offset: text.utf8.count) }
    return bytes
}

private func hexValue(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
}

/// A vector gave bytes in another form than pairs of hexadecimal digits.
public struct BadHex: Error, Hashable, Sendable, CustomStringConvertible {
    /// Offset of the first character that is not a digit, or the length when a digit is missing.
    public let offset: Int

    public var description: String { "not pairs of hexadecimal digits at offset \(offset)" }
}
