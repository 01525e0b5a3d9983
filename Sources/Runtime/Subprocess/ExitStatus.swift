internal import CSystemShims

/// How a process ended, as wait(2) tells it.
public struct ExitStatus: Hashable, Sendable {
    /// The number that travels on the wire: exit code << 8, or the signal.
    public let waitStatus: Int32

    public init(waitStatus: Int32) { self.waitStatus = waitStatus }

    /// The code of a process that called exit; nil when a signal ended it.
    public var exitCode: Int32? { flux_status_exited(waitStatus) != 0 ? flux_status_code(waitStatus) : nil }

    /// The signal that ended the process; nil when it called exit.
    public var signal: Int32? { flux_status_signaled(waitStatus) != 0 ? flux_status_signal(waitStatus) : nil }

    /// What a shell makes of it: the exit code, or 128 + signal.
    public var shellCode: Int32 { exitCode ?? 128 + (signal ?? 0) }

    /// The status of a process that ends with `code`.
    public static func exited(_ code: Int32) -> ExitStatus { ExitStatus(waitStatus: (code & 0xff) << 8) }
}

/// What a process used, measured when it was reaped.
public struct ResourceUsage: Hashable, Sendable {
    /// CPU time in seconds.
    public var userSeconds = 0.0
    public var systemSeconds = 0.0
    /// Largest resident set in KiB.
    public var maxResidentKiB = 0
}
