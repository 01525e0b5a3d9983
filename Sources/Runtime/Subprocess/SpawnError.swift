internal import Reactor

/// Why a process could not be started.
public struct SpawnError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What failed: `exec`, `chdir`, `pipe2`, `clone` …
    public let step: String
    /// A Linux errno.
    public let errnum: Int32
    /// The program's name.
    public let program: String

    public var description: String { "\(program): \(SystemError.text(of: errnum))" }

    /// What a shell would exit with: 127 for a program that is not there, 126 for one that cannot be run.
    public var shellCode: Int32 { errnum == 2 ? 127 : 126 }
}
