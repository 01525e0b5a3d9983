internal import Glibc
internal import Reactor

/// Writes a line to standard error at once.
public func printError(_ text: String, terminator: String = "\n") {
    flushOutput()
    write(Array((text + terminator).utf8), to: 2)
}

/// Writes bytes to a descriptor, all of them or until it fails.
public func write(_ bytes: [UInt8], to descriptor: Int32) {
    bytes.withUnsafeBytes { area in
        var start = 0
        while start < area.count {
            let count = Glibc.write(descriptor, area.baseAddress?.advanced(by: start), area.count - start)
            if count > 0 { start += count } else if errno == EAGAIN { waitUntilWritable(descriptor) }
            else if errno != EINTR { return }
        }
    }
}

private func waitUntilWritable(_ descriptor: Int32) {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    poll(&entry, 1, -1)
}

/// Writes bytes to standard output behind everything printed so far.
public func printBytes(_ bytes: [UInt8]) {
    flushOutput()
    write(bytes, to: 1)
}

/// Hands over what was printed, for output that somebody watches.
public func flushOutput() { fflush(nil) }

/// Whether a descriptor is a terminal.
public func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

/// Texts of the C library.
public enum SystemText {
    /// `No such file or directory` for 2.
    public static func of(_ errnum: Int32) -> String { SystemError.text(of: errnum) }
}
