import FluxJSON
import RFC03Message

/// The key value store of an instance of one broker as its clients see it.
extension Row {
    static var storage: [Row] { storageRequests + storageValues + storageGrowth }

    private static var storageRequests: [Row] {
        [
            Row("storage-commit", rounds: 5, quick: 3, [Figure("KVS commit, one at a time", budget: 80e-6)]) { side throws(Failure) in
                let client = try side.client(of: try side.instance(1))
                return [try client.latency(side.count(1000), "kvs.commit", payload: KVSRequests.commit)]
            },
            Row("storage-get", rounds: 5, quick: 3, [Figure("KVS get, one at a time")]) { side throws(Failure) in
                let client = try side.client(of: try side.instance(1))
                client.call("kvs.commit", KVSRequests.commit(0))
                return [try client.latency(side.count(1000), "kvs.lookup") { _ in KVSRequests.get("bench.0") }]
            },
            Row("storage-watch", rounds: 5, quick: 3, [Figure("KVS watch, from the commit to the watcher's answer")]) {
                side throws(Failure) in
                let instance = try side.instance(1)
                return [try watchLatency(try side.client(of: instance), try side.client(of: instance), side.count(200))]
            },
            Row("storage-commits", rounds: 5, quick: 3, [Figure("KVS commits, 64 in flight", .perSecond, budget: 30_000)]) {
                side throws(Failure) in
                let client = try side.client(of: try side.instance(1))
                return [try client.rate(side.count(5000), "kvs.commit", payload: KVSRequests.commit)]
            },
            Row("storage-clients", rounds: 5, quick: 3, [Figure("KVS commits of eight clients, 8 in flight each", .perSecond)]) {
                side throws(Failure) in
                let instance = try side.instance(1)
                var clients: [RawClient] = []
                for _ in 0..<8 { clients.append(try side.client(of: instance)) }
                return [try commonRate(clients, side.count(1000))]
            },
            Row("storage-synced", rounds: 3, [Figure("KVS commit, statedir kept"), Figure("  64 in flight", .perSecond)]) {
                side throws(Failure) in
                let client = try side.client(of: try side.instance(1, options: ["-Sstatedir=\(side.folder)"]))
                return [
                    try client.latency(side.count(100), "kvs.commit", payload: KVSRequests.commit),
                    try client.rate(side.count(5000), "kvs.commit", payload: KVSRequests.commit),
                ]
            },
        ]
    }

    private static func watchLatency(_ client: RawClient, _ watcher: RawClient, _ count: Int) throws(Failure) -> Double {
        client.call("kvs.commit", KVSRequests.commit([KVSRequests.put("watched")]))
        watcher.send(KVSRequests.watch("watched"))
        var times: [Double] = []
        guard watcher.receive()?.errnum == 0 else { throw Failure(reason: "kvs-watch.lookup: failed") }
        for index in 0..<count {
            let put = KVSRequests.put("watched", base64: ["MQ==", "Mg=="][index % 2]), start = now()
            client.send(.request("kvs.commit", json: KVSRequests.commit([put]), matchtag: 1))
            let isSeen = watcher.receive()?.errnum == 0
            times.append(now() - start)
            guard isSeen, client.receive()?.errnum == 0 else { throw Failure(reason: "kvs-watch.lookup: failed") }
        }
        return median(times)
    }

    /// Commits per second of clients that take turns, each with 8 under way.
    private static func commonRate(_ clients: [RawClient], _ count: Int) throws(Failure) -> Double {
        let window = 8
        func send(_ client: Int, _ index: Int) {
            let payload = KVSRequests.commit([KVSRequests.put("bench\(client).\(index % 100)")])
            clients[client].send(.request("kvs.commit", json: payload, matchtag: UInt32(index % window + 1)))
        }
        let start = now()
        for index in 0..<min(window, count) { for client in clients.indices { send(client, index) } }
        for index in 0..<count {
            for client in clients.indices {
                guard clients[client].receive()?.errnum == 0 else { throw Failure(reason: "kvs.commit: failed") }
                if index + window < count { send(client, index + window) }
            }
        }
        return Double(clients.count * count) / (now() - start)
    }
}

/// Requests to the key value store.
enum KVSRequests {
    static func commit(_ index: Int) -> JSON { commit([put("bench.\(index % 100)")]) }

    static func commit(_ operations: [JSON]) -> JSON {
        ["namespace": "primary", "flags": 0, "ops": .array(operations)]
    }

    static func put(_ key: String, base64: String = "MQ==", appends: Bool = false) -> JSON {
        let value: JSON = ["ver": 1, "type": "val", "data": .string(base64)]
        return ["key": .string(key), "flags": appends ? 32 : 0, "dirent": value]
    }

    static func get(_ key: String) -> JSON { ["namespace": "primary", "key": .string(key), "flags": 0] }

    static func watch(_ key: String) -> Message {
        let payload: JSON = ["namespace": "primary", "key": .string(key), "flags": 4]
        var request = Message.request("kvs-watch.lookup", json: payload, matchtag: 1)
        request.flags.insert(.streaming)
        return request
    }
}
