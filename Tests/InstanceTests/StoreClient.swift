import FluxJSON
import RFC03Message

/// A client of the key value store on a socket of its own, with several requests under way.
final class StoreClient {
    let socket: RawSocket
    private var lastTag: UInt32 = 0

    init?(path: String) {
        guard let socket = RawSocket(path: path) else { return nil }
        self.socket = socket
    }

    /// Sends a transaction.
    ///
    /// - Parameter appends: flagged as an addition to the key's value.
    /// - Returns: the matchtag of the answer.
    func commit(_ changes: [(key: String, value: String, appends: Bool)], flags: Int64 = 0) -> UInt32 {
        let operations = changes.map { change -> JSON in
            [
                "key": .string(change.key), "flags": change.appends ? 32 : 0,
                "dirent": ["data": .string(Self.base64(change.value)), "type": "val", "ver": 1],
            ]
        }
        return send("kvs.commit", ["namespace": "primary", "flags": .int(flags), "ops": .array(operations)])
    }

    /// Asks for a key's value and what it becomes.
    ///
    /// - Parameter appends: one answer for each piece that is added.
    func watch(_ key: String, appends: Bool = false) {
        let flags: JSON = appends ? 260 : 4
        _ = send("kvs-watch.lookup", ["namespace": "primary", "key": .string(key), "flags": flags], [.streaming])
    }

    func get(_ key: String) -> String? {
        _ = send("kvs.lookup", ["namespace": "primary", "key": .string(key), "flags": 0])
        return socket.receive().flatMap { Self.value($0) }
    }

    private func send(_ topic: String, _ payload: JSON, _ flags: Message.Flags = []) -> UInt32 {
        lastTag += 1
        var request = Message.request(topic, json: payload, matchtag: lastTag)
        request.flags.formUnion(flags)
        socket.send(request.encodeFrame())
        return lastTag
    }

    /// The text in the answer to a look-up.
    static func value(_ answer: Message) -> String? {
        guard answer.errnum == 0, let text = (try? answer.decodeJSON())?["val"]?["data"]?.stringValue else { return nil }
        return decoded(text)
    }

    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func base64(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 { output.append(place <= group.count ? letters[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "=")) }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func decoded(_ text: String) -> String {
        var output: [UInt8] = []
        var bits = 0, count = 0
        for letter in text.utf8 {
            guard let value = letters.firstIndex(of: letter) else { break }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                output.append(UInt8(bits >> count & 0xff))
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
