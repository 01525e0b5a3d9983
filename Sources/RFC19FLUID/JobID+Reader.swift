extension JobID {
    /// Reads the digits of one encoding.
    struct Reader {
        private var bytes: ArraySlice<UInt8>
        private let encoding: Encoding

        init(bytes: ArraySlice<UInt8>, encoding: Encoding) {
            self.bytes = bytes
            self.encoding = encoding
        }

        mutating func decimal() throws(ParseError) -> UInt64 {
            if bytes.first == 0x2b { bytes.removeFirst() }
            return try digits(base: 10) { 0x30...0x39 ~= $0 ? UInt64($0 - 0x30) : nil }
        }

        mutating func hexadecimal() throws(ParseError) -> UInt64 {
            guard bytes.starts(with: [0x30, 0x78]) else { throw error(.invalidCharacter) }
            bytes.removeFirst(2)
            return try digits(base: 16) { $0.hexValue }
        }

        mutating func directory() throws(ParseError) -> UInt64 {
            guard bytes.starts(with: Array("job.".utf8)) else { throw error(.invalidCharacter) }
            bytes.removeFirst(4)
            return try dottedHexadecimal()
        }

        /// Four groups of one to four digits.
        mutating func dottedHexadecimal() throws(ParseError) -> UInt64 {
            var value: UInt64 = 0
            for group in 0..<4 {
                if group > 0 {
                    guard bytes.first == 0x2e else { throw error(.invalidCharacter) }
                    bytes.removeFirst()
                }
                var part: UInt64 = 0
                var count = 0
                while count < 4, let digit = bytes.first?.hexValue {
                    part = part << 4 | digit
                    count += 1
                    bytes.removeFirst()
                }
                guard count > 0 else { throw error(.invalidCharacter) }
                value = value << 16 | part
            }
            guard bytes.isEmpty else { throw error(.invalidCharacter) }
            return value
        }

        mutating func base58() throws(ParseError) -> UInt64 {
            if bytes.starts(with: [0xc6, 0x92]) {
                bytes.removeFirst(2)
            } else if bytes.first == 0x66 {
                bytes.removeFirst()
            } else {
                throw error(.invalidCharacter)
            }
            guard bytes.count <= 12 else { throw error(.wrongLength) }
            return try digits(base: 58) { Base58.value(of: $0) }
        }

        mutating func emoji() throws(ParseError) -> UInt64 {
            guard let text = String(validating: bytes, as: UTF8.self) else { throw error(.invalidCharacter) }
            guard text.unicodeScalars.count <= 7 else { throw error(.wrongLength) }
            var value: UInt64 = 0
            for scalar in text.unicodeScalars {
                guard let digit = EmojiTable.values[scalar] else { throw error(.invalidCharacter) }
                value = try append(digit, to: value, base: EmojiTable.count)
            }
            return value
        }

        /// Six words; anything that is not a letter separates them.
        mutating func mnemonic() throws(ParseError) -> UInt64 {
            var values: [UInt64] = []
            while true {
                bytes = bytes.drop { !Self.isLetter($0) }
                let letters = bytes.prefix { Self.isLetter($0) }
                if letters.isEmpty { break }
                guard values.count < 6 else { throw error(.wrongLength) }
                let word = String(decoding: letters.map { $0 | 0x20 }, as: UTF8.self)
                guard let value = WordTable.values[word] else { throw error(.unknownWord) }
                values.append(value)
                bytes = bytes[letters.endIndex...]
            }
            guard values.count == 6 else { throw error(.wrongLength) }
            return try half(values[0..<3]) | half(values[3..<6]) << 32
        }

        private func half(_ digits: ArraySlice<UInt64>) throws(ParseError) -> UInt64 {
            let value = digits.reversed().reduce(0) { $0 * WordTable.count + $1 }
            guard value <= 0xffff_ffff else { throw error(.tooLarge) }
            return value
        }

        private static func isLetter(_ byte: UInt8) -> Bool { 0x61...0x7a ~= byte | 0x20 }

        /// All remaining bytes as digits, at least one.
        private mutating func digits(base: UInt64, _ digit: (UInt8) -> UInt64?) throws(ParseError) -> UInt64 {
            guard !bytes.isEmpty else { throw error(.wrongLength) }
            var value: UInt64 = 0
            while let byte = bytes.first {
                guard let next = digit(byte) else { throw error(.invalidCharacter) }
                value = try append(next, to: value, base: base)
                bytes.removeFirst()
            }
            return value
        }

        private func append(_ digit: UInt64, to value: UInt64, base: UInt64) throws(ParseError) -> UInt64 {
            let (product, overflow) = value.multipliedReportingOverflow(by: base)
            let (sum, carry) = product.addingReportingOverflow(digit)
            guard !overflow, !carry else { throw error(.tooLarge) }
            return sum
        }

        private func error(_ reason: ParseError.Reason) -> ParseError {
            ParseError(reason: reason, encoding: encoding, offset: bytes.startIndex)
        }
    }
}
