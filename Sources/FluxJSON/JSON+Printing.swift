extension JSON {
    /// The compact text: no white space, members in their order.
    ///
    /// Only `"`, `\` and control characters are escaped. A real always has a point or an exponent and reads back as
    /// the same value; infinities and NaN, which JSON does not have, print as `null`.
    public var text: String { text(sortedKeys: false) }

    /// The compact text; with `sortedKeys` members are ordered by the bytes of their keys at every level.
    public func text(sortedKeys: Bool) -> String {
        ByteWriter.collect({ write(to: &$0, sortedKeys) }) { String(decoding: $0, as: UTF8.self) }
    }

    /// The compact text as UTF-8.
    public var bytes: [UInt8] { bytes(sortedKeys: false) }

    /// The compact text as UTF-8; with `sortedKeys` members are ordered by the bytes of their keys at every level.
    public func bytes(sortedKeys: Bool) -> [UInt8] {
        ByteWriter.collect({ write(to: &$0, sortedKeys) }) { Array($0) }
    }

    /// Appends the compact text as UTF-8.
    public func append(to output: inout [UInt8], sortedKeys: Bool = false) {
        ByteWriter.collect({ write(to: &$0, sortedKeys) }) { output.append(contentsOf: $0) }
    }

    /// Appends `text` as a JSON string, quotes included.
    public static func append(quoted text: String, to output: inout [UInt8]) {
        ByteWriter.collect({ write(text, to: &$0) }) { output.append(contentsOf: $0) }
    }

    private func write(to output: inout ByteWriter, _ sortedKeys: Bool) {
        switch self {
        case .null: output.append("null")
        case .bool(let value): output.append(value ? "true" : "false")
        case .int(let value): output.append(decimal: value)
        case .real(let value): output.append(real: value)
        case .string(let value): JSON.write(value, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            var isFirst = true
            for element in elements {
                if !isFirst { output.append(UInt8(ascii: ",")) }
                isFirst = false
                element.write(to: &output, sortedKeys)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let object):
            output.append(UInt8(ascii: "{"))
            let members =
                sortedKeys && object.count > 1
                ? object.entries.sorted { precedes($0.key, $1.key) } : object.entries
            var isFirst = true
            for (key, value) in members {
                if !isFirst { output.append(UInt8(ascii: ",")) }
                isFirst = false
                JSON.write(key, to: &output)
                output.append(UInt8(ascii: ":"))
                value.write(to: &output, sortedKeys)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, to output: inout ByteWriter) {
        let done: Void? = text.utf8.withContiguousStorageIfAvailable { output.append(quoted: $0) }
        if done == nil { Array(text.utf8).withUnsafeBufferPointer { output.append(quoted: $0) } }
    }
}

/// Whether the bytes of one key sort before those of another.
func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
}

extension ByteWriter {
    /// Writes UTF-8 as a JSON string, quotes included.
    fileprivate mutating func append(quoted bytes: UnsafeBufferPointer<UInt8>) {
        reserve(bytes.count &+ 2)
        append(UInt8(ascii: "\""))
        var plain = 0
        var index = 0
        while index < bytes.count {
            if index &+ 8 <= bytes.count,
                isPlain(UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: index, as: UInt64.self))
            {
                index &+= 8
                continue
            }
            let byte = bytes[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                append(UnsafeBufferPointer(rebasing: bytes[plain..<index]))
                append(escaped: byte)
                plain = index &+ 1
            }
            index &+= 1
        }
        append(UnsafeBufferPointer(rebasing: bytes[plain..<index]))
        append(UInt8(ascii: "\""))
    }

    /// Whether none of eight bytes has to be escaped.
    @inline(__always)
    private func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5c)
        let stop = (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word
        return stop & (ones &* 0x80) == 0
    }

    private mutating func append(escaped byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case 0x22, 0x5c: append(byte)
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0a: append(UInt8(ascii: "n"))
        case 0x0c: append(UInt8(ascii: "f"))
        case 0x0d: append(UInt8(ascii: "r"))
        default:
            let low = byte & 15
            append("u00")
            append(UInt8(ascii: "0") + byte >> 4)
            append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "A") + low - 10)
        }
    }
}
