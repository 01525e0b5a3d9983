/// An option that a command declares: the one place that parsing, help and completion read.
///
/// ```swift
/// Option.value("count", "c", "N", "Stop after N messages")     // -c N, -cN, --count=N, --count N
/// Option.flag("label", "l", "Print the key in front of each value")
/// Option.optional("rusage", "R", "WHO", "Print resource usage") // -R, -RWHO, --rusage, --rusage=WHO
/// ```
public struct Option: Hashable, Sendable {
    /// What follows the option.
    public enum Argument: Hashable, Sendable {
        case none
        case required(String)
        case optional(String)
    }

    /// The name without dashes; what ``Arguments`` is asked for. An option without a long form has its letter here.
    public let name: String
    public let letter: Character?
    public let argument: Argument
    /// One sentence; empty for an option that help does not show.
    public let help: String
    /// Further long names.
    public let aliases: [String]

    /// An option without a value; it may be counted.
    public static func flag(_ name: String, _ letter: Character? = nil, aliases: [String] = [], _ help: String) -> Option {
        Option(name: name, letter: letter, argument: .none, help: help, aliases: aliases)
    }

    /// An option that needs a value.
    public static func value(
        _ name: String, _ letter: Character? = nil, aliases: [String] = [], _ argument: String, _ help: String
    ) -> Option {
        Option(name: name, letter: letter, argument: .required(argument), help: help, aliases: aliases)
    }

    /// An option whose value may be left out.
    public static func optional(
        _ name: String, _ letter: Character? = nil, _ argument: String, _ help: String
    ) -> Option {
        Option(name: name, letter: letter, argument: .optional(argument), help: help, aliases: [])
    }

    var hasLongForm: Bool { name.count > 1 }
    var longNames: [String] { hasLongForm ? [name] + aliases : aliases }

    /// How the option is called in messages: `-c/--count`.
    var title: String {
        ((letter.map { ["-\($0)"] } ?? []) + longNames.prefix(1).map { "--\($0)" }).joined(separator: "/")
    }
}
