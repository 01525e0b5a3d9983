extension JobID {
    /// Why a text is not a job id.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The kinds of mistakes.
        public enum Reason: Hashable, Sendable {
            /// The text is empty.
            case empty
            /// A character that the encoding does not use, or one too many or too few.
            case invalidCharacter
            /// A word that is not one of the 1626.
            case unknownWord
            /// Not exactly as many digits, groups or words as the encoding needs.
            case wrongLength
            /// The number needs more than 64 bits.
            case tooLarge
        }

        /// What is wrong.
        public let reason: Reason
        /// The encoding the text appeared to be in.
        public let encoding: Encoding
        /// Offset in UTF-8 bytes of the first offending byte, from 0; 0 when the whole text is the problem.
        public let offset: Int

        /// One sentence for a person.
        public var description: String {
            let problem =
                switch reason {
                case .empty: "the text is empty"
                case .invalidCharacter: "unexpected character at column \(offset + 1)"
                case .unknownWord: "unknown word at column \(offset + 1)"
                case .wrongLength: "wrong length"
                case .tooLarge: "number too large"
                }
            return "job id in \(encoding.rawValue) encoding: \(problem)"
        }
    }

    /// Reads a job id in whatever encoding the text is in; `job.` in front and white space around it are skipped.
    ///
    /// - Throws: ``ParseError``.
    /// - Source: RFC 19, "Decoding Alternate FLUID Representations". As in flux-core, white space behind the id is
    ///   accepted for decimal and hexadecimal numbers only, and `.` decides before `-`, `-` before `ƒ`.
    public init(parsing text: String) throws(ParseError) {
        var bytes = Array(text.utf8)[...].trimmingLeadingSpaces
        if bytes.starts(with: Array("job.".utf8)) { bytes = bytes.dropFirst(4).trimmingLeadingSpaces }
        let encoding = Self.detect(bytes)
        let isNumber = encoding == .dec || encoding == .hex
        while isNumber, let last = bytes.last, last.isSpace { bytes.removeLast() }
        self = try Self.read(bytes, as: encoding)
    }

    /// Reads a job id in a known encoding. White space is not skipped.
    ///
    /// ``Encoding/f58plain`` and ``Encoding/f58`` both accept `ƒ` and `f`.
    public init(parsing text: String, as encoding: Encoding) throws(ParseError) {
        self = try Self.read(Array(text.utf8)[...], as: encoding)
    }

    /// Reads a job id in any encoding, or gives nil.
    public init?(_ description: String) {
        guard let id = try? JobID(parsing: description) else { return nil }
        self = id
    }

    /// The encoding a text is in, judged by the characters that tell them apart.
    public static func encoding(of text: String) -> Encoding { detect(Array(text.utf8)[...]) }

    private static func detect(_ bytes: ArraySlice<UInt8>) -> Encoding {
        if bytes.contains(0x2e) { return .dothex }
        if bytes.contains(0x2d) { return .words }
        if bytes.starts(with: [0xc6, 0x92]) { return .f58 }
        if bytes.first == 0x66 { return .f58plain }
        if bytes.starts(with: [0xf0, 0x9f]) { return .emoji }
        if bytes.starts(with: [0x30, 0x78]) { return .hex }
        return .dec
    }

    private static func read(_ bytes: ArraySlice<UInt8>, as encoding: Encoding) throws(ParseError) -> JobID {
        guard !bytes.isEmpty else { throw ParseError(reason: .empty, encoding: encoding, offset: 0) }
        var reader = Reader(bytes: bytes, encoding: encoding)
        switch encoding {
        case .dec: return JobID(try reader.decimal())
        case .hex: return JobID(try reader.hexadecimal())
        case .dothex: return JobID(try reader.dottedHexadecimal())
        case .kvs: return JobID(try reader.directory())
        case .words: return JobID(try reader.mnemonic())
        case .f58, .f58plain: return JobID(try reader.base58())
        case .emoji: return JobID(try reader.emoji())
        }
    }
}

extension UInt8 {
    /// White space as C counts it: blank, tab, newline, vertical tab, form feed, return.
    var isSpace: Bool { self == 0x20 || 0x09...0x0d ~= self }

    /// Value of a hexadecimal digit, or nil.
    var hexValue: UInt64? {
        switch self {
        case 0x30...0x39: UInt64(self - 0x30)
        case 0x41...0x46: UInt64(self - 0x41 + 10)
        case 0x61...0x66: UInt64(self - 0x61 + 10)
        default: nil
        }
    }
}

extension ArraySlice<UInt8> {
    fileprivate var trimmingLeadingSpaces: ArraySlice<UInt8> { drop { $0.isSpace } }
}
