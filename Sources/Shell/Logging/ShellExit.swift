/// Why the shell gives up, and with which exit code.
public struct ShellExit: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: Int32
    /// What the user is told; empty when somebody else has told already.
    public let description: String
    /// The part of the shell that found out.
    public let component: String?

    public init(_ code: Int32 = 1, _ description: String, component: String? = nil) {
        self.code = code
        self.description = description
        self.component = component
    }

    /// An end without a word: the cause has been reported elsewhere.
    public static let silent = ShellExit(1, "")
}
