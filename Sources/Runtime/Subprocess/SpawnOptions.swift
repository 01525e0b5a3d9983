/// How a child is connected to its parent and what is set up before it runs.
public struct SpawnOptions: Hashable, Sendable {
    /// What a standard descriptor of the child is.
    public enum Stream: Hashable, Sendable {
        /// The other end of a pipe that the parent reads or writes.
        case pipe
        /// The parent's own.
        case inherit
        /// A descriptor of the parent, which stays open there.
        case descriptor(Int32)
        /// `/dev/null`.
        case null
    }

    /// Which process group the child is in.
    public enum Group: Hashable, Sendable {
        /// The parent's.
        case inherit
        /// One of its own, so that it can be signaled with all its children.
        case own
        /// A session of its own; a terminal on descriptor 0 becomes its controlling terminal.
        case session
    }

    public var input = Stream.null
    public var output = Stream.inherit
    public var error = Stream.inherit
    public var group = Group.own
    /// Sockets shared with the child, by the environment variable that tells it the descriptor's number.
    public var channels: [String] = []
    /// Further descriptors of the parent that stay open in the child under their own number.
    public var inherited: [Int32] = []
    /// Soft limits by resource number; the hard limit caps them.
    public var limits: [Int32: UInt64] = [:]
    /// The processors the child may use, as a bit mask, least significant byte first; nil for the parent's.
    public var processors: [UInt8]?
    /// Whether `/bin/sh` runs a file that is executable but no program and has no `#!`, as execvp(3) does.
    public var interpretsScripts = true
    /// Stops the child before its first instruction, for a debugger; it then waits for SIGCONT.
    public var stopsInExec = false
    /// A signal for the child when the parent's thread dies; 0 for none.
    public var signalOnParentDeath: Int32 = 0

    public init() {}

    /// Pipes on all three standard descriptors.
    public static var pipes: SpawnOptions {
        var options = SpawnOptions()
        options.input = .pipe
        options.output = .pipe
        options.error = .pipe
        return options
    }
}
