extension Parser {
    /// Reads the string whose opening quote is at the index.
    mutating func string() throws(JSON.ParseError) -> String {
        let start = index &+ 1
        index = start
        var isASCII = true
        while true {
            skipPlain()
            guard index < bytes.count else { throw failure(.unexpectedEnd) }
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                let text = try text(start..<index, isASCII: isASCII)
                index &+= 1
                return text
            } else if byte == UInt8(ascii: "\\") {
                return try stringWithEscapes(from: start)
            } else if byte < 0x20 {
                throw failure(.controlCharacter)
            } else {
                if byte >= 0x80 { isASCII = false }
                index &+= 1
            }
        }
    }

    /// Skips eight bytes at a time while none of them is a quote, a backslash, a control character or not ASCII.
    @inline(__always)
    private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101, high: UInt64 = 0x8080_8080_8080_8080
        while index &+ 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let quote = word ^ (ones &* 0x22), backslash = word ^ (ones &* 0x5c)
            let stop = (quote &- ones) | (backslash &- ones) | (word &- ones &* 0x20) | word
            guard stop & high == 0 else { return }
            index &+= 8
        }
    }

    /// The bytes of `range` as a string, which they have to be.
    private func text(_ range: Range<Int>, isASCII: Bool) throws(JSON.ParseError) -> String {
        let slice = UnsafeRawBufferPointer(rebasing: bytes[range])
        if isASCII { return String(decoding: slice, as: UTF8.self) }
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw failure(.invalidUTF8, at: range.lowerBound + firstInvalidUTF8(slice))
        }
        return text
    }

    /// Reads on after the first backslash; `start` is the first byte of the string.
    private mutating func stringWithEscapes(from start: Int) throws(JSON.ParseError) -> String {
        var decoded: [UInt8] = []
        var plain = start
        // Raw bytes of the text precede `plain`; escapes are decoded between them. The raw parts are checked
        // separately, so that bytes from an escape never complete a broken sequence.
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                try appendPlain(plain..<index, to: &decoded)
                index &+= 1
                return String(decoding: decoded, as: UTF8.self)
            } else if byte == UInt8(ascii: "\\") {
                try appendPlain(plain..<index, to: &decoded)
                try escape(into: &decoded)
                plain = index
            } else if byte < 0x20 {
                throw failure(.controlCharacter)
            } else {
                index &+= 1
                skipPlain()
            }
        }
        throw failure(.unexpectedEnd)
    }

    private func appendPlain(_ range: Range<Int>, to decoded: inout [UInt8]) throws(JSON.ParseError) {
        let slice = UnsafeRawBufferPointer(rebasing: bytes[range])
        let bad = firstInvalidUTF8(slice)
        guard bad == slice.count else { throw failure(.invalidUTF8, at: range.lowerBound + bad) }
        decoded.append(contentsOf: slice)
    }

    /// Decodes the escape whose backslash is at the index.
    private mutating func escape(into decoded: inout [UInt8]) throws(JSON.ParseError) {
        let start = index
        guard start &+ 1 < bytes.count else { throw failure(.unexpectedEnd, at: bytes.count) }
        index &+= 2
        switch bytes[start &+ 1] {
        case UInt8(ascii: "\""): decoded.append(0x22)
        case UInt8(ascii: "\\"): decoded.append(0x5c)
        case UInt8(ascii: "/"): decoded.append(0x2f)
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0c)
        case UInt8(ascii: "n"): decoded.append(0x0a)
        case UInt8(ascii: "r"): decoded.append(0x0d)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"):
            var code = try fourHexDigits(escapeStart: start)
            if code & 0xfc00 == 0xd800 {
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
                    throw failure(.loneSurrogate, at: start)
                }
                let low = try fourHexDigits(escapeStart: index &- 2)
                guard low & 0xfc00 == 0xdc00 else { throw failure(.loneSurrogate, at: start) }
                code = 0x10000 &+ (code & 0x3ff) << 10 | (low & 0x3ff)
            }
            guard let scalar = Unicode.Scalar(code) else { throw failure(.loneSurrogate, at: start) }
            decoded.append(contentsOf: UTF8.encode(scalar)!)
        default:
            throw failure(.invalidEscape, at: start)
        }
    }

    private mutating func fourHexDigits(escapeStart: Int) throws(JSON.ParseError) -> UInt32 {
        guard index &+ 4 <= bytes.count else { throw failure(.unexpectedEnd, at: bytes.count) }
        var code: UInt32 = 0
        for _ in 0..<4 {
            let byte = bytes[index]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte &- 0x30
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte &- 0x57
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte &- 0x37
            default: throw failure(.invalidEscape, at: escapeStart)
            }
            code = code << 4 | UInt32(digit)
            index &+= 1
        }
        return code
    }
}

/// Offset of the first byte that is not part of well formed UTF-8; `bytes.count` when all is well.
func firstInvalidUTF8(_ bytes: UnsafeRawBufferPointer) -> Int {
    var index = 0
    while index < bytes.count {
        let lead = bytes[index]
        if lead < 0x80 {
            index &+= 1
            continue
        }
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xbf
        switch lead {
        case 0xc2...0xdf: length = 2
        case 0xe0: (length, second) = (3, 0xa0...0xbf)
        case 0xed: (length, second) = (3, 0x80...0x9f)
        case 0xe1...0xef: length = 3
        case 0xf0: (length, second) = (4, 0x90...0xbf)
        case 0xf4: (length, second) = (4, 0x80...0x8f)
        case 0xf1...0xf3: length = 4
        default: return index
        }
        guard index &+ length <= bytes.count, second.contains(bytes[index &+ 1]) else { return index }
        for offset in 2..<max(length, 2) where bytes[index &+ offset] & 0xc0 != 0x80 { return index }
        index &+= length
    }
    return index
}
