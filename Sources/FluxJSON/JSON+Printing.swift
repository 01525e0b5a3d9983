extension JSON {
    /// The compact text: no white space, members in their order.
    ///
    /// Only `"`, `\` and control characters are escaped. A real always has a point or an exponent and reads back as
    /// the same value; infinities and NaN, which JSON does not have, print as `null`.
    public var text: String { text(sortedKeys: false) }

    /// The compact text; with `sortedKeys` members are ordered by the bytes of their keys at every level.
    public func text(sortedKeys: Bool) -> String {
        String(decoding: bytes(sortedKeys: sortedKeys), as: UTF8.self)
    }

    /// The compact text as UTF-8.
    public var bytes: [UInt8] { bytes(sortedKeys: false) }

    /// The compact text as UTF-8; with `sortedKeys` members are ordered by the bytes of their keys at every level.
    public func bytes(sortedKeys: Bool) -> [UInt8] {
        var output: [UInt8] = []
        append(to: &output, sortedKeys: sortedKeys)
        return output
    }

    /// Appends the compact text as UTF-8.
    public func append(to output: inout [UInt8], sortedKeys: Bool = false) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .int(let value): appendDecimal(value, to: &output)
        case .real(let value): appendReal(value, to: &output)
        case .string(let value): JSON.append(quoted: value, to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            var isFirst = true
            for element in elements {
                if !isFirst { output.append(UInt8(ascii: ",")) }
                isFirst = false
                element.append(to: &output, sortedKeys: sortedKeys)
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
                JSON.append(quoted: key, to: &output)
                output.append(UInt8(ascii: ":"))
                value.append(to: &output, sortedKeys: sortedKeys)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    /// Appends `text` as a JSON string, quotes included.
    public static func append(quoted text: String, to output: inout [UInt8]) {
        let done: Void? = text.utf8.withContiguousStorageIfAvailable { appendQuoted($0, to: &output) }
        if done == nil { Array(text.utf8).withUnsafeBufferPointer { appendQuoted($0, to: &output) } }
    }
}

/// Whether the bytes of one key sort before those of another.
func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
}

private func appendQuoted(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    var plain = 0
    var index = 0
    while index < bytes.count {
        let byte = bytes[index]
        if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
            output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[plain..<index]))
            appendEscape(byte, to: &output)
            plain = index &+ 1
        }
        index &+= 1
    }
    output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[plain..<index]))
    output.append(UInt8(ascii: "\""))
}

private func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\\"))
    switch byte {
    case 0x22, 0x5c: output.append(byte)
    case 0x08: output.append(UInt8(ascii: "b"))
    case 0x09: output.append(UInt8(ascii: "t"))
    case 0x0a: output.append(UInt8(ascii: "n"))
    case 0x0c: output.append(UInt8(ascii: "f"))
    case 0x0d: output.append(UInt8(ascii: "r"))
    default:
        let low = byte & 15
        output.append(contentsOf: "u00".utf8)
        output.append(UInt8(ascii: "0") + byte >> 4)
        output.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "A") + low - 10)
    }
}
