extension ConstraintQuery {
    /// Why a text is not a query, and where.
    public struct SyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The kinds of mistakes.
        public enum Reason: Hashable, Sendable {
            /// A token stands where it cannot.
            case unexpectedToken(String)
            /// The query ends where a term is expected.
            case unexpectedEnd(query: String)
            /// A parenthesis is not closed.
            case unclosedParenthesis
            /// A closing parenthesis has no partner.
            case unmatchedParenthesis
            /// A quote is not closed.
            case unclosedQuote(Character)
            /// A term ends with its colon.
            case missingOperand(String)
            /// The term has no operator and there is no default.
            case missingOperator(String)
            /// The operator contains a character that is not a letter, a digit or one of `_.+@-`.
            case invalidOperator(Character, operator: String)
            /// White space that does not separate terms.
            case illegalCharacter(Character)
            /// The query is nested more deeply than ``ConstraintQuery/depthLimit``.
            case tooDeep
        }

        /// What is wrong.
        public let reason: Reason
        /// Offset in Unicode scalars of the offending token, from 0.
        public let position: Int

        /// One sentence for a person.
        public var description: String {
            switch reason {
            case .unexpectedToken(let text): "Invalid token '\(text)' at position \(position)"
            case .unexpectedEnd(let query): "Unexpected end of input in '\(query)'"
            case .unclosedParenthesis: "Unclosed parenthesis in position \(position)"
            case .unmatchedParenthesis: "Mismatched parentheses starting at position \(position)."
            case .unclosedQuote("'"): "Unclosed quote \"'\" at position \(position)"
            case .unclosedQuote(let quote): "Unclosed quote '\(quote)' at position \(position)"
            case .missingOperand(let text): "Missing argument to token '\(text)'"
            case .missingOperator(let text): "Missing required operator in \"\(text)\""
            case .invalidOperator(let character, let name): "invalid character '\(character)' in operator '\(name):'"
            case .illegalCharacter(let character): "Illegal character '\(character)' at position \(position)"
            case .tooDeep: "query is nested more than \(ConstraintQuery.depthLimit) levels deep"
            }
        }
    }
}
