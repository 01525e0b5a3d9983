extension JobID: LosslessStringConvertible {
    /// The ways to write a job id.
    public enum Encoding: String, Hashable, Sendable, CaseIterable {
        /// `6731191091817518`
        case dec
        /// `0x17e9fb8df16c2e`
        case hex
        /// `0017.e9fb.8df1.6c2e`
        case dothex
        /// `job.0017.e9fb.8df1.6c2e`, the job's directory in the KVS.
        case kvs
        /// `reform-remote-galileo--heart-package-academy`
        case words
        /// `ƒuZZybuNNy`
        case f58
        /// `fuZZybuNNy`
        case f58plain
        /// `👪🔌😞🃏🏥😽🍌`
        case emoji

        /// The encoding with this name; letter case does not matter.
        public init?(name: String) { self.init(rawValue: name.lowercased()) }
    }

    /// The id in an encoding.
    public func text(_ encoding: Encoding) -> String {
        switch encoding {
        case .dec: dec
        case .hex: hex
        case .dothex: dothex
        case .kvs: kvs
        case .words: words
        case .f58: f58
        case .f58plain: f58Plain
        case .emoji: emoji
        }
    }

    /// The canonical text, ``f58``.
    public var description: String { f58 }

    /// Decimal, `6731191091817518`.
    public var dec: String { String(value) }

    /// Hexadecimal, `0x17e9fb8df16c2e`.
    public var hex: String { "0x" + String(value, radix: 16) }

    /// Four groups of four hexadecimal digits, `0017.e9fb.8df1.6c2e`.
    public var dothex: String {
        let digits = String(value, radix: 16)
        var text = ""
        for (index, digit) in (String(repeating: "0", count: 16 - digits.count) + digits).enumerated() {
            if index > 0, index % 4 == 0 { text.append(".") }
            text.append(digit)
        }
        return text
    }

    /// The job's directory in the KVS, `job.0017.e9fb.8df1.6c2e`.
    public var kvs: String { "job." + dothex }

    /// Base 58 behind the letter `ƒ`, `ƒuZZybuNNy`.
    public var f58: String { "ƒ" + base58 }

    /// Base 58 behind the letter `f`, for terminals without Unicode, `fuZZybuNNy`.
    public var f58Plain: String { "f" + base58 }

    /// Six words, `reform-remote-galileo--heart-package-academy`.
    ///
    /// Each half of the number, the low one first, is three digits in base 1626, the least significant first.
    public var words: String {
        [value & 0xffff_ffff, value >> 32].map { half in
            let digits = [half, half / WordTable.count, half / WordTable.count / WordTable.count]
            return digits.map { WordTable.words[Int($0 % WordTable.count)] }.joined(separator: "-")
        }.joined(separator: "--")
    }

    /// One to seven emoji, digits in base 576.
    public var emoji: String {
        var scalars: [Unicode.Scalar] = []
        var rest = value
        repeat {
            scalars.append(EmojiTable.emoji[Int(rest % EmojiTable.count)])
            rest /= EmojiTable.count
        } while rest > 0
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars.reversed())
        return text
    }

    private var base58: String {
        var digits: [UInt8] = []
        var rest = value
        repeat {
            digits.append(Base58.digits[Int(rest % 58)])
            rest /= 58
        } while rest > 0
        return String(decoding: digits.reversed(), as: UTF8.self)
    }
}

/// The alphabet of base 58: digits and letters without `0`, `O`, `I` and `l`.
enum Base58 {
    static let digits = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)

    /// The value of an ASCII digit, or nil.
    static func value(of digit: UInt8) -> UInt64? {
        switch digit {
        case 0x31...0x39: UInt64(digit - 0x31)
        case 0x41...0x48: UInt64(digit - 0x41 + 9)
        case 0x4a...0x4e: UInt64(digit - 0x4a + 17)
        case 0x50...0x5a: UInt64(digit - 0x50 + 22)
        case 0x61...0x6b: UInt64(digit - 0x61 + 33)
        case 0x6d...0x7a: UInt64(digit - 0x6d + 44)
        default: nil
        }
    }
}
