internal import Glibc
internal import Reactor

/// A file that tasks write to. Tasks that name the same file share it.
final class OutputFile {
    let path: String
    let isLabeled: Bool
    let descriptor: Int32

    init(path: String, appends: Bool, isLabeled: Bool) throws(ShellExit) {
        self.path = path
        self.isLabeled = isLabeled
        descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC | (appends ? O_APPEND : O_TRUNC), 0o644)
        guard descriptor >= 0 else {
            let reason = SystemError.text(of: errno)
            throw ShellExit(1, "error opening output file '\(path)': \(reason)", component: "output.task")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// - Returns: 0 or an errno.
    func write(_ bytes: [UInt8]) -> Int32 {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}
