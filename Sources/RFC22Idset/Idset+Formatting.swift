extension Idset: CustomStringConvertible {
    /// How a set is written.
    ///
    /// ```swift
    /// Idset([1, 2, 3, 5]).formatted(.ranges)            // "1-3,5"
    /// Idset([1, 2, 3, 5]).formatted(.list.bracketed)    // "[1,2,3,5]"
    /// ```
    public struct Format: Hashable, Sendable {
        /// Consecutive ids are written as `first-last`.
        public let usesRanges: Bool
        /// Sets of two or more ids are enclosed in square brackets.
        public let usesBrackets: Bool

        /// Consecutive ids as ranges: `1-3,5`.
        public static let ranges = Format(usesRanges: true, usesBrackets: false)
        /// Every id on its own: `1,2,3,5`.
        public static let list = Format(usesRanges: false, usesBrackets: false)

        /// The same with square brackets around sets of two or more ids.
        public var bracketed: Format { Format(usesRanges: usesRanges, usesBrackets: true) }
    }

    /// The canonical text: ascending ranges, no brackets.
    public var description: String { formatted(.ranges) }

    /// The set as text. Parsing the text gives an equal set.
    ///
    /// - Complexity: linear in the number of ranges; for ``Format/list`` in the number of ids, which may be billions, so
    ///   look at ``count`` before listing a set that a stranger sent.
    public func formatted(_ format: Format) -> String {
        let ranges = self.ranges
        guard let last = ranges.last else { return "" }
        // The longest id decides how much room every id may need.
        let width = last.upperBound.decimalWidth + 1
        let parts = format.usesRanges ? ranges.count * 2 : count
        let hasBrackets = format.usesBrackets && (ranges.count > 1 || last.lowerBound != last.upperBound)
        return String(unsafeUninitializedCapacity: parts * width + 2) { buffer in
            var writer = DecimalWriter(buffer)
            if hasBrackets { writer.append(byte: 0x5b) }
            for range in ranges {
                if format.usesRanges {
                    writer.append(range.lowerBound)
                    if range.lowerBound < range.upperBound {
                        writer.append(byte: 0x2d)
                        writer.append(range.upperBound)
                    }
                    writer.append(byte: 0x2c)
                } else {
                    for id in range {
                        writer.append(id)
                        writer.append(byte: 0x2c)
                    }
                }
            }
            writer.removeLast()
            if hasBrackets { writer.append(byte: 0x5d) }
            return writer.count
        }
    }
}

/// Writes decimal numbers and single bytes into memory that is known to be large enough.
private struct DecimalWriter {
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(_ buffer: UnsafeMutableBufferPointer<UInt8>) { self.buffer = buffer }

    mutating func append(byte: UInt8) {
        buffer[count] = byte
        count &+= 1
    }

    mutating func append(_ number: UInt32) {
        let width = number.decimalWidth
        var place = count &+ width
        count = place
        var rest = number
        repeat {
            place &-= 1
            buffer[place] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
    }

    mutating func removeLast() { count &-= 1 }
}

extension UInt32 {
    /// Number of decimal digits.
    fileprivate var decimalWidth: Int {
        switch self {
        case ..<10: 1
        case ..<100: 2
        case ..<1000: 3
        case ..<10_000: 4
        case ..<100_000: 5
        case ..<1_000_000: 6
        case ..<10_000_000: 7
        case ..<100_000_000: 8
        case ..<1_000_000_000: 9
        default: 10
        }
    }
}
