import FluxJSON
import RFC22Idset

extension ResourceCount: LosslessStringConvertible {
    /// Why a text is not a count, and where that became certain.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The kinds of mistakes.
        public enum Reason: Hashable, Sendable {
            /// A positive decimal number without leading zeros was expected.
            case notANumber
            /// A number needs more than 32 bits.
            case tooLarge
            /// The maximum is less than the minimum.
            case descending
            /// The operator is not `+`, `*` or `^`.
            case unknownOperator
            /// The operand or the minimum is too small for the operator.
            case doesNotAscend
            /// A square bracket has no partner or is nested.
            case mismatchedBrackets
            /// Something follows the count.
            case trailingText
            /// The text begins with `{` but is not the JSON form of a count.
            case notACountInJSON
        }

        /// What is wrong.
        public let reason: Reason
        /// Offset in UTF-8 bytes of the first offending byte, from 0.
        public let offset: Int

        /// One sentence for a person; columns count from 1.
        public var description: String {
            let column = offset + 1
            return switch reason {
            case .notANumber: "count: expected a positive number at column \(column)"
            case .tooLarge: "count: number at column \(column) is too large"
            case .descending: "count: maximum at column \(column) is less than the minimum"
            case .unknownOperator: "count: unknown operator at column \(column) (use +, * or ^)"
            case .doesNotAscend: "count: operand or minimum too small for the operator at column \(column)"
            case .mismatchedBrackets: "count: mismatched or nested brackets at column \(column)"
            case .trailingText: "count: unexpected text at column \(column)"
            case .notACountInJSON: "count: not the JSON form of a count"
            }
        }
    }

    /// Reads `4`, `1-4`, `1,2,4`, `2+`, `1-10:3`, `2-16:2:*`, each with or without square brackets, or the JSON object
    /// of RFC 14.
    ///
    /// - Throws: ``ParseError`` with the byte offset of the first problem.
    /// - Source: RFC 45. As in flux-core, whatever can be read as an idset is one (`1-4`), not a range.
    public init(parsing text: String) throws(ParseError) {
        let bytes = Array(text.utf8)
        if bytes.first == 0x7b {
            guard let json = try? JSON(parsing: text), let count = try? ResourceCount(json: json) else {
                throw ParseError(reason: .notACountInJSON, offset: 0)
            }
            self = count
            return
        }
        var reader = CountReader(bytes)
        try reader.removeBrackets()
        let minimum = try reader.number()
        if reader.isAtEnd {
            self = .integer(minimum)
        } else if let set = try? Idset(parsing: text), let first = set.first, first > 0 {
            self = .idset(set)
        } else {
            self = .range(try reader.range(from: minimum))
        }
    }

    /// Reads a count, or gives nil when the text is not one.
    public init?(_ description: String) {
        guard let count = try? ResourceCount(parsing: description) else { return nil }
        self = count
    }
}

extension SteppedRange {
    /// Reads `1-4`, `2+`, `1-10:3` or `2-16:2:*`, with or without square brackets, as a range and never as an idset.
    public init(parsing text: String) throws(ResourceCount.ParseError) {
        var reader = CountReader(Array(text.utf8))
        try reader.removeBrackets()
        self = try reader.range(from: reader.number())
    }
}

/// Reads the parts of a range text.
private struct CountReader {
    private let bytes: [UInt8]
    private var offset = 0
    private var end: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        end = bytes.count
    }

    var isAtEnd: Bool { offset == end }

    mutating func removeBrackets() throws(ResourceCount.ParseError) {
        if bytes.count >= 2, bytes.first == 0x5b, bytes.last == 0x5d {
            offset = 1
            end -= 1
        }
        if let bracket = bytes[offset..<end].firstIndex(where: { $0 == 0x5b || $0 == 0x5d }) {
            throw ResourceCount.ParseError(reason: .mismatchedBrackets, offset: bracket)
        }
    }

    mutating func number() throws(ResourceCount.ParseError) -> UInt32 {
        let start = offset
        while offset < end, 0x30...0x39 ~= bytes[offset] { offset += 1 }
        guard offset > start, bytes[start] != 0x30 else {
            throw ResourceCount.ParseError(reason: .notANumber, offset: start)
        }
        guard let number = UInt32(String(decoding: bytes[start..<offset], as: UTF8.self)) else {
            throw ResourceCount.ParseError(reason: .tooLarge, offset: start)
        }
        return number
    }

    /// What follows the minimum: `-max` or `+`, then `:operand` and `:operator`.
    mutating func range(from minimum: UInt32) throws(ResourceCount.ParseError) -> SteppedRange {
        var maximum: UInt32?
        if skip(0x2d) {
            let start = offset
            let number = try number()
            guard number >= minimum else { throw ResourceCount.ParseError(reason: .descending, offset: start) }
            maximum = number
        } else if !skip(0x2b) {
            throw ResourceCount.ParseError(reason: .trailingText, offset: offset)
        }
        let operand = skip(0x3a) ? try number() : 1
        var `operator` = SteppedRange.Operator.add
        if skip(0x3a) {
            guard offset < end,
                let known = SteppedRange.Operator(rawValue: String(decoding: bytes[offset...offset], as: UTF8.self))
            else { throw ResourceCount.ParseError(reason: .unknownOperator, offset: offset) }
            `operator` = known
            offset += 1
        }
        guard isAtEnd else { throw ResourceCount.ParseError(reason: .trailingText, offset: offset) }
        guard let range = SteppedRange(minimum: minimum, maximum: maximum, operand: operand, operator: `operator`)
        else {
            throw ResourceCount.ParseError(reason: .doesNotAscend, offset: offset - 1)
        }
        return range
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard offset < end, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }
}
