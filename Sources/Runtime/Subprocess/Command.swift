/// What to run: program, arguments, environment, working directory.
public struct Command: Hashable, Sendable {
    /// The program's name and its arguments. A name without a slash is looked up in the `PATH` of ``environment``.
    public var arguments: [String]
    /// The whole environment of the child.
    public var environment: [String: String]
    /// Where the child starts; nil for the parent's directory.
    public var directory: String?
    /// Where it starts when ``directory`` cannot be entered; nil makes that an error.
    public var fallbackDirectory: String?

    public init(
        _ arguments: [String], environment: [String: String], directory: String? = nil,
        fallbackDirectory: String? = nil
    ) {
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.fallbackDirectory = fallbackDirectory
    }

    /// The paths to try for a program, in order.
    ///
    /// - Parameter path: the `PATH` to search; nil stands for the C library's `/bin:/usr/bin`.
    public static func candidates(for program: String, path: String?) -> [String] {
        if program.utf8.contains(UInt8(ascii: "/")) || program.isEmpty { return [program] }
        return (path ?? "/bin:/usr/bin").split(separator: ":", omittingEmptySubsequences: false).map {
            $0.isEmpty ? "./\(program)" : "\($0)/\(program)"
        }
    }
}
