/// Reads JSON from bytes, front to back, with one index.
struct Parser {
    let bytes: UnsafeRawBufferPointer
    let depthLimit: Int
    var index = 0

    init(_ bytes: UnsafeRawBufferPointer, depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    func failure(_ reason: JSON.ParseError.Reason, at offset: Int? = nil) -> JSON.ParseError {
        JSON.ParseError(reason: reason, offset: offset ?? index)
    }

    /// What is wrong at the index: an end or a byte that does not belong there.
    func unexpected() -> JSON.ParseError {
        index < bytes.count ? failure(.unexpectedByte(bytes[index])) : failure(.unexpectedEnd)
    }

    mutating func document() throws(JSON.ParseError) -> JSON {
        skipSpace()
        let value = try value(depth: 1)
        skipSpace()
        guard index == bytes.count else { throw failure(.trailingBytes) }
        return value
    }

    @inline(__always)
    mutating func skipSpace() {
        while index < bytes.count {
            let byte = bytes[index]
            guard byte <= 0x20, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return }
            index &+= 1
        }
    }

    /// Takes `byte` when it is next.
    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index &+= 1
        return true
    }

    /// Reads the value that begins at the index.
    mutating func value(depth: Int) throws(JSON.ParseError) -> JSON {
        guard depth <= depthLimit else { throw failure(.tooDeep(limit: depthLimit)) }
        guard index < bytes.count else { throw unexpected() }
        switch bytes[index] {
        case UInt8(ascii: "\""):
            return .string(try string())
        case UInt8(ascii: "{"):
            return .object(try object(depth: depth))
        case UInt8(ascii: "["):
            return .array(try array(depth: depth))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try number()
        case UInt8(ascii: "t"):
            try word("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        default:
            throw unexpected()
        }
    }

    private mutating func word(_ word: StaticString) throws(JSON.ParseError) {
        for offset in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[offset]) else { throw unexpected() }
        }
    }

    private mutating func array(depth: Int) throws(JSON.ParseError) -> [JSON] {
        index &+= 1
        skipSpace()
        if take(UInt8(ascii: "]")) { return [] }
        var elements: [JSON] = []
        while true {
            elements.append(try value(depth: depth &+ 1))
            skipSpace()
            if take(UInt8(ascii: ",")) {
                skipSpace()
            } else if take(UInt8(ascii: "]")) {
                return elements
            } else {
                throw unexpected()
            }
        }
    }

    private mutating func object(depth: Int) throws(JSON.ParseError) -> JSON.Object {
        index &+= 1
        skipSpace()
        var object = JSON.Object()
        if take(UInt8(ascii: "}")) { return object }
        object.reserveCapacity(4)
        // One bit for each (length, last byte) seen: while a bit is clear the key is new without a search.
        var seen: UInt64 = 0
        while true {
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { throw unexpected() }
            let start = index
            let key = try string()
            let length = index &- start &- 2
            let bit = UInt64(1) << UInt64((length &+ Int(bytes[index &- 2]) &* 7) & 63)
            if length != key.utf8.count { seen = .max }  // an escape: what is written is not the key
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw unexpected() }
            skipSpace()
            let value = try value(depth: depth &+ 1)
            if seen & bit == 0 { object.appendNew(key, value) } else { object[key] = value }
            seen |= bit
            skipSpace()
            if take(UInt8(ascii: ",")) {
                skipSpace()
            } else if take(UInt8(ascii: "}")) {
                return object
            } else {
                throw unexpected()
            }
        }
    }
}
