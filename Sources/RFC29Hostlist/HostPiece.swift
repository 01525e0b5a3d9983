/// A part of a range whose names have equally many digits at their end.
///
/// Names are the same text exactly when stem, number of digits and value are the same, however a list has split them
/// into prefix and number: `f00[1-2]` and `f[001-002]` are the same pieces.
struct HostPiece: Hashable, Sendable {
    /// What names of one piece have in common.
    struct Key: Hashable, Sendable {
        /// The name without the digits at its end.
        let stem: String
        /// How many digits are at the end; 0 when the name has none, or more than 19.
        let digits: Int
    }

    let key: Key
    /// The digits as numbers; 0...0 when there are none.
    let values: ClosedRange<UInt64>
    /// Position of the first name of the piece in its range.
    let offset: Int

    /// The piece as a range.
    var range: HostRange {
        guard key.digits > 0 else { return HostRange(name: key.stem) }
        return HostRange(prefix: key.stem, numbers: values, width: key.digits)
    }
}

extension HostRange {
    /// Most digits whose every value fits in 64 bits.
    private static let maximumDigits = 19

    /// The range cut where the number of digits changes.
    var pieces: [HostPiece] {
        guard let numbers else { return [Self.piece(name: prefix, offset: 0)] }
        let stem = Self.stem(of: prefix)
        let fixedDigits = prefix.utf8.count - stem.utf8.count
        var result: [HostPiece] = []
        var low = numbers.lowerBound
        while true {
            let digits = Swift.max(width, low.decimalWidth)
            // The last number with as many digits as `low`.
            let limit = digits >= 20 ? UInt64.max : Self.power(of: digits) - 1
            let high = Swift.min(numbers.upperBound, limit)
            let offset = Int(low - numbers.lowerBound)
            if digits + fixedDigits <= Self.maximumDigits {
                let fixed = UInt64(prefix.utf8.dropFirst(stem.utf8.count).reduce(0) { $0 * 10 + UInt64($1 - 0x30) })
                let base = fixed * Self.power(of: digits)
                let key = HostPiece.Key(stem: stem, digits: digits + fixedDigits)
                result.append(HostPiece(key: key, values: (base + low)...(base + high), offset: offset))
            } else {
                for number in low...high {
                    let name = Self.name(prefix, number, width: width)
                    result.append(Self.piece(name: name, offset: offset + Int(number - low)))
                }
            }
            guard high < numbers.upperBound else { return result }
            low = high + 1
        }
    }

    /// The piece that is one name.
    static func piece(name: String, offset: Int) -> HostPiece {
        let stem = Self.stem(of: name)
        let digits = name.utf8.count - stem.utf8.count
        guard digits > 0, digits <= maximumDigits, let value = UInt64(Substring(name.utf8.suffix(digits))) else {
            return HostPiece(key: .init(stem: name, digits: 0), values: 0...0, offset: offset)
        }
        return HostPiece(key: .init(stem: stem, digits: digits), values: value...value, offset: offset)
    }

    private static func stem(of text: String) -> String {
        let digits = text.utf8.reversed().prefix { 0x30...0x39 ~= $0 }.count
        return digits == 0 ? text : String(Substring(text.utf8.dropLast(digits)))
    }

    private static func power(of exponent: Int) -> UInt64 {
        var result: UInt64 = 1
        for _ in 0..<exponent { result &*= 10 }
        return result
    }
}
