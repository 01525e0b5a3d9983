extension Shape {
    /// Why a text is not a shape, and where that became certain.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The kinds of mistakes.
        public enum Reason: Hashable, Sendable {
            /// The text ends where something is missing.
            case unexpectedEnd
            /// A character that cannot stand here.
            case unexpectedCharacter
            /// A quote is not closed.
            case unclosedQuote
            /// A count that is neither a positive number nor an idset nor a range.
            case invalidCount
            /// A value that is not JSON, or a number too large for it.
            case invalidValue
            /// A slot behind another one has no label.
            case missingLabel
            /// More than ``Shape/maximumDepth`` levels.
            case tooDeep
        }

        /// What is wrong.
        public let reason: Reason
        /// Offset in UTF-8 bytes of the first offending byte, from 0.
        public let offset: Int

        /// One sentence for a person; columns count from 1.
        public var description: String {
            let column = offset + 1
            return switch reason {
            case .unexpectedEnd: "shape: unexpected end of text"
            case .unexpectedCharacter: "shape: unexpected character at column \(column)"
            case .unclosedQuote: "shape: unclosed quote at column \(column)"
            case .invalidCount: "shape: invalid count at column \(column)"
            case .invalidValue: "shape: invalid value at column \(column)"
            case .missingLabel: "shape: multiple slots require labels (column \(column))"
            case .tooDeep: "shape: too many levels at column \(column)"
            }
        }
    }

    /// Most levels of resources inside resources, and of objects inside objects.
    public static let maximumDepth = 256

    /// Reads a shape.
    ///
    /// - Parameters:
    ///   - text: the whole text.
    ///   - defaultLabel: the label of a slot that is the first and has none.
    /// - Throws: ``ParseError`` with the byte offset of the first problem.
    /// - Source: RFC 46, "Grammar". As in flux-core, white space is allowed between tokens, `slot` may be written in any
    ///   letter case, quotes are `"` or `'` without escapes, and the count behind `=` may be missing.
    public init(parsing text: String, defaultLabel: String = "task") throws(ParseError) {
        var parser = ShapeParser(text, defaultLabel: defaultLabel)
        vertices = try parser.shape()
    }
}
