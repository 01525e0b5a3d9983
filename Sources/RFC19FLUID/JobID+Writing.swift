extension JobID.Encoding {
    /// Bytes of the longest text in this encoding; up to 15 a `String` needs no memory of its own.
    var longestText: Int {
        switch self {
        case .dec: 20
        case .hex: 18
        case .dothex: 19
        case .kvs: 23
        case .words: 6 * WordTable.longest + 6
        case .f58: 13
        case .f58plain: 12
        case .emoji: 7 * EmojiTable.width
        }
    }
}

extension JobID {
    /// Writes the text in an encoding to the start of `text`, which has room for the longest one, and returns how many
    /// bytes that are.
    func write(_ encoding: Encoding, into text: UnsafeMutableBufferPointer<UInt8>) -> Int {
        guard let start = text.baseAddress else { return 0 }
        let end: UnsafeMutablePointer<UInt8>
        switch encoding {
        case .dec: end = writeDecimal(at: start)
        case .hex: end = writeHexadecimal(at: put("0x", at: start))
        case .dothex: end = writeGroups(at: start)
        case .kvs: end = writeGroups(at: put("job.", at: start))
        case .words: end = writeWords(at: start)
        case .f58: end = writeBase58(at: put("ƒ", at: start))
        case .f58plain: end = writeBase58(at: put("f", at: start))
        case .emoji: end = writeEmoji(at: start)
        }
        return end - start
    }

    @inline(__always)
    private func put(_ text: StaticString, at place: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        let count = text.utf8CodeUnitCount
        place.update(from: text.utf8Start, count: count)
        return place + count
    }

    private func writeDecimal(at start: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        var count = 1
        var limit: UInt64 = 10
        while count < 20, value >= limit {
            count &+= 1
            limit = count < 20 ? limit &* 10 : .max
        }
        var rest = value
        for place in stride(from: count &- 1, through: 0, by: -1) {
            start[place] = UInt8(truncatingIfNeeded: rest % 10) &+ UInt8(ascii: "0")
            rest /= 10
        }
        return start + count
    }

    private func writeHexadecimal(at start: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        let count = max(1, (67 &- value.leadingZeroBitCount) / 4)
        for place in 0..<count {
            start[place] = Self.hexDigit(value >> UInt64(truncatingIfNeeded: 4 &* (count &- 1 &- place)))
        }
        return start + count
    }

    private func writeGroups(at start: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        var place = start
        for digit in 0..<16 {
            if digit > 0, digit & 3 == 0 {
                place.pointee = UInt8(ascii: ".")
                place += 1
            }
            place.pointee = Self.hexDigit(value >> UInt64(truncatingIfNeeded: 60 &- 4 &* digit))
            place += 1
        }
        return place
    }

    private static func hexDigit(_ value: UInt64) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: value & 15)
        return digit < 10 ? UInt8(ascii: "0") &+ digit : UInt8(ascii: "a") &- 10 &+ digit
    }

    private func writeWords(at start: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        let words = WordTable.words
        var place = start
        func write(_ digit: UInt64) {
            var letters = words[Int(digit % WordTable.count)]
            for _ in 0..<(letters >> 56) {
                place.pointee = UInt8(truncatingIfNeeded: letters)
                letters >>= 8
                place += 1
            }
        }
        for isHigh in [false, true] {
            let half = isHigh ? value >> 32 : value & 0xffff_ffff
            if isHigh { place = put("--", at: place) }
            write(half)
            place = put("-", at: place)
            write(half / WordTable.count)
            place = put("-", at: place)
            write(half / (WordTable.count &* WordTable.count))
        }
        return place
    }

    private func writeEmoji(at start: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        var count = 1
        var limit = EmojiTable.count
        while count < 7, value >= limit {
            count &+= 1
            limit &*= EmojiTable.count
        }
        let end = start + count &* EmojiTable.width
        var place = end
        var rest = value
        for _ in 0..<count {
            EmojiTable.write(Int(rest % EmojiTable.count), before: place)
            rest /= EmojiTable.count
            place -= EmojiTable.width
        }
        return end
    }

    private func writeBase58(at start: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        // Two chains of divisions, which the processor works on at the same time.
        let low = Base58.digits(of: value % Base58.sixDigits, count: value < Base58.sixDigits ? 1 : 6)
        let high = Base58.digits(of: value / Base58.sixDigits, count: 0)
        return low.write(at: high.write(at: start))
    }
}

/// A few digits in base 58, the first one in the low byte.
private struct Base58Digits {
    var bytes: UInt64 = 0
    var count = 0

    /// Writes them and returns where they end.
    func write(at start: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        var (rest, place) = (bytes, start)
        for _ in 0..<count {
            place.pointee = UInt8(truncatingIfNeeded: rest)
            rest >>= 8
            place += 1
        }
        return place
    }
}

extension Base58 {
    /// The digits of a value below 58 to the power of 8, at least `count`.
    fileprivate static func digits(of value: UInt64, count: Int) -> Base58Digits {
        // The last digit comes out first: each pushes those behind it one byte up.
        var digits = Base58Digits()
        var rest = value
        while rest > 0 || digits.count < count {
            digits.bytes = digits.bytes << 8 | UInt64(digit(rest % 58))
            digits.count &+= 1
            rest /= 58
        }
        return digits
    }
}
