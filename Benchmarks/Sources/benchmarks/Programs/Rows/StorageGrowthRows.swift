import FluxJSON
import Glibc

/// What grows: directories, eventlogs, memory, and the time to start again.
extension Row {
    static var storageGrowth: [Row] {
        let directory = [
            Figure("directory of 100,000 keys, filled by 1,000 at once"), Figure("  put into it"), Figure("  get from it"),
            Figure("  put beside it", budget: 80e-6),
        ]
        let leftover = Figure("memory that 100,000 commits to one key leave (PSS)", .bytes)
        let startingAgain = [Figure("restart with the data of 100,000 jobs"), Figure("  memory of the broker then (PSS)", .bytes)]
        return [
            Row("storage-directory", rounds: 1, directory) { side throws(Failure) in try fill(side) },
            Row("storage-append", rounds: 1, [Figure("append to an eventlog of 10,000 entries")]) { side throws(Failure) in
                let client = try side.client(of: try side.instance(1))
                let count = side.count(10_000)
                _ = try client.rate(count, "kvs.commit") { _ in KVSRequests.commit([entry]) }
                return [try client.latency(100, "kvs.commit") { _ in KVSRequests.commit([entry]) }]
            },
            Row("storage-memory", rounds: 1, [leftover]) { side throws(Failure) in
                side.end()
                let instance = try side.instance(1), client = try side.client(of: instance)
                // Buffers and caches fill first.
                _ = try client.rate(side.count(20_000), "kvs.commit", payload: change)
                sleep(1)
                let before = instance.brokerMemory
                _ = try client.rate(side.count(100_000), "kvs.commit", payload: change)
                sleep(1)
                return [Double(instance.brokerMemory - before)]
            },
            Row("storage-restart", rounds: 1, startingAgain) { side throws(Failure) in try startAgain(side, side.count(100_000)) },
        ]
    }

    private static let entry = KVSRequests.put(
        "log", base64: "eyJ0aW1lc3RhbXAiOjE3MDAwMDAwMDAuMCwibmFtZSI6ImRhdGEifQo=", appends: true)

    private static func change(_ index: Int) -> JSON {
        KVSRequests.commit([KVSRequests.put("one", base64: ["MQ==", "Mg=="][index % 2])])
    }

    private static func fill(_ side: Side) throws(Failure) -> [Double] {
        let client = try side.client(of: try side.instance(1)), count = side.count(100_000)
        let start = now()
        for first in stride(from: 0, to: count, by: 1000) {
            let puts = (first..<(first + 1000)).map { KVSRequests.put("huge.key\($0)") }
            guard client.call("kvs.commit", KVSRequests.commit(puts)) != nil else { throw Failure(reason: "kvs.commit: failed") }
        }
        let filled = now() - start
        return [
            filled,
            try client.latency(11, "kvs.commit") {
                KVSRequests.commit([KVSRequests.put("huge.key\($0 * 79)", base64: "Mg==")])
            },
            try client.latency(100, "kvs.lookup") { KVSRequests.get("huge.key\($0 * 7)") },
            try client.latency(100, "kvs.commit", payload: KVSRequests.commit),
        ]
    }

    /// From `flux start` to the initial program, on the store of an instance that had these jobs.
    private static func startAgain(_ side: Side, _ count: Int) throws(Failure) -> [Double] {
        side.end()
        let options = ["-Sstatedir=\(side.folder)"]
        let client = try side.client(of: try side.instance(1, options: options))
        for first in stride(from: 0, to: count, by: 100) {
            let records = FinishedJobs.commit(from: first, count: min(100, count - first))
            guard client.call("kvs.commit", records) != nil else { throw Failure(reason: "kvs.commit: failed") }
        }
        side.end()
        let start = now()
        let again = try side.instance(1, options: options)
        let seconds = now() - start
        defer { side.end() }
        return [seconds, Double(again.brokerMemory)]
    }
}

/// The records of finished jobs, as the job modules write them.
enum FinishedJobs {
    static func commit(from first: Int, count: Int) -> JSON {
        var operations: [JSON] = []
        for number in first..<(first + count) {
            // One job a millisecond: a FLUID counts them above its lowest 24 bits.
            let key = key(UInt64(number + 1) << 24), time = 1_700_000_000 + Double(number) / 1000
            operations.append(KVSRequests.put("\(key).eventlog", base64: base64(eventlog(time))))
            operations.append(KVSRequests.put("\(key).jobspec", base64: base64(jobspec)))
            operations.append(KVSRequests.put("\(key).R", base64: base64(resources(time))))
        }
        return KVSRequests.commit(operations)
    }

    private static func key(_ id: UInt64) -> String {
        let digits = String(id, radix: 16)
        let padded = Array(String(repeating: "0", count: 16 - digits.count) + digits)
        return "job." + stride(from: 0, to: 16, by: 4).map { String(padded[$0..<($0 + 4)]) }.joined(separator: ".")
    }

    private static func eventlog(_ time: Double) -> String {
        let entries: [(String, String)] = [
            ("submit", #"{"userid":0,"urgency":16,"flags":0,"version":1}"#), ("validate", ""), ("depend", ""),
            ("priority", #"{"priority":16}"#), ("alloc", ""), ("start", ""), ("finish", #"{"status":0}"#),
            ("release", #"{"ranks":"all","final":true}"#), ("free", ""), ("clean", ""),
        ]
        return entries.map { name, context in
            #"{"timestamp":\#(time),"name":"\#(name)"\#(context.isEmpty ? "" : ",\"context\":\(context)")}"# + "\n"
        }.joined()
    }

    private static let jobspec = """
        {"resources": [{"type": "slot", "count": 1, "with": [{"type": "core", "count": 1}], "label": "task"}], \
        "tasks": [{"command": ["true"], "slot": "task", "count": {"per_slot": 1}}], "attributes": {"system": \
        {"duration": 0, "cwd": "/tmp", "shell": {"options": {"rlimit": {"core": -1, "nofile": 1024}}}}}, "version": 1}
        """

    private static func resources(_ time: Double) -> String {
        #"{"version":1,"execution":{"R_lite":[{"rank":"0","children":{"core":"0"}}],"nodelist":["node0"],"#
            + #""starttime":\#(time),"expiration":0.0}}"#
    }

    private static func base64(_ text: String) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                output.append(place <= group.count ? letters[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
