internal import CSystemShims
internal import Glibc
public import RFC03Message
public import Reactor

/// Messages over a connected stream socket in the framing of the local connector.
public final class SocketTransport: Transport {
    private let reactor: Reactor
    private let descriptor: Int32
    private var watch: WatchID?
    private var decoder = FrameDecoder()
    private var output: [UInt8] = []
    private var written = 0
    private var isWatchingWritable = false
    private var isFlushScheduled = false
    private var deliver: ((Message) -> Void)?
    private var closed: ((Int32) -> Void)?

    /// - Parameter descriptor: a connected socket whose handshake is done; the transport owns it from now on.
    public init(descriptor: Int32, reactor: Reactor) {
        self.descriptor = descriptor
        self.reactor = reactor
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close() }

    public var backlog: Int { output.count - written }

    public func open(deliver: @escaping (Message) -> Void, closed: @escaping (Int32) -> Void) throws {
        self.deliver = deliver
        self.closed = closed
        watch = try reactor.watch(descriptor, for: .readable) { [weak self] in self?.ready($0) }
    }

    /// Messages of one turn of the reactor leave in one write.
    public func send(_ message: Message) {
        guard watch != nil else { return }
        message.appendFrame(to: &output)
        guard !isFlushScheduled, !isWatchingWritable else { return }
        isFlushScheduled = true
        reactor.later { [weak self] in
            self?.isFlushScheduled = false
            self?.flush()
        }
    }

    /// Writes what is queued, waiting for the socket where it must: for a process that is about to end.
    public func drain() {
        while backlog > 0, watch != nil {
            flush()
            guard backlog > 0 else { return }
            var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard Glibc.poll(&poll, 1, 1000) > 0 else { return }
        }
    }

    public func close() {
        guard let watch else { return }
        reactor.unwatch(watch)
        self.watch = nil
        Glibc.close(descriptor)
        deliver = nil
        closed = nil
    }

    private func ready(_ readiness: Readiness) {
        if readiness.contains(.writable) { flush() }
        if !readiness.isDisjoint(with: [.readable, .failed]) { receive() }
    }

    private func receive() {
        var failure: Int32 = 0
        var isFinished = false
        // What is left of a large message comes in larger pieces.
        let size = decoder.pendingCount > 1 << 16 ? 1 << 18 : 1 << 16
        withUnsafeTemporaryAllocation(byteCount: size, alignment: 16) { area in
            let count = recv(descriptor, area.baseAddress, area.count, 0)
            if count > 0 {
                decoder.append(UnsafeRawBufferPointer(rebasing: area[..<count]))
            } else if count == 0 {
                isFinished = true
                failure = Errno.connectionReset
            } else if errno != EAGAIN && errno != EINTR {
                isFinished = true
                failure = errno
            }
        }
        while watch != nil {
            do {
                guard let message = try decoder.nextMessage() else { break }
                deliver?(message)
            } catch {
                isFinished = true
                failure = Errno.proto
                break
            }
        }
        if isFinished { finish(failure) }
    }

    private func flush() {
        while written < output.count, watch != nil {
            let count = output.withUnsafeBytes { bytes in
                Glibc.send(
                    descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written,
                    Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                written += count
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                finish(errno)
                return
            }
        }
        if written == output.count {
            output.removeAll(keepingCapacity: output.count < 1 << 20)
            written = 0
        }
        let mustWatch = written < output.count
        if mustWatch != isWatchingWritable, let watch {
            isWatchingWritable = mustWatch
            reactor.rewatch(watch, for: mustWatch ? [.readable, .writable] : .readable)
        }
    }

    private func finish(_ code: Int32) {
        let report = closed
        close()
        report?(code)
    }
}
