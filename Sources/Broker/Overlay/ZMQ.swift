internal import CZMQ
internal import Glibc

/// A ØMQ call that failed.
struct ZMQFailure: Error, Hashable, Sendable, CustomStringConvertible {
    let operation: String
    let code: Int32

    init(_ operation: String) {
        self.operation = operation
        code = zmq_errno()
    }

    var description: String { "\(operation): \(String(cString: zmq_strerror(code)))" }
}

/// A ØMQ context that ends itself after its sockets.
struct ZMQContext: ~Copyable {
    let raw: UnsafeMutableRawPointer

    init(ioThreads: Int32) throws(ZMQFailure) {
        guard let raw = zmq_ctx_new() else { throw ZMQFailure("zmq_ctx_new") }
        self.raw = raw
        zmq_ctx_set(raw, ZMQ_IO_THREADS, ioThreads)
        // A broker has a handful of sockets, however many peers it has; libzmq fills 12 bytes for each one allowed.
        zmq_ctx_set(raw, ZMQ_MAX_SOCKETS, 64)
    }

    deinit { zmq_ctx_term(raw) }
}

/// A ØMQ socket that closes itself. It belongs to one reactor and is never shared.
struct ZMQSocket: ~Copyable {
    let raw: UnsafeMutableRawPointer

    init(_ type: Int32, in context: borrowing ZMQContext) throws(ZMQFailure) {
        guard let raw = zmq_socket(context.raw, type) else { throw ZMQFailure("zmq_socket") }
        self.raw = raw
    }

    deinit { zmq_close(raw) }

    func set(_ option: Int32, _ value: Int32) throws(ZMQFailure) {
        var value = value
        guard zmq_setsockopt(raw, option, &value, MemoryLayout<Int32>.size) == 0 else {
            throw ZMQFailure("zmq_setsockopt \(option)")
        }
    }

    func set(_ option: Int32, _ text: String) throws(ZMQFailure) {
        let bytes = Array(text.utf8)
        guard zmq_setsockopt(raw, option, bytes, bytes.count) == 0 else {
            throw ZMQFailure("zmq_setsockopt \(option)")
        }
    }

    func bind(_ endpoint: String) throws(ZMQFailure) -> String {
        guard zmq_bind(raw, endpoint) == 0 else { throw ZMQFailure("bind \(endpoint)") }
        var buffer = [CChar](repeating: 0, count: 1024)
        var size = buffer.count
        guard zmq_getsockopt(raw, ZMQ_LAST_ENDPOINT, &buffer, &size) == 0 else {
            throw ZMQFailure("zmq_getsockopt")
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func connect(_ endpoint: String) throws(ZMQFailure) {
        guard zmq_connect(raw, endpoint) == 0 else { throw ZMQFailure("connect \(endpoint)") }
    }

    /// The descriptor that becomes readable when the state of the socket may have changed: edge triggered.
    var descriptor: Int32 {
        var value: Int32 = -1
        var size = MemoryLayout<Int32>.size
        zmq_getsockopt(raw, ZMQ_FD, &value, &size)
        return value
    }

    /// Whether a message can be received now. Ask before every sleep, also after a send.
    var isReadable: Bool {
        var events: Int32 = 0
        var size = MemoryLayout<Int32>.size
        zmq_getsockopt(raw, ZMQ_EVENTS, &events, &size)
        return events & ZMQ_POLLIN != 0
    }

    /// The parts of the next message, or nil when there is none.
    func receive() -> [[UInt8]]? {
        var parts: [[UInt8]] = []
        var frame = zmq_msg_t()
        zmq_msg_init(&frame)
        defer { zmq_msg_close(&frame) }
        repeat {
            guard zmq_msg_recv(&frame, raw, ZMQ_DONTWAIT) >= 0 else { return nil }
            parts.append(Array(UnsafeRawBufferPointer(start: zmq_msg_data(&frame), count: zmq_msg_size(&frame))))
        } while zmq_msg_more(&frame) != 0
        return parts
    }

    /// - Returns: false when the message was refused, with the reason in `zmq_errno`.
    func send(_ parts: [[UInt8]]) -> Bool {
        for (index, part) in parts.enumerated() {
            let flags = ZMQ_DONTWAIT | (index + 1 < parts.count ? ZMQ_SNDMORE : 0)
            guard zmq_send(raw, part, part.count, flags) >= 0 else { return false }
        }
        return true
    }
}

/// A key pair of CURVE in Z85 text.
package struct CurveKeys: Hashable, Sendable {
    package let publicKey: String
    package let secretKey: String

    package init(publicKey: String, secretKey: String) {
        self.publicKey = publicKey
        self.secretKey = secretKey
    }

    /// A new pair from the operating system's generator.
    package static func make() -> CurveKeys {
        var publicKey = [CChar](repeating: 0, count: 41)
        var secretKey = [CChar](repeating: 0, count: 41)
        zmq_curve_keypair(&publicKey, &secretKey)
        func text(_ buffer: [CChar]) -> String {
            String(decoding: buffer.prefix(40).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return CurveKeys(publicKey: text(publicKey), secretKey: text(secretKey))
    }

    /// Whether the public key belongs to the secret one.
    package var match: Bool {
        var derived = [CChar](repeating: 0, count: 41)
        guard zmq_curve_public(&derived, secretKey) == 0 else { return false }
        return String(decoding: derived.prefix(40).map { UInt8(bitPattern: $0) }, as: UTF8.self) == publicKey
    }

    /// The Z85 text of 32 key bytes.
    static func text(of bytes: [UInt8]) -> String? {
        guard bytes.count == 32 else { return nil }
        var buffer = [CChar](repeating: 0, count: 41)
        guard zmq_z85_encode(&buffer, bytes, 32) != nil else { return nil }
        return String(decoding: buffer.prefix(40).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
