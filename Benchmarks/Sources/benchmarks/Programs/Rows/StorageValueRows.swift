import RFC03Message

/// Large values.
extension Row {
    static var storageValues: [Row] { [value(1), value(10)] }

    private static func value(_ mebibytes: Int) -> Row {
        let size = mebibytes << 20
        let figures = ["put", "get"].map { Figure("value of \(mebibytes) MiB, \($0)", .bytesPerSecond, budget: 300e6) }
        return Row("storage-value\(mebibytes)", rounds: 7, quick: 3, figures) { side throws(Failure) in
            let client = try side.client(of: try side.instance(1))
            // The client's own work is not measured: the message is ready before the clock runs.
            let put = KVSRequests.put("large", base64: noise(size, seed: Int(now() * 1e3)))
            let message = Message.request("kvs.commit", json: KVSRequests.commit([put]), matchtag: 1)
            let start = now()
            client.send(message)
            guard client.receive()?.errnum == 0 else { throw Failure(reason: "kvs.commit: failed") }
            let middle = now()
            guard client.call("kvs.lookup", KVSRequests.get("large")) != nil else { throw Failure(reason: "kvs.lookup: failed") }
            return [Double(size) / (middle - start), Double(size) / (now() - middle)]
        }
    }

    /// Base64 text of `size` bytes that do not compress well and differ for each seed.
    private static func noise(_ size: Int, seed: Int) -> String {
        var dice = Dice()
        for _ in 0..<(seed % 64) { _ = dice.next() }
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(size / 3 * 4 + 16)
        var bits = dice.next(), left = 10
        for _ in 0..<(size / 3 * 4) {
            if left == 0 { (bits, left) = (dice.next(), 10) }
            text.append(letters[Int(bits & 63)])
            bits >>= 6
            left -= 1
        }
        return String(decoding: text, as: UTF8.self)
    }
}
