import Glibc
import RFC03Message

/// A client of a broker's socket that may send anything.
final class RawSocket {
    private let descriptor: Int32
    private var stream = FrameDecoder()
    /// The matchtag of the last request.
    var lastMatchtag: UInt32 = 0

    /// Connects and reads the byte that says welcome; nil when it does not come.
    init?(path: String) {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        var welcome: UInt8 = 255
        guard connected == 0, read(descriptor, &welcome, 1) == 1, welcome == 0 else {
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }

    /// Writes all of it, or as much as the other end takes in ten seconds; false when it is gone or takes no more.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    func closeOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Whether the other end closes; what it sends before is thrown away.
    func isClosed(within seconds: Double) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let end = now() + seconds
        while now() < end {
            let count = read(descriptor, &buffer, buffer.count)
            if count == 0 || (count < 0 && errno == ECONNRESET) { return true }
        }
        return false
    }

    /// The messages that are here already; nil when the other end is gone.
    func receiveAvailable() -> [Message]? {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) { return nil }
            guard count > 0 else { break }
            stream.append(buffer[..<count])
        }
        var messages: [Message] = []
        while let message = try? stream.nextMessage() { messages.append(message) }
        return messages
    }

    /// Waits until one of some sockets has something to read, or for a tenth of a second.
    static func wait(for sockets: [RawSocket]) {
        var waiting = sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        poll(&waiting, nfds_t(waiting.count), 100)
    }

    /// The next message; nil when none comes.
    func receive() -> Message? {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            if let message = try? stream.nextMessage() { return message }
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return nil }
            stream.append(buffer[..<count])
        }
    }
}
