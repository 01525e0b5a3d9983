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
        var text = text
        self = try text.withUTF8 { Self.parse($0) }.get()
    }

    /// Reads a job id in a known encoding. White space is not skipped.
    ///
    /// ``Encoding/f58plain`` and ``Encoding/f58`` both accept `ƒ` and `f`.
    public init(parsing text: String, as encoding: Encoding) throws(ParseError) {
        var text = text
        self = try text.withUTF8 { Self.read($0, 0..<$0.count, as: encoding) }.get()
    }

    /// Reads a job id in any encoding, or gives nil.
    public init?(_ description: String) {
        guard let id = try? JobID(parsing: description) else { return nil }
        self = id
    }

    /// The encoding a text is in, judged by the characters that tell them apart.
    public static func encoding(of text: String) -> Encoding {
        var text = text
        return text.withUTF8 { detect($0, 0..<$0.count) }
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<JobID, ParseError> {
        var range = 0..<bytes.count
        // The usual form first: what base 58 can read is nothing else.
        if let first = bytes.first, first == UInt8(ascii: "f") || first == 0xc6 {
            var reader = Reader(bytes: bytes, range, encoding: first == 0xc6 ? .f58 : .f58plain)
            if let value = try? reader.base58() { return .success(JobID(value)) }
        }
        range = skipSpace(bytes, range)
        if range.count >= 4, bytes[range.lowerBound] == UInt8(ascii: "j"),
            "job.".utf8.elementsEqual(bytes[range].prefix(4))
        {
            range = skipSpace(bytes, (range.lowerBound &+ 4)..<range.upperBound)
        }
        let encoding = detect(bytes, range)
        if encoding == .dec || encoding == .hex {
            var end = range.upperBound
            while end > range.lowerBound, bytes[end &- 1].isSpace { end &-= 1 }
            range = range.lowerBound..<end
        }
        return read(bytes, range, as: encoding)
    }

    private static func skipSpace(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        while start < range.upperBound, bytes[start].isSpace { start &+= 1 }
        return start..<range.upperBound
    }

    private static func detect(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Encoding {
        var hasDash = false
        for index in range {
            if bytes[index] == UInt8(ascii: ".") { return .dothex }
            if bytes[index] == UInt8(ascii: "-") { hasDash = true }
        }
        if hasDash { return .words }
        guard let first = range.first.map({ bytes[$0] }) else { return .dec }
        if first == UInt8(ascii: "f") { return .f58plain }
        guard range.count > 1 else { return .dec }
        switch (first, bytes[range.lowerBound &+ 1]) {
        case (0xc6, 0x92): return .f58
        case (0xf0, 0x9f): return .emoji
        case (UInt8(ascii: "0"), UInt8(ascii: "x")): return .hex
        default: return .dec
        }
    }

    private static func read(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, as encoding: Encoding
    ) -> Result<JobID, ParseError> {
        guard !range.isEmpty else { return .failure(ParseError(reason: .empty, encoding: encoding, offset: 0)) }
        var reader = Reader(bytes: bytes, range, encoding: encoding)
        do throws(ParseError) {
            switch encoding {
            case .dec: return .success(JobID(try reader.decimal()))
            case .hex: return .success(JobID(try reader.hexadecimal()))
            case .dothex: return .success(JobID(try reader.dottedHexadecimal()))
            case .kvs: return .success(JobID(try reader.directory()))
            case .words: return .success(JobID(try reader.mnemonic()))
            case .f58, .f58plain: return .success(JobID(try reader.base58()))
            case .emoji: return .success(JobID(try reader.emoji()))
            }
        } catch {
            return .failure(error)
        }
    }
}

extension UInt8 {
    /// White space as C counts it: blank, tab, newline, vertical tab, form feed, return.
    var isSpace: Bool { self == 0x20 || 0x09...0x0d ~= self }
}
