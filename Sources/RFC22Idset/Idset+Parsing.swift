extension Idset: LosslessStringConvertible {
    /// Why a text is not an idset, and where that became certain.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The kinds of mistakes.
        public enum Reason: Hashable, Sendable {
            /// Something other than a decimal number stands where an id is expected.
            case notANumber
            /// An id begins with a zero that is not its only digit.
            case leadingZero
            /// An id is greater than ``Idset/maximumID``.
            case tooLarge
            /// The upper end of a range is not greater than its lower end.
            case emptyRange
            /// An id is not greater than the ids before it.
            case notAscending
            /// A square bracket has no partner or is not at the end of the text.
            case mismatchedBrackets
        }

        /// What is wrong.
        public let reason: Reason
        /// Offset in UTF-8 bytes of the offending element, from 0.
        public let offset: Int

        /// One sentence for a person; columns count from 1.
        public var description: String {
            let column = offset + 1
            return switch reason {
            case .notANumber: "idset: expected a number at column \(column)"
            case .leadingZero: "idset: number with a leading zero at column \(column)"
            case .tooLarge: "idset: number at column \(column) is larger than \(Idset.maximumID)"
            case .emptyRange: "idset: range at column \(column) does not ascend"
            case .notAscending: "idset: number at column \(column) is out of order"
            case .mismatchedBrackets: "idset: mismatched or nested brackets at column \(column)"
            }
        }
    }

    /// Reads a text such as `0-3,7` or `[0-3,7]`; the empty text is the empty set.
    ///
    /// - Throws: ``ParseError`` with the byte offset of the first problem.
    /// - Complexity: linear in the length of the text, whatever the ranges span.
    /// - Source: RFC 22. Empty elements (`1,,2`, `1,`) are skipped, as flux-core does.
    public init(parsing text: String) throws(ParseError) {
        var text = text
        self.init(normalized: try text.withUTF8 { Self.normalizedRanges(in: $0) }.get())
    }

    /// Reads the UTF-8 bytes of an idset; see ``init(parsing:)``.
    public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(ParseError) {
        self.init(normalized: try Self.normalizedRanges(in: bytes).get())
    }

    /// Reads an idset, or gives nil when the text is not one.
    public init?(_ description: String) {
        guard let set = try? Idset(parsing: description) else { return nil }
        self = set
    }

    /// Adds the ids that `text` names; the set is unchanged when the text is not an idset.
    public mutating func insert(parsing text: String) throws(ParseError) { formUnion(try Idset(parsing: text)) }

    /// Removes the ids that `text` names; the set is unchanged when the text is not an idset.
    public mutating func remove(parsing text: String) throws(ParseError) { subtract(try Idset(parsing: text)) }

    /// Count and largest id of the set that `text` names, without building it; `maximum` is nil for the empty set.
    public static func summary(of text: String) throws(ParseError) -> (count: Int, maximum: UInt32?) {
        var text = text
        let result: Result<(count: Int, maximum: UInt32?), ParseError> = text.withUTF8 { bytes in
            var count = 0
            var maximum: UInt32?
            do throws(ParseError) {
                var scanner = try RangeScanner(bytes)
                while let range = try scanner.next() {
                    count += Int(range.upperBound - range.lowerBound) + 1
                    maximum = range.upperBound
                }
                return .success((count, maximum))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func normalizedRanges(
        in bytes: UnsafeBufferPointer<UInt8>
    ) -> Result<[ClosedRange<UInt32>], ParseError> {
        do throws(ParseError) {
            var scanner = try RangeScanner(bytes)
            var set = Idset()
            while let range = try scanner.next() { set.append(range) }
            return .success(set.flat)
        } catch {
            return .failure(error)
        }
    }
}

/// Reads the ranges of an idset text one after the other and checks that they ascend.
struct RangeScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0
    private let end: Int
    private var smallestAllowed: UInt32 = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) throws(Idset.ParseError) {
        self.bytes = bytes
        let isBracketed = bytes.count >= 2 && bytes[0] == 0x5b && bytes[bytes.count - 1] == 0x5d
        offset = isBracketed ? 1 : 0
        end = isBracketed ? bytes.count - 1 : bytes.count
        for index in offset..<end where bytes[index] == 0x5b || bytes[index] == 0x5d {
            throw Idset.ParseError(reason: .mismatchedBrackets, offset: index)
        }
    }

    /// The next range, or nil at the end of the text.
    mutating func next() throws(Idset.ParseError) -> ClosedRange<UInt32>? {
        while offset < end, bytes[offset] == 0x2c { offset &+= 1 }
        guard offset < end else { return nil }
        let start = offset
        let lower = try number()
        var upper = lower
        if offset < end, bytes[offset] == 0x2d {
            offset &+= 1
            upper = try number()
            guard upper > lower else { throw Idset.ParseError(reason: .emptyRange, offset: start) }
        }
        guard offset == end || bytes[offset] == 0x2c else {
            throw Idset.ParseError(reason: .notANumber, offset: offset)
        }
        guard lower >= smallestAllowed else { throw Idset.ParseError(reason: .notAscending, offset: start) }
        smallestAllowed = upper &+ 1
        return ClosedRange(uncheckedBounds: (lower, upper))
    }

    private mutating func number() throws(Idset.ParseError) -> UInt32 {
        let start = offset
        var value: UInt32 = 0
        while offset < end {
            let digit = bytes[offset] &- 0x30
            guard digit <= 9 else { break }
            // At most ten digits arrive here, and the value before the tenth is checked below.
            guard value <= Idset.maximumID / 10 else { throw Idset.ParseError(reason: .tooLarge, offset: start) }
            value = value &* 10 &+ UInt32(digit)
            offset &+= 1
        }
        guard offset > start else { throw Idset.ParseError(reason: .notANumber, offset: start) }
        guard bytes[start] != 0x30 || offset &- start == 1 else {
            throw Idset.ParseError(reason: .leadingZero, offset: start)
        }
        guard value <= Idset.maximumID else { throw Idset.ParseError(reason: .tooLarge, offset: start) }
        return value
    }
}
