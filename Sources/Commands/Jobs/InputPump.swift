internal import CommandKit
internal import Glibc
internal import Reactor

/// Reads standard input piece by piece; the next piece is read when the one before has been taken.
///
/// Identity: it owns the watch on descriptor 0.
final class InputPump {
    private let reactor: Reactor
    private let send: ([UInt8], _ done: @escaping () -> Void) -> Void
    private var watch: WatchID?
    private var isEnded = false

    /// - Parameter send: gets each piece, an empty one at the end, and calls `done` when the next may come.
    init(_ reactor: Reactor, _ send: @escaping ([UInt8], _ done: @escaping () -> Void) -> Void) {
        self.reactor = reactor
        self.send = send
    }

    func start() {
        guard !isEnded, watch == nil else { return }
        watch = try? reactor.watch(0, for: .readable) { [self] _ in
            pause()
            readPiece()
        }
        // A file cannot be watched; it is always readable.
        if watch == nil { readPiece() }
    }

    func stop() {
        isEnded = true
        pause()
    }

    private func pause() {
        if let watch { reactor.unwatch(watch) }
        watch = nil
    }

    private func readPiece() {
        guard !isEnded else { return }
        var piece = [UInt8](repeating: 0, count: 1 << 17)
        let count = read(0, &piece, piece.count)
        if count < 0 && (errno == EINTR || errno == EAGAIN) {
            start()
            return
        }
        if count <= 0 {
            isEnded = true
            send([]) {}
        } else {
            send(Array(piece[..<count])) { [self] in start() }
        }
    }
}
