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
        encoding == .dec
            ? String(value) : String(unsafeUninitializedCapacity: encoding.longestText) { write(encoding, into: $0) }
    }

    /// Appends the id in an encoding as UTF-8; with room in `bytes` this allocates nothing.
    public func append(_ encoding: Encoding, to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: encoding.longestText) { text in
            let count = write(encoding, into: text)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[..<count]))
        }
    }

    /// The canonical text, ``f58``.
    public var description: String { f58 }

    /// Decimal, `6731191091817518`.
    public var dec: String { String(value) }

    /// Hexadecimal, `0x17e9fb8df16c2e`.
    public var hex: String { text(.hex) }

    /// Four groups of four hexadecimal digits, `0017.e9fb.8df1.6c2e`.
    public var dothex: String { text(.dothex) }

    /// The job's directory in the KVS, `job.0017.e9fb.8df1.6c2e`.
    public var kvs: String { text(.kvs) }

    /// Base 58 behind the letter `ƒ`, `ƒuZZybuNNy`.
    public var f58: String { text(.f58) }

    /// Base 58 behind the letter `f`, for terminals without Unicode, `fuZZybuNNy`.
    public var f58Plain: String { text(.f58plain) }

    /// Six words, `reform-remote-galileo--heart-package-academy`.
    ///
    /// Each half of the number, the low one first, is three digits in base 1626, the least significant first.
    public var words: String { text(.words) }

    /// One to seven emoji, digits in base 576.
    public var emoji: String { text(.emoji) }
}

/// The alphabet of base 58: digits and letters without `0`, `O`, `I` and `l`.
enum Base58 {
    private static let digits: StaticString = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

    /// 58 to the power of 6.
    static let sixDigits: UInt64 = 58 * 58 * 58 * 58 * 58 * 58

    /// The digit of a value below 58.
    @inline(__always)
    static func digit(_ value: UInt64) -> UInt8 { digits.utf8Start[Int(truncatingIfNeeded: value)] }

    /// The value of every byte, 0xff for those that are no digits.
    static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xff, count: 256)
        for value in 0..<58 { values[Int(digits.utf8Start[value])] = UInt8(value) }
        return values
    }()
}

/// Digits in base 16.
enum Base16 {
    /// The value of every byte, 0xff for those that are no digits.
    static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xff, count: 256)
        for (value, digit) in "0123456789abcdef".utf8.enumerated() { values[Int(digit)] = UInt8(value) }
        for (value, digit) in "ABCDEF".utf8.enumerated() { values[Int(digit)] = UInt8(value + 10) }
        return values
    }()
}
