/// Takes pieces from the front of a shape text.
struct ShapeScanner {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    /// Offset in UTF-8 bytes of the next scalar.
    private(set) var offset = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    /// The next scalar behind white space, or nil at the end.
    mutating func peek() -> Unicode.Scalar? {
        while position < scalars.count, Self.isSpace(scalars[position]) { advance() }
        return position < scalars.count ? scalars[position] : nil
    }

    /// Skips white space and `scalar`, if that comes next.
    mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard peek() == scalar else { return false }
        advance()
        return true
    }

    mutating func expect(_ scalar: Unicode.Scalar) throws(Shape.ParseError) {
        guard skip(scalar) else { throw unexpected() }
    }

    /// Skips white space and takes the scalars that belong; empty when there are none.
    mutating func take(while belongs: (Unicode.Scalar) -> Bool) -> String {
        _ = peek()
        var text = String.UnicodeScalarView()
        while position < scalars.count, belongs(scalars[position]) {
            text.append(scalars[position])
            advance()
        }
        return String(text)
    }

    /// The content of quotes, or nil when no quote comes next.
    mutating func quoted() throws(Shape.ParseError) -> String? {
        guard let quote = peek(), quote == "\"" || quote == "'" else { return nil }
        let start = offset
        advance()
        var text = String.UnicodeScalarView()
        while position < scalars.count, scalars[position] != quote {
            text.append(scalars[position])
            advance()
        }
        guard position < scalars.count else { throw Shape.ParseError(reason: .unclosedQuote, offset: start) }
        advance()
        return String(text)
    }

    /// The digits and signs of a count, without the white space between them.
    mutating func countText() -> String {
        var text = String.UnicodeScalarView()
        while let scalar = peek(), "0123456789-+:*^,".unicodeScalars.contains(scalar) {
            // White space does not join two numbers, and there is none inside an idset.
            let isGap = position > 0 && Self.isSpace(scalars[position - 1])
            if isGap, let last = text.last, Self.isDigit(scalar) && Self.isDigit(last) || scalar == "," || last == "," {
                break
            }
            text.append(scalar)
            advance()
        }
        return String(text)
    }

    /// Whether what follows a count comes next: attributes, children, another vertex, or an end.
    var isAtEndOfCount: Bool {
        var copy = self
        guard let scalar = copy.peek() else { return true }
        return "{/;]".unicodeScalars.contains(scalar)
    }

    /// The text of an array up to the bracket that closes it, or nil when there is none.
    mutating func balancedArray() -> String? {
        var text = String.UnicodeScalarView()
        var level = 0
        var quote: Unicode.Scalar?
        while position < scalars.count {
            let scalar = scalars[position]
            text.append(scalar)
            advance()
            if let open = quote {
                if scalar == open {
                    quote = nil
                } else if scalar == "\\", position < scalars.count {
                    text.append(scalars[position])
                    advance()
                }
            } else if scalar == "\"" || scalar == "'" {
                quote = scalar
            } else if scalar == "[" {
                level += 1
            } else if scalar == "]" {
                level -= 1
                if level == 0 { return String(text) }
            }
        }
        return nil
    }

    /// The error for whatever comes next.
    mutating func unexpected() -> Shape.ParseError {
        let isAtEnd = peek() == nil
        return error(isAtEnd ? .unexpectedEnd : .unexpectedCharacter)
    }

    func error(_ reason: Shape.ParseError.Reason) -> Shape.ParseError {
        Shape.ParseError(reason: reason, offset: offset)
    }

    /// Whether a scalar ends an unquoted type.
    static func endsType(_ scalar: Unicode.Scalar) -> Bool {
        "={}[]/;\"'".unicodeScalars.contains(scalar) || scalar.properties.isWhitespace
    }

    /// Whether a text is a number as JSON writes it; digits behind the point may be missing.
    static func isNumber(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func digits() -> Int {
            let count = rest.prefix { 0x30...0x39 ~= $0 }.count
            rest = rest.dropFirst(count)
            return count
        }
        if rest.first == 0x2d { rest = rest.dropFirst() }
        let hasLeadingZero = rest.first == 0x30
        let count = digits()
        guard count == 1 || (count > 1 && !hasLeadingZero) else { return false }
        if rest.first == 0x2e {
            rest = rest.dropFirst()
            _ = digits()
        }
        if let mark = rest.first, mark | 0x20 == 0x65 {
            rest = rest.dropFirst()
            if rest.first == 0x2b || rest.first == 0x2d { rest = rest.dropFirst() }
            guard digits() > 0 else { return false }
        }
        return rest.isEmpty
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || (0x09...0x0d).contains(scalar.value)
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { (0x30...0x39).contains(scalar.value) }

    private mutating func advance() {
        offset += UTF8.width(scalars[position])
        position += 1
    }
}
