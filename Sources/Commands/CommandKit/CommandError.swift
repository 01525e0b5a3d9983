/// Why a command ends early, in words for its user.
public struct CommandError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Without the name of the program, which is put in front.
    public let description: String
    public let exitCode: Int32
    /// Whether the text is printed as it is, without the program's name.
    public let isBare: Bool

    public init(_ text: String, exitCode: Int32 = 1, isBare: Bool = false) {
        self.description = text
        self.exitCode = exitCode
        self.isBare = isBare
    }
}

/// A command line that cannot be read. Usage belongs in front of the text.
public struct UsageError: Error, Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// An option nobody knows; the text names it.
        case unknownOption
        /// Something is missing or too much.
        case usage
        /// The line says all: no usage is printed.
        case message
    }

    public let kind: Kind
    public let text: String

    public init(_ kind: Kind, _ text: String = "") {
        self.kind = kind
        self.text = text
    }
}
