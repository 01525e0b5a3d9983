internal import CSystemShims
internal import Glibc
public import Reactor

/// A child process: its end arrives as an event of the reactor, without SIGCHLD.
///
/// Identity: it stands for a process. It belongs to its reactor's thread and keeps itself alive until the process has
/// ended and was reaped, so no zombie and no descriptor is left when nobody holds it.
///
/// ```swift
/// let child = try Subprocess.spawn(Command(["cat"], environment: ["PATH": "/bin"]), .pipes, on: reactor)
/// child.onExit = { print($0.shellCode) }
/// try child.readOutput { print(String(decoding: $0, as: UTF8.self)) }
/// child.input?.write("hello\n".utf8)
/// child.input?.close()
/// ```
public final class Subprocess {
    public let processID: Int32
    public let command: Command
    private let reactor: Reactor
    private let pidfd: Int32
    private var watch: WatchID?
    private let ownsGroup: Bool

    /// How it ended; nil while it runs.
    public private(set) var status: ExitStatus?
    /// What it used, known once it ended.
    public private(set) var usage = ResourceUsage()
    /// The errno that kept the child from its directory, when it started in the fallback instead.
    public internal(set) var directoryError: Int32 = 0

    /// The child's standard input, when that is a pipe.
    public internal(set) var input: StreamWriter?
    var outputEnd: Int32 = -1
    var errorEnd: Int32 = -1
    var channelEnds: [String: Int32] = [:]
    private var readers: [StreamReader] = []
    private var openReaders = 0

    /// Called once when the process has ended. Its output may not have ended yet.
    public var onExit: ((ExitStatus) -> Void)?
    /// Called once when the process has ended and every stream that is read has ended too.
    public var onCompletion: ((ExitStatus) -> Void)?

    init(command: Command, processID: Int32, pidfd: Int32, ownsGroup: Bool, reactor: Reactor) throws(SystemError) {
        self.command = command
        self.processID = processID
        self.pidfd = pidfd
        self.ownsGroup = ownsGroup
        self.reactor = reactor
        watch = try reactor.watch(pidfd, for: .readable) { [self] _ in reap() }
    }

    deinit {
        for descriptor in [outputEnd, errorEnd] + Array(channelEnds.values) where descriptor >= 0 { close(descriptor) }
    }

    public var isRunning: Bool { status == nil }

    /// Reads the child's standard output, which must be a pipe. Until then the child's output waits in the pipe.
    public func readOutput(
        _ mode: StreamReader.Mode = .lines(limit: 4 << 20), _ receive: @escaping ([UInt8]) -> Void
    ) throws(SystemError) -> StreamReader {
        defer { outputEnd = -1 }
        return try read(outputEnd, mode, receive)
    }

    /// Reads the child's standard error, which must be a pipe.
    public func readError(
        _ mode: StreamReader.Mode = .lines(limit: 4 << 20), _ receive: @escaping ([UInt8]) -> Void
    ) throws(SystemError) -> StreamReader {
        defer { errorEnd = -1 }
        return try read(errorEnd, mode, receive)
    }

    /// Reads a channel. A channel that is read does not keep ``onCompletion`` waiting for a program that was started by
    /// the child and lives on: it ends with the child's own end unless `isAwaited`.
    public func readChannel(
        _ name: String, _ mode: StreamReader.Mode, isAwaited: Bool = true, _ receive: @escaping ([UInt8]) -> Void
    ) throws(SystemError) -> StreamReader {
        guard let descriptor = channelEnds[name] else { throw SystemError("channel \(name)", code: ENOENT) }
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw SystemError("dup") }
        guard isAwaited else { return try StreamReader(descriptor: copy, mode: mode, reactor: reactor, receive) }
        return try read(copy, mode, receive)
    }

    /// Writes to a channel through a bounded buffer.
    public func writeChannel(_ name: String, limit: Int = 4 << 20) throws(SystemError) -> StreamWriter {
        guard let descriptor = channelEnds.removeValue(forKey: name) else {
            throw SystemError("channel \(name)", code: ENOENT)
        }
        return StreamWriter(descriptor: descriptor, isSocket: true, limit: limit, reactor: reactor)
    }

    private func read(
        _ descriptor: Int32, _ mode: StreamReader.Mode, _ receive: @escaping ([UInt8]) -> Void
    ) throws(SystemError) -> StreamReader {
        guard descriptor >= 0 else { throw SystemError("read", code: EBADF) }
        let reader = try StreamReader(descriptor: descriptor, mode: mode, reactor: reactor) { [self] bytes in
            receive(bytes)
            if bytes.isEmpty {
                openReaders -= 1
                checkCompletion()
            }
        }
        openReaders += 1
        readers.append(reader)
        return reader
    }

    /// Sends a signal to the child's process group, or to the child alone when it shares the parent's group.
    ///
    /// - Returns: 0 or an errno; ESRCH when the child was reaped.
    @discardableResult
    public func kill(_ signal: Int32) -> Int32 {
        guard isRunning else { return ESRCH }
        let code = Glibc.kill(ownsGroup ? -processID : processID, signal)
        return code == 0 ? 0 : errno
    }

    private func reap() {
        var waitStatus: Int32 = 0
        var user = 0.0
        var system = 0.0
        var memory = 0
        if flux_reap(processID, &waitStatus, &user, &system, &memory) == 0 { return }
        usage = ResourceUsage(userSeconds: user, systemSeconds: system, maxResidentKiB: memory)
        if let watch { reactor.unwatch(watch) }
        watch = nil
        close(pidfd)
        let ended = ExitStatus(waitStatus: waitStatus)
        status = ended
        input?.finish()
        let report = onExit
        onExit = nil
        report?(ended)
        checkCompletion()
    }

    private func checkCompletion() {
        guard let status, openReaders == 0 else { return }
        readers = []
        let report = onCompletion
        onCompletion = nil
        report?(status)
    }
}
