/// What travels between a client and a subprocess server (`rexec`, `sdexec`, the shell's own).
///
/// ```swift
/// let command = Rexec.Command(arguments: ["hostname"])
/// let request = Rexec.ExecRequest(command: command, flags: [.standardOutput, .standardError])
/// request.json   // payload of rexec.exec
/// ```
/// Source: RFC 42.
public enum Rexec {
    /// What the server sends to the client of an `exec` or `attach`.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits on the wire.
        public let rawValue: Int64
        /// Takes bits as they are, unknown ones included.
        public init(rawValue: Int64) { self.rawValue = rawValue }

        /// Forward standard output.
        public static let standardOutput = Flags(rawValue: 1)
        /// Forward standard error.
        public static let standardError = Flags(rawValue: 2)
        /// Forward what the process writes to auxiliary channels.
        public static let channels = Flags(rawValue: 4)
        /// Tell how much buffer is free for standard input and channels; not in the background.
        public static let writeCredit = Flags(rawValue: 8)
        /// The process may be waited for with `wait`.
        public static let waitable = Flags(rawValue: 16)
    }

    /// How the server starts the process.
    public struct LocalFlags: OptionSet, Hashable, Sendable {
        /// The bits on the wire.
        public let rawValue: Int64
        /// Takes bits as they are, unknown ones included.
        public init(rawValue: Int64) { self.rawValue = rawValue }

        /// The process inherits standard input, output and error of the server; not in the background.
        public static let standardIOFallthrough = LocalFlags(rawValue: 1)
        /// The process stays in the process group of the server.
        public static let noProcessGroup = LocalFlags(rawValue: 2)
        /// Start it with fork and exec.
        public static let forkExec = LocalFlags(rawValue: 4)
        /// Forward output as it comes, not line by line.
        public static let unbuffered = LocalFlags(rawValue: 8)
        /// The process may be waited for.
        public static let waitable = LocalFlags(rawValue: 16)
        /// The client signs its requests.
        public static let sign = LocalFlags(rawValue: 32)
    }

    /// Which process a request means: the one with this label, or without a label the one with this id.
    public struct Target: Hashable, Sendable {
        /// Process id; without meaning when there is a label.
        public var pid: Int64
        /// Label given in the command.
        public var label: String?

        /// Creates one from its members.
        public init(pid: Int64, label: String? = nil) {
            self.pid = pid
            self.label = label
        }
    }
}
