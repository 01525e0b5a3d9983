/// One token of a query.
struct QueryToken {
    enum Kind {
        case term, and, or, not, negate, open, close
    }

    let kind: Kind
    let text: String
    /// Offset in Unicode scalars.
    let position: Int
}

/// Splits a query into tokens.
///
/// A word that ends with a colon waits for the next word or quoted text and is put in front of it, so that
/// `op:"quoted text"` and `op: operand` are one term.
struct QueryLexer {
    private let scalars: [Unicode.Scalar]
    private var offset = 0
    /// An operator, with its colon, that waits for its operand.
    private var waiting: String?
    /// The quotation mark inside of which the lexer is, and where the quoted text begins.
    private var quote: (mark: Unicode.Scalar, start: Int)?

    init(_ query: String) { scalars = Array(query.unicodeScalars) }

    /// The next token, or nil at the end.
    mutating func next() throws(ConstraintQuery.SyntaxError) -> QueryToken? {
        while offset < scalars.count {
            let start = offset
            let scalar = scalars[offset]
            if let (mark, _) = quote {
                if scalar == mark {
                    quote = nil
                    offset += 1
                } else {
                    while offset < scalars.count, scalars[offset] != mark { offset += 1 }
                    if let token = term(from: start) { return token }
                }
                continue
            }
            switch scalar {
            case " ", "\t", "\r", "\n", "\u{0B}", "\u{0C}": offset += 1
            case "'", "\"":
                offset += 1
                quote = (scalar, offset)
            case "-": return take(1, .negate)
            case "(": return take(1, .open)
            case ")": return take(1, .close)
            case "&": return take(isAt("&", start + 1) ? 2 : 1, .and)
            case "|": return take(isAt("|", start + 1) ? 2 : 1, .or)
            default:
                if let token = keyword() { return token }
                while offset < scalars.count, Self.isPlain(scalars[offset]) { offset += 1 }
                guard offset > start else {
                    throw .init(reason: .illegalCharacter(Character(scalar)), position: start)
                }
                if let token = term(from: start) { return token }
            }
        }
        if let quote { throw .init(reason: .unclosedQuote(Character(quote.mark)), position: quote.start) }
        if let waiting { throw .init(reason: .missingOperand(waiting), position: scalars.count) }
        return nil
    }

    private mutating func take(_ length: Int, _ kind: QueryToken.Kind) -> QueryToken {
        defer { offset += length }
        return QueryToken(kind: kind, text: text(offset, offset + length), position: offset)
    }

    /// A term, or nil when what was read is an operator that now waits.
    private mutating func term(from start: Int) -> QueryToken? {
        let text = text(start, offset)
        if let operatorText = waiting {
            waiting = nil
            return QueryToken(kind: .term, text: operatorText + text, position: start)
        }
        if text.unicodeScalars.last == ":" {
            waiting = text
            return nil
        }
        return QueryToken(kind: .term, text: text, position: start)
    }

    /// `not`, `and` or `or` when one stands here as a word of its own.
    private mutating func keyword() -> QueryToken? {
        if isWord("not") { return take(3, .not) }
        if isWord("and") { return take(3, .and) }
        if isWord("or") { return take(2, .or) }
        return nil
    }

    private func isWord(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard offset + length <= scalars.count else { return false }
        for index in 0..<length where scalars[offset + index].value != UInt32(word.utf8Start[index]) { return false }
        return offset + length == scalars.count || !scalars[offset + length].isWordScalar
    }

    private func isAt(_ scalar: Unicode.Scalar, _ index: Int) -> Bool {
        index < scalars.count && scalars[index] == scalar
    }

    private func text(_ start: Int, _ end: Int) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[start..<end])
        return String(text)
    }

    /// Whether a scalar can be part of an unquoted term.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "(", ")", "|", "&", "'", "\"": false
        // Information separators count as white space here, as they do in the regular expressions of flux-core.
        case "\u{1C}", "\u{1D}", "\u{1E}", "\u{1F}": false
        default: !scalar.properties.isWhitespace
        }
    }
}

extension Unicode.Scalar {
    /// Whether the scalar is a letter, a digit or `_`.
    var isWordScalar: Bool {
        if isASCII {
            switch self {
            case "a"..."z", "A"..."Z", "0"..."9", "_": return true
            default: return false
            }
        }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber:
            return true
        default: return false
        }
    }
}
