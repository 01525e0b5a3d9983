import FluxJSON
import Glibc
import RFC03Message

/// A client without a library: a blocking socket and the bytes of RFC 3, the same towards both brokers.
final class RawClient {
    private let socket: Int32
    private var stream = FrameDecoder()
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    /// Connects to `local://PATH`; nil when nobody answers.
    init?(uri: String) {
        guard uri.hasPrefix("local://") else { return nil }
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: uri.utf8.dropFirst(8)) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, size) }
        }
        var accepted: UInt8 = 255
        guard connected == 0, read(socket, &accepted, 1) == 1, accepted == 0 else {
            close(socket)
            return nil
        }
    }

    deinit { close(socket) }

    func send(_ message: Message) {
        var rest = message.encodeFrame()[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(socket, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    func receive() -> Message? {
        while true {
            if let message = try? stream.nextMessage() { return message }
            let count = read(socket, &buffer, buffer.count)
            guard count > 0 else { return nil }
            buffer.withUnsafeBytes { stream.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }

    /// One request and its answer; nil for an error.
    @discardableResult
    func call(_ topic: String, _ payload: JSON = [:], nodeID: UInt32 = .max) -> Message? {
        send(.request(topic, json: payload, nodeID: nodeID, matchtag: 1))
        guard let answer = receive(), answer.errnum == 0 else { return nil }
        return answer
    }

    /// Waits until no job is active.
    func drain() throws(Failure) {
        guard call("job-manager.drain") != nil else { throw Failure(reason: "job-manager.drain: failed") }
    }

    /// The median time of one call after another, in seconds.
    func latency(
        _ count: Int, _ topic: String, nodeID: UInt32 = .max, payload: (Int) -> JSON = { _ in [:] }
    ) throws(Failure) -> Double {
        var times: [Double] = []
        for index in 0..<count {
            let payload = payload(index), start = now()
            guard call(topic, payload, nodeID: nodeID) != nil else { throw Failure(reason: "\(topic): failed") }
            times.append(now() - start)
        }
        return median(times)
    }

    /// Calls per second with `window` of them under way.
    func rate(
        _ count: Int, window: Int = 64, _ topic: String, nodeID: UInt32 = .max, payload: (Int) -> JSON = { _ in [:] }
    ) throws(Failure) -> Double {
        let start = now()
        var sent = 0
        for received in 0..<count {
            while sent < count, sent - received < window {
                send(.request(topic, json: payload(sent), nodeID: nodeID, matchtag: UInt32(sent % window + 1)))
                sent += 1
            }
            guard let answer = receive(), answer.errnum == 0 else { throw Failure(reason: "\(topic): failed") }
        }
        return Double(count) / (now() - start)
    }
}
