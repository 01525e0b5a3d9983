/// Base64 of RFC 4648 section 4: the alphabet with `+` and `/`, padded with `=`.
///
/// ```swift
/// Base64.encode([0xff, 0x00])   // "/wA="
/// Base64.decode("/wA=")         // [255, 0]
/// ```
public enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Value of each alphabet byte, 0xff for every other byte.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xff, count: 256)
        for (value, byte) in alphabet.enumerated() { values[Int(byte)] = UInt8(value) }
        return values
    }()

    /// The text of `bytes`, four characters for every three bytes begun.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        if let text = bytes.withContiguousStorageIfAvailable({ encode(UnsafeRawBufferPointer($0)) }) { return text }
        return Array(bytes).withUnsafeBytes { encode($0) }
    }

    private static func encode(_ bytes: UnsafeRawBufferPointer) -> String {
        let count = (bytes.count + 2) / 3 * 4
        return alphabet.withUnsafeBufferPointer { alphabet in
            String(unsafeUninitializedCapacity: count) { output in
                var (from, to) = (0, 0)
                while from < bytes.count {
                    let left = bytes.count &- from
                    let second = left > 1 ? UInt32(bytes[from &+ 1]) : 0
                    let third = left > 2 ? UInt32(bytes[from &+ 2]) : 0
                    let group = UInt32(bytes[from]) << 16 | second << 8 | third
                    output[to] = alphabet[Int(group >> 18)]
                    output[to &+ 1] = alphabet[Int(group >> 12 & 63)]
                    output[to &+ 2] = left > 1 ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "=")
                    output[to &+ 3] = left > 2 ? alphabet[Int(group & 63)] : UInt8(ascii: "=")
                    from &+= 3
                    to &+= 4
                }
                return count
            }
        }
    }

    /// The bytes that `text` stands for; nil when a character is foreign or a single one is left over.
    ///
    /// Missing padding and set bits that no byte uses are accepted, as the field's decoders do.
    public static func decode(_ text: String) -> [UInt8]? {
        let bytes = text.utf8.withContiguousStorageIfAvailable { decode(UnsafeRawBufferPointer($0)) }
        return bytes ?? Array(text.utf8).withUnsafeBytes { decode($0) }
    }

    /// The bytes that `text` stands for, when it is exactly what ``encode(_:)`` would write for them.
    public static func decodeExactly(_ text: String) -> [UInt8]? {
        guard text.utf8.count % 4 == 0, let bytes = decode(text) else { return nil }
        // Only the last group can be written in several ways.
        let tail = bytes.count % 3
        guard tail > 0 else { return text.utf8.last == UInt8(ascii: "=") ? nil : bytes }
        return text.utf8.suffix(4).elementsEqual(encode(bytes.suffix(tail)).utf8) ? bytes : nil
    }

    private static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        // Padding counts in the last group only.
        let lastGroup = text.isEmpty ? 0 : (text.count - 1) / 4 * 4
        var end = text.count
        while end > lastGroup, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        let left = end - lastGroup
        guard left != 1 else { return nil }

        var isValid = true
        let bytes = values.withUnsafeBufferPointer { values in
            [UInt8](unsafeUninitializedCapacity: text.count / 4 * 3 + 3) { output, initialized in
                var (from, to) = decodeGroups(text, end, values, &isValid, output)
                while from < end {
                    var group: UInt32 = 0
                    for offset in 0..<4 {
                        let value = from &+ offset < end ? values[Int(text[from &+ offset])] : 0
                        if value == 0xff { isValid = false }
                        group = group << 6 | UInt32(value & 63)
                    }
                    output[to] = UInt8(truncatingIfNeeded: group >> 16)
                    output[to &+ 1] = UInt8(truncatingIfNeeded: group >> 8)
                    output[to &+ 2] = UInt8(truncatingIfNeeded: group)
                    from &+= 4
                    to &+= 3
                }
                initialized = end / 4 * 3 + (left % 4 == 0 ? 0 : left - 1)
            }
        }
        return isValid ? bytes : nil
    }

    /// Decodes whole groups of four without asking after each character, as far as another group follows: large values
    /// are most of a store's bytes.
    ///
    /// - Returns: where the rest begins, in the text and in the output.
    private static func decodeGroups(
        _ text: UnsafeRawBufferPointer, _ end: Int, _ values: UnsafeBufferPointer<UInt8>, _ isValid: inout Bool,
        _ output: UnsafeMutableBufferPointer<UInt8>
    ) -> (from: Int, to: Int) {
        guard let source = text.baseAddress?.assumingMemoryBound(to: UInt8.self), let values = values.baseAddress,
            let target = UnsafeMutableRawPointer(output.baseAddress)
        else { return (0, 0) }
        var (from, to) = (0, 0)
        // Values are below 64; foreign characters have all bits set.
        var seen: UInt8 = 0
        while from &+ 8 <= end {
            let first = values[Int(source[from])], second = values[Int(source[from &+ 1])]
            let third = values[Int(source[from &+ 2])], fourth = values[Int(source[from &+ 3])]
            seen |= first | second | third | fourth
            let high = UInt32(first) &<< 26 | UInt32(second) &<< 20
            let group = high | UInt32(third) &<< 14 | UInt32(fourth) &<< 8
            // One byte too many, which the next group replaces.
            target.storeBytes(of: group.bigEndian, toByteOffset: to, as: UInt32.self)
            from &+= 4
            to &+= 3
        }
        if seen > 63 { isValid = false }
        return (from, to)
    }
}
