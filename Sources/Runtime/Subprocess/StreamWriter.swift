internal import CSystemShims
internal import Glibc
internal import Reactor

/// Writes to a pipe or socket of a child on the reactor, through a bounded buffer.
///
/// Identity: it owns a descriptor. Belongs to its reactor's thread.
public final class StreamWriter {
    private let reactor: Reactor
    private let descriptor: Int32
    private var watch: WatchID?
    private var pending: [UInt8] = []
    private var written = 0
    private var isClosing = false
    /// Nothing can be written any more.
    public private(set) var isClosed = false
    /// How many bytes may wait at most.
    public let limit: Int
    /// Called with the number of bytes that the buffer has room for again.
    public var onCredit: ((Int) -> Void)?
    /// Called once when the descriptor is closed.
    public var onClose: (() -> Void)?
    private let isSocket: Bool

    /// A write to a pipe whose reader is gone must be an error, not the end of this process.
    private static let ignoresBrokenPipe: Bool = {
        signal(SIGPIPE, SIG_IGN)
        return true
    }()

    /// - Parameters:
    ///   - descriptor: not blocking, and owned from now on.
    ///   - isSocket: closing must tell the other end even if it is open here under another number.
    init(descriptor: Int32, isSocket: Bool = false, limit: Int, reactor: Reactor) {
        self.descriptor = descriptor
        self.isSocket = isSocket
        self.limit = limit
        self.reactor = reactor
        _ = Self.ignoresBrokenPipe
    }

    /// Bytes that wait to be written.
    public var backlog: Int { pending.count - written }

    /// Queues bytes for the child.
    ///
    /// - Returns: false when they do not fit or the stream is closed; nothing is queued then.
    @discardableResult
    public func write(_ bytes: some Collection<UInt8>) -> Bool {
        guard !isClosed, !isClosing, bytes.count <= limit - backlog else { return false }
        pending.append(contentsOf: bytes)
        if watch == nil { flush() }
        return true
    }

    /// Closes the stream once everything queued is written.
    public func close() {
        guard !isClosed else { return }
        isClosing = true
        if backlog == 0 { finish() }
    }

    private func flush() {
        var drained = 0
        var failure: Int32 = 0
        while backlog > 0 {
            let count = pending.withUnsafeBytes { bytes in
                Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count > 0 {
                written += count
                drained += count
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                failure = errno
                break
            }
        }
        if failure != 0 {
            finish()
            return
        }
        compact()
        if drained > 0 { onCredit?(drained) }
        guard !isClosed else { return }
        if backlog == 0 {
            stopWatching()
            if isClosing { finish() }
        } else if watch == nil {
            watch = try? reactor.watch(descriptor, for: .writable) { [self] _ in flush() }
        }
    }

    private func compact() {
        if written == pending.count {
            pending.removeAll(keepingCapacity: pending.count < 1 << 16)
            written = 0
        } else if written > 1 << 20 {
            pending.removeFirst(written)
            written = 0
        }
    }

    private func stopWatching() {
        if let watch { reactor.unwatch(watch) }
        watch = nil
    }

    /// Closes the stream at once; what waits is dropped.
    public func finish() {
        guard !isClosed else { return }
        isClosed = true
        stopWatching()
        if isSocket { shutdown(descriptor, Int32(SHUT_WR)) }
        Glibc.close(descriptor)
        pending = []
        written = 0
        onCredit = nil
        let report = onClose
        onClose = nil
        report?()
    }
}
