extension Hostlist: LosslessStringConvertible {
    /// Why a text is not a hostlist, and where that became certain.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The kinds of mistakes.
        public enum Reason: Hashable, Sendable {
            /// A square bracket has no partner, or brackets are nested.
            case mismatchedBrackets
            /// An expression has more than one pair of brackets.
            case severalBrackets
            /// Something other than a decimal number stands in brackets.
            case notANumber
            /// A number needs more than 64 bits.
            case tooLarge
            /// The end of a range is less than its beginning.
            case descendingRange
            /// A range, or the whole list, has too many hosts.
            case tooManyHosts
            /// A host name would be longer than ``Hostlist/maximumNameBytes``.
            case nameTooLong
            /// A character that host names cannot contain.
            case invalidCharacter
            /// A host name is empty.
            case emptyName
        }

        /// What is wrong.
        public let reason: Reason
        /// Offset in UTF-8 bytes of the offending element, from 0.
        public let offset: Int

        /// One sentence for a person; columns count from 1.
        public var description: String {
            let column = offset + 1
            return switch reason {
            case .mismatchedBrackets: "hostlist: mismatched or nested brackets at column \(column)"
            case .severalBrackets: "hostlist: second pair of brackets in a name at column \(column)"
            case .notANumber: "hostlist: expected a number at column \(column)"
            case .tooLarge: "hostlist: number at column \(column) is too large"
            case .descendingRange: "hostlist: range at column \(column) does not ascend"
            case .tooManyHosts: "hostlist: too many hosts at column \(column)"
            case .nameTooLong: "hostlist: host name at column \(column) is too long"
            case .invalidCharacter: "hostlist: character at column \(column) cannot be part of a host name"
            case .emptyName: "hostlist: empty host name"
            }
        }
    }

    /// Reads a text such as `node[0-3,7],login`; the empty text is the empty list.
    ///
    /// - Throws: ``ParseError`` with the byte offset of the first problem.
    /// - Complexity: linear in the length of the text, except that names with something behind the brackets
    ///   (`node[0-9]-ib`) are stored one by one.
    /// - Source: RFC 29. As in flux-core, expressions may also be separated by blanks and tabs, empty ones are skipped,
    ///   and the leading zeros of a range are those of its own first number.
    public init(parsing text: String) throws(ParseError) {
        var text = text
        let result: Result<Hostlist, ParseError> = text.withUTF8 { bytes in
            var parser = HostlistParser(bytes)
            do throws(ParseError) {
                try parser.parse()
                return .success(parser.list)
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }

    /// Reads a hostlist, or gives nil when the text is not one.
    public init?(_ description: String) {
        guard let list = try? Hostlist(parsing: description) else { return nil }
        self = list
    }

    static func checkName(_ name: String) throws(ParseError) {
        guard !name.isEmpty else { throw ParseError(reason: .emptyName, offset: 0) }
        guard name.utf8.count <= maximumNameBytes else { throw ParseError(reason: .nameTooLong, offset: 0) }
        for (offset, byte) in name.utf8.enumerated() where !HostlistParser.isNameByte(byte) {
            throw ParseError(reason: .invalidCharacter, offset: offset)
        }
    }
}

/// Reads the expressions of a hostlist text, front to back.
struct HostlistParser {
    private(set) var list = Hostlist()
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0
    private var expandedNames = 0
    /// Bytes of those names.
    private var expandedBytes = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Whether a byte may be part of a host name; bytes of characters outside ASCII may.
    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, 0x2c, 0x5b, 0x5d, 0x7f: false
        default: true
        }
    }

    mutating func parse() throws(Hostlist.ParseError) {
        while true {
            while offset < bytes.count, isSeparator(bytes[offset]) { offset &+= 1 }
            guard offset < bytes.count else { return }
            try expression()
        }
    }

    private func isSeparator(_ byte: UInt8) -> Bool { byte == 0x2c || byte == 0x20 || byte == 0x09 }

    private mutating func expression() throws(Hostlist.ParseError) {
        let start = offset
        let prefix = try name()
        guard offset < bytes.count, bytes[offset] == 0x5b else {
            guard offset == bytes.count || isSeparator(bytes[offset]) else { throw error(.mismatchedBrackets, offset) }
            try add(HostRange(name: prefix), at: start)
            return
        }
        let ranges = try rangesInBrackets(after: prefix, at: start)
        let suffix = try name()
        guard offset == bytes.count || isSeparator(bytes[offset]) else {
            throw error(bytes[offset] == 0x5b ? .severalBrackets : .mismatchedBrackets, offset)
        }
        if suffix.isEmpty {
            for range in ranges { try add(range, at: start) }
        } else {
            for range in ranges { try add(range, before: suffix, at: start) }
        }
    }

    /// The bytes up to the next separator or bracket.
    private mutating func name() throws(Hostlist.ParseError) -> String {
        let start = offset
        while offset < bytes.count, Self.isNameByte(bytes[offset]) { offset &+= 1 }
        if offset < bytes.count, bytes[offset] < 0x20 && bytes[offset] != 0x09 || bytes[offset] == 0x7f {
            throw error(.invalidCharacter, offset)
        }
        guard offset - start <= Hostlist.maximumNameBytes else { throw error(.nameTooLong, start) }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private mutating func rangesInBrackets(
        after prefix: String, at start: Int
    ) throws(Hostlist.ParseError) -> [HostRange] {
        let opening = offset
        // An unclosed bracket is the better message than whatever follows it.
        guard let closing = bytes[opening...].firstIndex(of: 0x5d) else { throw error(.mismatchedBrackets, opening) }
        var ranges: [HostRange] = []
        repeat {
            offset &+= 1
            let place = offset
            let low = try number()
            let width = offset - place
            var high = low
            if offset < closing, bytes[offset] == 0x2d {
                offset &+= 1
                high = try number()
            }
            guard offset == closing || bytes[offset] == 0x2c else { throw error(.notANumber, offset) }
            guard high >= low else { throw error(.descendingRange, place) }
            guard high - low < UInt64(Hostlist.maximumRangeCount) else { throw error(.tooManyHosts, place) }
            guard prefix.utf8.count + width <= Hostlist.maximumNameBytes else { throw error(.nameTooLong, start) }
            ranges.append(HostRange(prefix: prefix, numbers: low...high, width: width))
        } while offset < closing
        offset &+= 1
        return ranges
    }

    private mutating func number() throws(Hostlist.ParseError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        while offset < bytes.count, 0x30...0x39 ~= bytes[offset] {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(bytes[offset] - 0x30))
            guard !overflow, !carry else { throw error(.tooLarge, start) }
            value = sum
            offset &+= 1
        }
        guard offset > start else {
            throw error(offset < bytes.count && bytes[offset] == 0x5b ? .mismatchedBrackets : .notANumber, offset)
        }
        return value
    }

    private mutating func add(_ range: HostRange, at start: Int) throws(Hostlist.ParseError) {
        guard list.count + range.count <= Hostlist.maximumCount else { throw error(.tooManyHosts, start) }
        list.append(range)
    }

    /// Adds names with something behind the number: they are stored one by one.
    private mutating func add(_ range: HostRange, before suffix: String, at start: Int) throws(Hostlist.ParseError) {
        expandedNames += range.count
        guard expandedNames <= Hostlist.maximumRangeCount else { throw error(.tooManyHosts, start) }
        let length = range.name(at: 0).utf8.count + suffix.utf8.count
        guard length <= Hostlist.maximumNameBytes else { throw error(.nameTooLong, start) }
        expandedBytes += range.count * length
        guard expandedBytes <= Hostlist.maximumExpandedBytes else { throw error(.tooManyHosts, start) }
        for offset in 0..<range.count { try add(HostRange(single: range.name(at: offset) + suffix), at: start) }
    }

    private func error(_ reason: Hostlist.ParseError.Reason, _ offset: Int) -> Hostlist.ParseError {
        Hostlist.ParseError(reason: reason, offset: offset)
    }
}
