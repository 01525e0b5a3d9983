extension JSON {
    /// Why a text is not JSON, and where that became certain.
    public struct ParseError: Error, Hashable, Sendable {
        /// What is wrong.
        public enum Reason: Hashable, Sendable {
            /// The text ends before the value does.
            case unexpectedEnd
            /// A byte that cannot occur here.
            case unexpectedByte(UInt8)
            /// Something other than white space follows the value.
            case trailingBytes
            /// A string is not UTF-8.
            case invalidUTF8
            /// A backslash is followed by something that is not an escape.
            case invalidEscape
            /// Half of a surrogate pair.
            case loneSurrogate
            /// A control character inside a string.
            case controlCharacter
            /// A number is not written as JSON wants it.
            case invalidNumber
            /// An integer outside `Int64`.
            case integerOutOfRange
            /// A real outside `Double`.
            case realOutOfRange
            /// More values inside each other than the limit allows.
            case tooDeep(limit: Int)
        }

        /// What is wrong.
        public let reason: Reason
        /// Offset in bytes of the first offending byte, from 0.
        public let offset: Int

        /// Creates one from its members.
        public init(reason: Reason, offset: Int) {
            self.reason = reason
            self.offset = offset
        }
    }

    /// Values inside each other that are accepted unless the caller says otherwise, the innermost one included.
    ///
    /// The same number as the reference's JSON library.
    public static let defaultDepthLimit = 2048

    /// Reads one JSON value with optional white space around it.
    ///
    /// - Throws: ``ParseError`` with the byte offset of the first problem.
    /// - Complexity: linear.
    public init(parsing text: String, depthLimit: Int = JSON.defaultDepthLimit) throws(ParseError) {
        var text = text
        self = try text.withUTF8 { Self.parse(UnsafeRawBufferPointer($0), depthLimit) }.get()
    }

    /// Reads one JSON value from UTF-8 bytes.
    ///
    /// A key that occurs twice keeps its first place and its last value.
    public init(parsing bytes: some Collection<UInt8>, depthLimit: Int = JSON.defaultDepthLimit) throws(ParseError) {
        let parsed = bytes.withContiguousStorageIfAvailable { Self.parse(UnsafeRawBufferPointer($0), depthLimit) }
        if let parsed {
            self = try parsed.get()
        } else {
            self = try Array(bytes).withUnsafeBytes { Self.parse($0, depthLimit) }.get()
        }
    }

    /// Reads one JSON value from UTF-8 bytes in place.
    public init(
        parsing bytes: UnsafeRawBufferPointer, depthLimit: Int = JSON.defaultDepthLimit
    ) throws(ParseError) {
        self = try Self.parse(bytes, depthLimit).get()
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer, _ depthLimit: Int) -> Result<JSON, ParseError> {
        var parser = Parser(bytes, depthLimit: depthLimit)
        do throws(ParseError) { return .success(try parser.document()) } catch { return .failure(error) }
    }
}

extension JSON.ParseError: CustomStringConvertible {
    /// One sentence for people.
    public var description: String {
        let what =
            switch reason {
            case .unexpectedEnd: "unexpected end of text"
            case .unexpectedByte(let byte) where byte > 0x20 && byte < 0x7f:
                "unexpected \"\(Character(UnicodeScalar(byte)))\""
            case .unexpectedByte(let byte): "unexpected byte \(byte)"
            case .trailingBytes: "something follows the value"
            case .invalidUTF8: "invalid UTF-8"
            case .invalidEscape: "invalid escape sequence"
            case .loneSurrogate: "half of a surrogate pair"
            case .controlCharacter: "unescaped control character"
            case .invalidNumber: "malformed number"
            case .integerOutOfRange: "integer is too large"
            case .realOutOfRange: "real number is too large"
            case .tooDeep(let limit): "more than \(limit) values inside each other"
            }
        return "JSON: \(what) at byte \(offset)"
    }
}
