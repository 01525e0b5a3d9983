/// Splits text into words with the quotes, escapes and comments of a POSIX shell; nothing is expanded.
///
/// Works like Python's `shlex` with `posix`, `punctuation_chars` and `whitespace_split`, which is what flux-core
/// uses: a run of `();<>|&` is a word of its own, and `\'` is possible inside single quotes.
public struct ShellWords: Sequence, Sendable {
    /// Why a text cannot be split.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case noClosingQuotation
        case noEscapedCharacter

        public var description: String {
            switch self {
            case .noClosingQuotation: "No closing quotation"
            case .noEscapedCharacter: "No escaped character"
            }
        }
    }

    /// The words.
    public let words: [String]

    /// Splits a text.
    ///
    /// - Parameters:
    ///   - text: what a shell would read as words.
    ///   - splitsPunctuation: false gives the rules of `shlex.split`: punctuation is ordinary, `#` too, and single
    ///     quotes know no escapes.
    public init(_ text: String, splitsPunctuation: Bool = true) throws(Failure) {
        var lexer = Lexer(Array(text.unicodeScalars), splitsPunctuation: splitsPunctuation)
        var words: [String] = []
        while let word = try lexer.next() { words.append(word) }
        self.words = words
    }

    /// The words one by one.
    public func makeIterator() -> IndexingIterator<[String]> { words.makeIterator() }

    private struct Lexer {
        enum State: Equatable {
            case between, word, punctuation
            case quoted(Unicode.Scalar)
            case escaped(Unicode.Scalar?)
        }

        let text: [Unicode.Scalar]
        let splitsPunctuation: Bool
        var index = 0

        init(_ text: [Unicode.Scalar], splitsPunctuation: Bool) {
            self.text = text
            self.splitsPunctuation = splitsPunctuation
        }

        func isSpace(_ c: Unicode.Scalar) -> Bool { c == " " || c == "\t" || c == "\r" || c == "\n" }
        func isPunctuation(_ c: Unicode.Scalar) -> Bool { splitsPunctuation && "();<>|&".unicodeScalars.contains(c) }
        func isComment(_ c: Unicode.Scalar) -> Bool { splitsPunctuation && c == "#" }
        func isQuote(_ c: Unicode.Scalar) -> Bool { c == "\"" || c == "'" }
        func knowsEscapes(_ quote: Unicode.Scalar) -> Bool { quote == "\"" || splitsPunctuation }

        mutating func skipComment() {
            while index < text.count, text[index] != "\n" { index += 1 }
            if index < text.count { index += 1 }
        }

        /// The next word, nil at the end.
        mutating func next() throws(Failure) -> String? {
            var word = String.UnicodeScalarView()
            var state = State.between
            var wasQuoted = false
            while index < text.count {
                let c = text[index]
                switch state {
                case .between:
                    index += 1
                    if isSpace(c) { continue }
                    if isComment(c) {
                        skipComment()
                    } else if c == "\\" {
                        state = .escaped(nil)
                    } else if isPunctuation(c) {
                        word.append(c)
                        state = .punctuation
                    } else if isQuote(c) {
                        state = .quoted(c)
                    } else {
                        word.append(c)
                        state = .word
                    }
                case .punctuation:
                    if isPunctuation(c) {
                        word.append(c)
                        index += 1
                    } else if isComment(c) {
                        skipComment()
                        return String(word)
                    } else {
                        return String(word)
                    }
                case .word:
                    if isSpace(c) || isComment(c) {
                        index += 1
                        if isComment(c) { skipComment() }
                        if !word.isEmpty || wasQuoted { return String(word) }
                        state = .between
                    } else if isPunctuation(c) {
                        if !word.isEmpty || wasQuoted { return String(word) }
                        state = .between
                    } else {
                        index += 1
                        if isQuote(c) {
                            state = .quoted(c)
                        } else if c == "\\" {
                            state = .escaped(nil)
                        } else {
                            word.append(c)
                        }
                    }
                case .quoted(let quote):
                    index += 1
                    wasQuoted = true
                    if c == quote {
                        state = .word
                    } else if c == "\\", knowsEscapes(quote) {
                        state = .escaped(quote)
                    } else {
                        word.append(c)
                    }
                case .escaped(let quote):
                    index += 1
                    if let quote, c != "\\", c != quote { word.append("\\") }
                    word.append(c)
                    state = quote.map(State.quoted) ?? .word
                }
            }
            switch state {
            case .quoted: throw .noClosingQuotation
            case .escaped: throw .noEscapedCharacter
            default: return word.isEmpty && !wasQuoted ? nil : String(word)
            }
        }
    }

    /// The text as one word of a shell, in quotes when it needs them.
    public static func quoted(_ text: String) -> String {
        let plain = Set("@%+=:,./-_".utf8)
        let isPlain = text.utf8.allSatisfy {
            plain.contains($0) || (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20)
        }
        guard !isPlain || text.isEmpty else { return text }
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\"'\"'") + "'"
    }
}
