extension JobID {
    /// Reads the digits of one encoding.
    struct Reader {
        private let bytes: UnsafeBufferPointer<UInt8>
        /// Where reading goes on, and what errors point at.
        private var index: Int
        private let end: Int
        private let encoding: Encoding

        init(bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, encoding: Encoding) {
            self.bytes = bytes
            (index, end) = (range.lowerBound, range.upperBound)
            self.encoding = encoding
        }

        mutating func decimal() throws(ParseError) -> UInt64 {
            _ = take("+")
            guard index < end else { throw error(.wrongLength) }
            var value: UInt64 = 0
            while index < end {
                let digit = bytes[index] &- 0x30
                guard digit < 10 else { throw error(.invalidCharacter) }
                value = try append(UInt64(digit), to: value, base: 10)
                index &+= 1
            }
            return value
        }

        mutating func hexadecimal() throws(ParseError) -> UInt64 {
            guard take("0x") else { throw error(.invalidCharacter) }
            return try digits(base: 16, Base16.values)
        }

        mutating func directory() throws(ParseError) -> UInt64 {
            guard take("job.") else { throw error(.invalidCharacter) }
            return try dottedHexadecimal()
        }

        /// Four groups of one to four digits.
        mutating func dottedHexadecimal() throws(ParseError) -> UInt64 {
            let values = Base16.values
            var value: UInt64 = 0
            for group in 0..<4 {
                if group > 0 {
                    guard take(".") else { throw error(.invalidCharacter) }
                }
                var part: UInt64 = 0
                let limit = Swift.min(end, index &+ 4)
                let start = index
                while index < limit {
                    let digit = values[Int(bytes[index])]
                    guard digit < 16 else { break }
                    part = part << 4 | UInt64(digit)
                    index &+= 1
                }
                guard index > start else { throw error(.invalidCharacter) }
                value = value << 16 | part
            }
            guard index == end else { throw error(.invalidCharacter) }
            return value
        }

        mutating func base58() throws(ParseError) -> UInt64 {
            guard take("ƒ") || take("f") else { throw error(.invalidCharacter) }
            guard end &- index <= 12 else { throw error(.wrongLength) }
            return try digits(base: 58, Base58.values)
        }

        mutating func emoji() throws(ParseError) -> UInt64 {
            guard end &- index <= 7 * EmojiTable.width else { throw error(.wrongLength) }
            guard let base = bytes.baseAddress else { throw error(.empty) }
            var value: UInt64 = 0
            while index < end {
                guard end &- index >= EmojiTable.width, let digit = EmojiTable.value(at: base + index) else {
                    throw error(.invalidCharacter)
                }
                value = try append(digit, to: value, base: EmojiTable.count)
                index &+= EmojiTable.width
            }
            return value
        }

        /// Six words; anything that is not a letter separates them.
        mutating func mnemonic() throws(ParseError) -> UInt64 {
            let low = try half()
            let high = try half()
            guard try word() == nil else { throw error(.wrongLength) }
            return low | high << 32
        }

        /// Three words, the least significant first.
        private mutating func half() throws(ParseError) -> UInt64 {
            var value: UInt64 = 0
            var weight: UInt64 = 1
            for _ in 0..<3 {
                guard let digit = try word() else { throw error(.wrongLength) }
                value &+= digit &* weight
                weight &*= WordTable.count
            }
            guard value <= 0xffff_ffff else { throw error(.tooLarge) }
            return value
        }

        /// The value of the next word; nil when there are no more letters.
        private mutating func word() throws(ParseError) -> UInt64? {
            while index < end, !Self.isLetter(bytes[index]) { index &+= 1 }
            let start = index
            var letters: UInt64 = 0
            while index < end, Self.isLetter(bytes[index]) {
                if index &- start < WordTable.longest {
                    letters |= UInt64(bytes[index] | 0x20) << UInt64(truncatingIfNeeded: 8 &* (index &- start))
                }
                index &+= 1
            }
            guard index > start else { return nil }
            guard index &- start <= WordTable.longest,
                let value = WordTable.value(of: letters | UInt64(truncatingIfNeeded: index &- start) << 56)
            else { throw error(.unknownWord, at: start) }
            return value
        }

        private static func isLetter(_ byte: UInt8) -> Bool { 0x61...0x7a ~= byte | 0x20 }

        /// Takes `text` when it is next.
        @inline(__always)
        private mutating func take(_ text: StaticString) -> Bool {
            let count = text.utf8CodeUnitCount
            guard end &- index >= count else { return false }
            for offset in 0..<count where bytes[index &+ offset] != text.utf8Start[offset] { return false }
            index &+= count
            return true
        }

        /// All remaining bytes as digits, at least one.
        private mutating func digits(base: UInt64, _ values: [UInt8]) throws(ParseError) -> UInt64 {
            guard index < end else { throw error(.wrongLength) }
            var value: UInt64 = 0
            while index < end {
                let digit = values[Int(bytes[index])]
                guard digit != 0xff else { throw error(.invalidCharacter) }
                value = try append(UInt64(digit), to: value, base: base)
                index &+= 1
            }
            return value
        }

        @inline(__always)
        private func append(_ digit: UInt64, to value: UInt64, base: UInt64) throws(ParseError) -> UInt64 {
            let (product, overflow) = value.multipliedReportingOverflow(by: base)
            let (sum, carry) = product.addingReportingOverflow(digit)
            guard !overflow, !carry else { throw error(.tooLarge) }
            return sum
        }

        private func error(_ reason: ParseError.Reason, at offset: Int? = nil) -> ParseError {
            ParseError(reason: reason, encoding: encoding, offset: offset ?? index)
        }
    }
}
