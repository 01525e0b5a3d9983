public import Glibc

/// A system call that failed: its name and errno.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    public let operation: String
    /// The errno, a Linux number.
    public let code: Int32

    /// - Parameter code: the errno; by default that of the call just made.
    public init(_ operation: String, code: Int32 = errno) {
        self.operation = operation
        self.code = code
    }

    public var description: String { "\(operation): \(Self.text(of: code))" }

    /// The C library's words for an errno.
    public static func text(of code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        return buffer.withUnsafeMutableBufferPointer { area in
            guard let base = area.baseAddress, strerror_r(code, base, area.count) == 0 else { return "error \(code)" }
            return String(cString: base)
        }
    }
}
