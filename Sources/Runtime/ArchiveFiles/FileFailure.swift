internal import Glibc

/// Why a file could not be read or written.
public struct FileFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// A Linux errno; 0 when the words say all.
    public let errnum: Int32
    /// `PATH: reason`.
    public let description: String

    /// - Parameter errnum: what the system said.
    init(_ path: String, errnum: Int32 = errno) {
        self.errnum = errnum
        description = "\(path): \(String(cString: strerror(errnum)))"
    }

    /// A reason of our own.
    init(_ path: String, _ reason: String) {
        errnum = 0
        description = "\(path): \(reason)"
    }
}
