/// The submission directives of a batch script.
///
/// A directive is a line whose first word characters are `flux:` or `FLUX:`. What stands before (`# `, `-- `) and the
/// word itself are the *sentinel*, the same on every line. Directives end with the first line that is neither a
/// directive, nor blank, nor begins with the sentinel's prefix.
///
/// Source: RFC 36.
public struct SubmissionDirectives: Hashable, Sendable {
    /// One directive.
    public struct Directive: Hashable, Sendable {
        /// Where it stands (starts, when it is quoted over several lines), from 1.
        public let line: Int
        /// Words for the option parser; empty when the directive is a comment.
        public let arguments: [String]
        /// `SETARGS` or, without arguments, `NOOP`.
        public var action: String { arguments.isEmpty ? "NOOP" : "SETARGS" }
    }

    /// Why a script's directives cannot be used; the description is flux-core's.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong.
        public enum Reason: Hashable, Sendable {
            case unterminated(startLine: Int, start: String)
            case orphan(tag: String, lastLine: Int)
            case sentinelChanged(from: String, to: String, value: String)
            case unclosedTripleQuote(String)
            case improperlyTerminated(start: String)
            case words(String, ShellWords.Failure)
            case unknownDirective(String)
        }

        /// Line of the problem, from 1.
        public let line: Int
        /// What is wrong.
        public let reason: Reason

        public var description: String {
            switch reason {
            case .unterminated(let startLine, let start):
                "line \(line): unterminated multi-line quote at line \(startLine): `\(start)'"
            case .orphan(let tag, let last):
                "line \(line): orphan '\(tag)' detected: directives disabled after line \(last)"
            case .unclosedTripleQuote(let text): "line \(line): unclosed triple quote: \(text)"
            case .improperlyTerminated(let start):
                "line \(line): improperly terminated triple quoted string at: `\(start)'"
            case .words(let text, let failure): "line \(line): \(text): \(failure)"
            case .unknownDirective(let text): "line \(line): Unknown directive: \(text)"
            case .sentinelChanged(let from, let to, let value):
                """
                line \(line): sentinel changed from '\(from)' to '\(to)'

                All directives in a file must use the same sentinel.

                If you're trying to disable this directive, place a comment
                character AFTER the sentinel, not in the prefix:

                  \(from) # \(value)

                The '#' character comments out the rest of the line, making
                this directive a no-op while maintaining the same sentinel.
                """
            }
        }
    }

    /// `# flux:`; nil when there are no directives.
    public internal(set) var sentinel: String?
    /// The directives in the order of their lines.
    public internal(set) var directives: [Directive] = []

    /// The words of all directives in order.
    public var arguments: [String] { directives.flatMap(\.arguments) }
}
