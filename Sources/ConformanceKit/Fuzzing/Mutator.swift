/// Makes hostile neighbours of good inputs.
struct Mutator: Sendable {
    var random: SplitMix

    private static let words: [[UInt8]] = [
        "0", "-", "-1", "4294967294", "4294967295", "4294967296", "2147483647", "2147483648", "9223372036854775807",
        "9223372036854775808", "18446744073709551615", "18446744073709551616", "99999999999999999999999", "1e309",
        "1e-400", "0x", "00", "inf", "nan", ",", ",,", "[", "]", "[]", "[[", "{", "}", "{}", "(", ")", "\"", "\\",
        "\\u0000",
        "\\ud800", "'", ":", "::", "+", "*", "^", "/", "=", "&", "|", "!", "#", "%", ";", ".", "..", "\n", "\r\n", "\t",
        " ",
        "\u{0}", "é", "日", "😀", "\u{feff}", "null", "true", "\"\"", "1-4294967295", "0-2147483647", "[0-1048575]",
    ].map { Array($0.utf8) }

    /// The bytes changed in one to four places; from time to time joined with another input.
    mutating func mutate(_ bytes: [UInt8], other: [UInt8]) -> [UInt8] {
        var result = bytes
        for _ in 0...Int.random(in: 0...3, using: &random) { change(&result, other) }
        return result
    }

    private mutating func change(_ bytes: inout [UInt8], _ other: [UInt8]) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 0...8, using: &random))
        switch Int.random(in: 0..<10, using: &random) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 4: bytes.removeSubrange(place...)
        case 5: repeatSlice(&bytes, place, end)
        case 6: replaceNumber(&bytes, near: place)
        case 7 where !other.isEmpty:
            let from = Int.random(in: 0..<other.count, using: &random)
            bytes.replaceSubrange(place..<end, with: other[from...].prefix(64))
        default: bytes.insert(contentsOf: word(), at: place)
        }
    }

    private mutating func word() -> [UInt8] { Self.words.randomElement(using: &random) ?? [] }

    private mutating func repeatSlice(_ bytes: inout [UInt8], _ place: Int, _ end: Int) {
        let slice = Array(bytes[place..<end])
        let count = Int.random(in: 2...200, using: &random)
        guard bytes.count < 1 << 16 else { return }
        bytes.insert(contentsOf: Array(repeatElement(slice, count: count).joined()), at: place)
    }

    /// Replaces the digits at or after a place by a number at the edge of something.
    private mutating func replaceNumber(_ bytes: inout [UInt8], near place: Int) {
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        guard let start = bytes[place...].firstIndex(where: isDigit) else { return }
        let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
        bytes.replaceSubrange(start..<end, with: word())
    }
}
