/// Colours of a terminal.
public enum Color: String, Hashable, Sendable {
    case red = "\u{1b}[31m", green = "\u{1b}[32m", yellow = "\u{1b}[33m", blue = "\u{1b}[34m"
    case magenta = "\u{1b}[35m", cyan = "\u{1b}[36m", gray = "\u{1b}[37m", darkGray = "\u{1b}[90m"
    case standard = "\u{1b}[39m", bold = "\u{1b}[1m", boldRed = "\u{1b}[1m\u{1b}[31m"
    case boldGreen = "\u{1b}[1m\u{1b}[32m", boldBlue = "\u{1b}[1m\u{1b}[34m", reset = "\u{1b}[0m"

    /// The option that commands with colours share.
    public static let option = Option.optional("color", "L", "WHEN", help)

    /// The same where `-L` means something else.
    public static let longOption = Option.optional("color", nil, "WHEN", help)

    private static let help = "Use colours: always (without WHEN), never, or auto on a terminal (default)"
}

extension Arguments {
    /// Whether `--color` and the environment ask for colours on standard output.
    public func wantsColor() throws -> Bool {
        guard has("color") else { return isTerminal(1) && (Environment["NO_COLOR"] ?? "").isEmpty }
        switch value("color") {
        case nil, "always": return true
        case "never": return false
        case "auto": return isTerminal(1)
        case .some(let other) where command.manners == .python:
            throw UsageError(.usage, "Invalid argument to --color: '\(other)'")
        case .some(let other): throw CommandError("\(title): Invalid argument to --color: '\(other)'", isBare: true)
        }
    }
}
