internal import CSystemShims
internal import Glibc
public import Reactor

/// Reads a pipe or socket of a child on the reactor.
///
/// Identity: it owns a descriptor. Belongs to its reactor's thread.
public final class StreamReader {
    /// How the bytes are cut.
    public enum Mode: Hashable, Sendable {
        /// Runs of whole lines; only the last may lack its newline.
        case lines(limit: Int)
        /// As they come.
        case raw
    }

    private let reactor: Reactor
    private let descriptor: Int32
    private var watch: WatchID?
    private var lines: LineBuffer?
    private var isPaused = false
    /// The stream has ended and its descriptor is closed.
    public private(set) var isFinished = false
    /// Called with each run of bytes, and with an empty one at the end of the stream.
    private var receive: (([UInt8]) -> Void)?

    static let chunkBytes = 64 * 1024

    /// - Parameters:
    ///   - descriptor: not blocking, and owned from now on.
    ///   - receive: called with each run of bytes, and with an empty one at the end of the stream.
    public init(
        descriptor: Int32, mode: Mode, reactor: Reactor, _ receive: @escaping ([UInt8]) -> Void
    ) throws(SystemError) {
        self.descriptor = descriptor
        self.reactor = reactor
        self.receive = receive
        if case .lines(let limit) = mode { lines = LineBuffer(limit: limit) }
        watch = try reactor.watch(descriptor, for: .readable) { [self] _ in read() }
    }

    /// Stops reading, so that the child blocks once the pipe is full.
    public func pause() {
        guard !isPaused, !isFinished, let watch else { return }
        isPaused = true
        reactor.unwatch(watch)
        self.watch = nil
    }

    /// Reads again.
    public func resume() {
        guard isPaused, !isFinished else { return }
        isPaused = false
        watch = try? reactor.watch(descriptor, for: .readable) { [self] _ in read() }
    }

    private func read() {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { area, count in
            let got = Glibc.read(descriptor, area.baseAddress, area.count)
            count = max(0, got)
            if got < 0 { failure = errno }
        }
        if failure == EAGAIN || failure == EINTR { return }
        // EIO is how a pseudo terminal says that its other end is gone.
        if bytes.isEmpty { return finish() }
        guard lines != nil else {
            receive?(bytes)
            return
        }
        let complete = lines?.append(bytes) ?? []
        if !complete.isEmpty { receive?(complete) }
    }

    /// Ends the stream as if the child had closed it: what is buffered is given out, then the end.
    public func finish() {
        guard !isFinished else { return }
        isFinished = true
        if let watch { reactor.unwatch(watch) }
        watch = nil
        close(descriptor)
        let last = lines?.takeRest() ?? []
        let receive = self.receive
        self.receive = nil
        if !last.isEmpty { receive?(last) }
        receive?([])
    }
}
