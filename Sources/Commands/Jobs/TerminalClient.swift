internal import CSystemShims
internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import RFC03Message
internal import Reactor

/// This terminal as the client of a pseudo terminal that a job shell serves.
///
/// Identity: it owns the mode of the terminal, which it puts back. Belongs to the reactor of its handle.
/// Source: observed: flux-core 0.88, messages of `terminus`.
final class TerminalClient {
    private let flux: Handle
    private let topic: String
    private let nodeID: UInt32
    private let ended: (_ status: Int64?) -> Void
    private(set) var isAttached = false
    private var status: Int64 = 0
    private var message: String?
    private var inputWatch: WatchID?
    private var resizeWatch: WatchID?
    private var aliveTimer: TimerID?
    private var savedMode: termios?
    private var isStopped = false

    /// - Parameter ended: called once at the end with the wait status of the program there, nil when nothing was
    ///   ever shown.
    init(_ flux: Handle, topic: String, nodeID: UInt32, ended: @escaping (_ status: Int64?) -> Void) {
        self.flux = flux
        self.topic = topic
        self.nodeID = nodeID
        self.ended = ended
    }

    /// Asks to be shown the terminal.
    func attach() {
        let request = Message.request(
            topic, json: ["type": "attach", "mode": "rw", "winsize": windowSize], nodeID: nodeID, flags: .streaming)
        flux.call(request) { [self] in receive($0) }
    }

    /// Stops without a word.
    func stop() {
        isStopped = true
        stopWatching()
    }

    private var windowSize: JSON {
        var rows: UInt16 = 0, columns: UInt16 = 0
        _ = flux_get_window_size(0, &rows, &columns)
        return ["rows": .int(Int64(max(1, rows))), "cols": .int(Int64(max(1, columns)))]
    }

    private func receive(_ result: Result<Message, RPCError>) {
        guard !isStopped else { return }
        switch result {
        case .success(let answer):
            guard let json = try? answer.decodeJSON() else { return end(1, "Protocol error") }
            switch json["type"]?.stringValue {
            case "attach": start()
            case "data": show(json)
            case "resize": send(["type": "resize", "winsize": windowSize])
            case "exit":
                message = json["message"]?.stringValue ?? "unknown reason"
                status = json["status"]?.intValue ?? 0
                stopWatching()
            default: end(1, "Protocol error")
            }
        case .failure(let error):
            switch error.errnum {
            case Errno.noData: end(0, nil)
            case Errno.noSystem: end(1, "No such session")
            default: end(1, "\(error)")
            }
        }
    }

    private func show(_ json: JSON) {
        let text = json["data"]?.stringValue ?? ""
        write(json["encoding"] == nil ? Array(text.utf8) : Base64.decode(text) ?? [], to: 1)
    }

    // MARK: Begin and end

    private func start() {
        isAttached = true
        setRaw()
        inputWatch = try? flux.reactor.watch(0, for: .readable) { [self] _ in readInput() }
        resizeWatch = try? flux.reactor.watchSignals([SIGWINCH]) { [self] _ in
            send(["type": "resize", "winsize": windowSize])
        }
        aliveTimer = flux.reactor.schedule(after: .seconds(1), every: .seconds(1)) { [self] in
            send(["type": "data", "data": ""])
        }
    }

    private func end(_ code: Int64, _ reason: String?) {
        guard !isStopped else { return }
        isStopped = true
        stopWatching()
        if code != 0 { status = code << 8 }
        if isAttached {
            write(Array("\u{1b}[999H[detached: \(reason ?? message ?? "unknown reason")]\u{1b}[K\n\r".utf8), to: 1)
        }
        restore()
        ended(isAttached ? status : nil)
    }

    private func stopWatching() {
        if let inputWatch { flux.reactor.unwatch(inputWatch) }
        if let resizeWatch { flux.reactor.unwatch(resizeWatch) }
        if let aliveTimer { flux.reactor.cancel(aliveTimer) }
        (inputWatch, resizeWatch, aliveTimer) = (nil, nil, nil)
    }

    private func setRaw() {
        var mode = termios()
        guard tcgetattr(0, &mode) == 0 else { return }
        savedMode = mode
        cfmakeraw(&mode)
        tcsetattr(0, TCSANOW, &mode)
    }

    private func restore() {
        guard var mode = savedMode else { return }
        savedMode = nil
        tcsetattr(0, TCSADRAIN, &mode)
        // The program may have hidden the cursor.
        write(Array("\u{1b}[?25h".utf8), to: 1)
    }

    // MARK: Input

    /// The byte that Ctrl-\ gives asks to detach.
    private static let detachByte: UInt8 = 0x1c

    private func readInput() {
        var piece = [UInt8](repeating: 0, count: 4096)
        let count = read(0, &piece, piece.count)
        if count < 0 {
            if errno != EAGAIN && errno != EINTR { end(1, "read: \(SystemText.of(errno))") }
            return
        }
        guard count > 0 else { return stopWatching() }
        if piece[0] == Self.detachByte {
            send(["type": "detach"])
            return
        }
        let bytes = piece[..<count]
        if !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) {
            send(["type": "data", "data": .string(text)])
        } else {
            send(["type": "data", "encoding": "base64", "data": .string(Base64.encode(Array(bytes)))])
        }
    }

    private func send(_ payload: JSON) {
        flux.call(.request(topic, json: payload, nodeID: nodeID)) { [self] result in
            guard case .failure(let error) = result, !isStopped, status == 0, message == nil else { return }
            end(1, error.errnum == Errno.noSystem ? "remote pty disappeared" : "error writing to remote pty")
        }
    }
}
