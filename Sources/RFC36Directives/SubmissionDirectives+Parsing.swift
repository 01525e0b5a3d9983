extension SubmissionDirectives {
    /// Finds the directives of a script.
    ///
    /// - Parameter text: the whole script; lines may end with CR LF.
    public init(parsing text: String) throws(ParseError) {
        var reader = Reader()
        var line = 0
        var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
        if lines.last?.isEmpty == true { lines.removeLast() }
        for content in lines {
            line += 1
            try reader.read(content, line)
        }
        self = reader.found
    }

    /// A directive that is open over several lines: everything between matching triple quotes at line ends.
    private struct OpenQuote {
        var quote: String
        var indent: Substring
        var first: String
        var start: String
        var startLine: Int
        var lines: [String] = []

        func withoutIndent(_ value: some StringProtocol) -> String {
            value.hasPrefix(indent) ? String(value.dropFirst(indent.count)) : String(value)
        }
    }

    private struct Reader {
        var found = SubmissionDirectives()
        var prefix = ""
        var lastLine: Int?
        var open: OpenQuote?

        mutating func read(_ content: Substring, _ line: Int) throws(ParseError) {
            guard let (prefix, tag, rest) = Self.parts(of: content) else {
                if let open {
                    throw ParseError(line: line, reason: .unterminated(startLine: open.startLine, start: open.start))
                }
                let isBlank = content.allSatisfy(\.isWhitespace)
                if found.sentinel != nil, lastLine == nil, !isBlank, !content.hasPrefix(Self.trimmedEnd(self.prefix)) {
                    lastLine = line - 1
                }
                return
            }
            if let lastLine { throw ParseError(line: line, reason: .orphan(tag: tag, lastLine: lastLine)) }
            let value = try Self.quotingTriples(rest, line)
            let sentinel = prefix + tag
            if let known = found.sentinel, known != sentinel {
                let shown = String(value.drop(while: \.isWhitespace))
                throw ParseError(line: line, reason: .sentinelChanged(from: known, to: sentinel, value: shown))
            }
            found.sentinel = sentinel
            self.prefix = prefix
            try take(value, line)
        }

        private mutating func take(_ value: String, _ line: Int) throws(ParseError) {
            let quote = String(value.suffix(3))
            let endsQuoted = quote == "\"\"\"" || quote == "'''"
            if var open {
                open.lines.append(
                    open.withoutIndent(endsQuoted && quote == open.quote ? value.dropLast(3) : value[...]))
                self.open = open
                if endsQuoted, quote == open.quote {
                    self.open = nil
                    let text = open.first + ShellWords.quoted(open.lines.joined(separator: "\n"))
                    guard !text.contains(quote) else {
                        throw ParseError(line: line, reason: .improperlyTerminated(start: open.start))
                    }
                    try append(text, open.startLine)
                }
            } else if endsQuoted {
                let indent = value.prefix(while: \.isWhitespace)
                open = OpenQuote(
                    quote: quote, indent: indent, first: String(value.dropFirst(indent.count).dropLast(3)),
                    start: String(value.dropFirst(indent.count)), startLine: line)
            } else if !value.isEmpty {
                try append(value, line)
            }
        }

        private mutating func append(_ value: String, _ line: Int) throws(ParseError) {
            let words: [String]
            do { words = try ShellWords(value).words } catch {
                throw ParseError(line: line, reason: .words(value, error))
            }
            guard words.first?.hasPrefix("-") ?? true else {
                throw ParseError(line: line, reason: .unknownDirective(value))
            }
            found.directives.append(Directive(line: line, arguments: words))
        }

        /// Splits a line into what stands before the word, the word, and the rest; nil when it is no directive.
        static func parts(of content: Substring) -> (prefix: String, tag: String, rest: Substring)? {
            let scalars = content.unicodeScalars
            guard let start = scalars.firstIndex(where: { isWordCharacter($0) }) else { return nil }
            let rest = content[start...]
            guard rest.hasPrefix("flux:") || rest.hasPrefix("FLUX:") else { return nil }
            return (String(content[..<start]), String(rest.prefix(5)), rest.dropFirst(5))
        }

        private static func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
            scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        }

        private static func trimmedEnd(_ text: String) -> Substring {
            var text = text[...]
            while text.last?.isWhitespace == true { text.removeLast() }
            return text
        }

        /// Puts what stands between two triple quotes of one line into quotes a shell understands.
        private static func quotingTriples(_ rest: Substring, _ line: Int) throws(ParseError) -> String {
            let text = Array(rest.unicodeScalars)
            func isTriple(_ i: Int) -> Bool {
                i >= 0 && i + 3 <= text.count && text[i..<(i + 3)].allSatisfy { $0 == "\"" || $0 == "'" }
            }
            func isPaired(_ quote: Unicode.Scalar) -> Bool {
                var count = 0
                var index = 0
                while index + 3 <= text.count {
                    let isHit = text[index..<(index + 3)].allSatisfy { $0 == quote }
                    count += isHit ? 1 : 0
                    index += isHit ? 3 : 1
                }
                return count > 0 && count % 2 == 0
            }
            func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String { String(String.UnicodeScalarView(scalars)) }
            guard isPaired("\"") || isPaired("'") else {
                let isOpenInside = text.indices.contains { isTriple($0) && $0 + 3 < text.count }
                if isOpenInside {
                    let shown = String(trimmedEnd(String(rest.drop(while: \.isWhitespace))))
                    throw ParseError(line: line, reason: .unclosedTripleQuote(shown))
                }
                return String(rest)
            }
            var result = ""
            var index = 0
            while index < text.count {
                let close =
                    isTriple(index)
                    ? stride(from: text.count - 3, through: index + 3, by: -1).first {
                        text[$0..<($0 + 3)] == text[index..<(index + 3)]
                    } : nil
                if let close {
                    result += ShellWords.quoted(string(text[(index + 3)..<close]))
                    index = close + 3
                } else {
                    result.unicodeScalars.append(text[index])
                    index += 1
                }
            }
            return result
        }
    }
}
