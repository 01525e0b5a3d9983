import Glibc

/// A shell command with pipes to its standard input and output, which are read and written by lines.
///
/// It is killed, with whatever it started, when its owner lets go of it.
struct ChildProcess: ~Copyable {
    private let pid: pid_t
    private let input: Int32
    private let output: Int32
    private var pending: [UInt8] = []

    /// Why there is no line.
    enum Failure: Error, CustomStringConvertible {
        case notStarted(errno: Int32), ended, timedOut(seconds: Int), lineTooLong

        var description: String {
            switch self {
            case .notStarted(let errno): "the adapter cannot be started: \(String(cString: strerror(errno)))"
            case .ended: "the adapter ended"
            case .timedOut(let seconds): "the adapter did not answer in \(seconds) seconds"
            case .lineTooLong: "the adapter wrote a line without an end"
            }
        }
    }

    /// Starts `sh -c command`.
    init(command: String) throws(Failure) {
        let toChild = try Self.makePipe()
        let fromChild = try Self.makePipe()
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var child = pid_t()
        let failure = Self.withArguments(["sh", "-c", command]) { arguments in
            posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments, environ)
        }
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
        close(toChild[0])
        close(fromChild[1])
        guard failure == 0 else {
            close(toChild[1])
            close(fromChild[0])
            throw .notStarted(errno: failure)
        }
        pid = child
        input = toChild[1]
        output = fromChild[0]
    }

    deinit {
        close(input)
        close(output)
        kill(-pid, SIGKILL)
        waitpid(pid, nil, 0)
    }

    private static func makePipe() throws(Failure) -> [Int32] {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .notStarted(errno: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return ends
    }

    private static func withArguments(
        _ words: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Int32
    ) -> Int32 {
        let arguments = words.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        return body(arguments + [nil])
    }

    /// Writes a line; the newline is added.
    mutating func write(line: [UInt8]) throws(Failure) {
        let bytes = line + [UInt8(ascii: "\n")]
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .ended }
            written += count
        }
    }

    /// Reads a line, without its newline.
    mutating func readLine(timeoutSeconds: Int, limit: Int = 1 << 28) throws(Failure) -> [UInt8] {
        var searched = 0
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            if let end = pending[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { pending.removeFirst(end + 1) }
                return Array(pending[..<end])
            }
            searched = pending.count
            guard searched <= limit else { throw .lineTooLong }
            var descriptor = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let ready = poll(&descriptor, 1, Int32(clamping: timeoutSeconds * 1000))
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { throw .timedOut(seconds: timeoutSeconds) }
            let count = read(output, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .ended }
            pending.append(contentsOf: chunk[..<count])
        }
    }
}
