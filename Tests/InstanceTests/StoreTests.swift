import FluxJSON
import Glibc
import RFC03Message
import Testing

extension InstanceTests {
    /// `FLUX_TEST_COMMITS=10000` makes that many.
    private static var commitCount: Int { getenv("FLUX_TEST_COMMITS").flatMap { Int(String(cString: $0)) } ?? 1600 }

    @Test("eight writers and eight watchers on four brokers: every version in order, no append lost or doubled")
    func writersAndWatchers() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 4))
            let paths = (0..<4).map { "\(instance.socketPath.dropLast())\($0)" }
            var crowd = try Crowd(paths: paths, commits: Self.commitCount)
            try crowd.run()
            crowd.check()
            for path in paths {
                let found = StoreClient(path: path)?.get("log")
                let text = try #require(found)
                #expect(text.split(separator: "\n").map(String.init) == crowd.appended)
            }
            #expect(instance.end().status == 0)
        }
    }

    @Test("many commits to one key leave no memory behind, and the collector takes what they stored")
    func growth() throws {
        try inPlace { place in
            let state = "\(place.folder)/state"
            mkdir(state, 0o700)
            let instance = try #require(Instance(in: place, size: 1, options: ["-Sstatedir=\(state)"]))
            let client = try #require(StoreClient(path: instance.socketPath))
            let broker = try #require(instance.broker(0))
            try changeOneKey(client, 0..<1000)
            let before = memory(of: broker)
            try changeOneKey(client, 1000..<4000)
            let after = memory(of: broker)
            // Caches fill up to their bounds, with a little for each version; nothing else stays.
            #expect(after - before < 16 << 10, "from \(before) kB to \(after) kB")

            #expect(instance.flux("kvs", "sync").status == 0)
            let stored = try #require(count("object_count", instance))
            let collected = instance.flux("gc")
            #expect(collected.status == 0, "\(collected.errors)")
            let left = try #require(count("object_count", instance))
            #expect(stored > 4000 && left < 100, "\(stored) before, \(left) after")
            #expect(client.get("one") == "3999")
            #expect(instance.end().status == 0)
            var status = stat()
            #expect(stat("\(state)/content.sqlite", &status) == 0 && status.st_size < 1 << 20)
            for name in ["content.sqlite", "content.sqlite-wal", "content.sqlite-shm"] { unlink("\(state)/\(name)") }
            rmdir(state)
        }
    }

    /// Gives one key so many values, 32 transactions under way, each in a version of its own.
    private func changeOneKey(_ client: StoreClient, _ values: Range<Int>) throws {
        for value in values.lowerBound..<(values.upperBound + 32) {
            if value < values.upperBound { _ = client.commit([("one", "\(value)", false)], flags: 1) }
            guard value >= values.lowerBound + 32 else { continue }
            let answer = try #require(client.socket.receive())
            #expect(answer.errnum == 0)
        }
    }

    /// Resident memory of a process in kB.
    private func memory(of process: pid_t) -> Int {
        guard let file = fopen("/proc/\(process)/status", "r") else { return 0 }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = fread(&bytes, 1, bytes.count, file)
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line.flatMap { Int($0.filter { $0.isNumber }) } ?? 0
    }

    private func count(_ name: String, _ instance: Instance) -> Int? {
        let text = instance.flux("module", "stats", "content-sqlite").output
        return (try? JSON(parsing: text))?[name]?.intValue.map { Int($0) }
    }
}

/// Eight writers that change one key and add to a log, and clients that watch the key and the log, two of each on a broker.
private struct Crowd {
    private struct Writer {
        let client: StoreClient
        let name: Int
        var sent = 0
        var values: [UInt32: String] = [:]
    }

    private var writers: [Writer] = []
    private var watchers: [(client: StoreClient, seen: [String])] = []
    private var followers: [(client: StoreClient, seen: [String])] = []
    private let commits: Int
    /// What was written in each version of the root.
    private var versions: [Int64: [String]] = [:]
    private var answered = 0

    init(paths: [String], commits: Int) throws {
        self.commits = commits
        let setter = try #require(StoreClient(path: paths[0]))
        _ = setter.commit([("shared", "first", false), ("log", "first\n", false)])
        let sequence = try setter.socket.receive()?.decodeJSON()["rootseq"]?.intValue
        let version = try #require(sequence)
        versions[version] = ["first"]
        for number in 0..<8 {
            writers.append(Writer(client: try #require(StoreClient(path: paths[number % 4])), name: number))
            let watcher = try #require(StoreClient(path: paths[number % 4]))
            watcher.watch("shared")
            let answer = watcher.socket.receive()
            let first = try #require(answer.flatMap { StoreClient.value($0) })
            watchers.append((watcher, [first]))
        }
        for path in paths {
            let follower = try #require(StoreClient(path: path))
            follower.watch("log", appends: true)
            let answer = follower.socket.receive()
            let first = try #require(answer.flatMap { StoreClient.value($0) })
            followers.append((follower, [first]))
        }
    }

    /// The entries of the log in the order of their versions, the log's own order for those of one version.
    var appended: [String] { followers[0].seen.joined().split(separator: "\n").map(String.init) }

    mutating func run() throws {
        let share = commits / 8
        for index in writers.indices { for _ in 0..<4 { send(index, share) } }
        let end = now() + 120
        while (answered < share * 8 || !isComplete), now() < end {
            RawSocket.wait(for: writers.map(\.client.socket) + watchers.map(\.client.socket) + followers.map(\.client.socket))
            for index in writers.indices {
                for answer in try arrived(at: writers[index].client) {
                    try note(answer, of: index)
                    send(index, share)
                }
            }
            for index in watchers.indices {
                watchers[index].seen += try arrived(at: watchers[index].client).compactMap { StoreClient.value($0) }
            }
            for index in followers.indices {
                followers[index].seen += try arrived(at: followers[index].client).compactMap { StoreClient.value($0) }
            }
        }
        #expect(answered == share * 8, "all commits are answered in time")
    }

    private func arrived(at client: StoreClient) throws -> [Message] {
        let messages = client.socket.receiveAvailable()
        return try #require(messages, "the broker has closed the connection")
    }

    private var isComplete: Bool {
        watchers.allSatisfy { $0.seen.count >= versions.count }
            && followers.allSatisfy { $0.seen.joined().split(separator: "\n").count > commits / 8 / 10 * 8 }
    }

    /// Every tenth transaction adds to the log, every other may not be merged with others.
    private mutating func send(_ index: Int, _ share: Int) {
        guard writers[index].sent < share else { return }
        writers[index].sent += 1
        let (name, number) = (writers[index].name, writers[index].sent)
        var changes = [(key: "shared", value: "\(name):\(number)", appends: false)]
        if number % 10 == 0 { changes.append(("log", "\(name):\(number)\n", true)) }
        let tag = writers[index].client.commit(changes, flags: number % 2 == 0 ? 1 : 0)
        writers[index].values[tag] = "\(name):\(number)"
    }

    private mutating func note(_ answer: Message, of index: Int) throws {
        #expect(answer.errnum == 0)
        let sequence = try answer.decodeJSON()["rootseq"]?.intValue
        let version = try #require(sequence)
        let known = writers[index].values.removeValue(forKey: answer.matchtag)
        let value = try #require(known)
        versions[version, default: []].append(value)
        answered += 1
    }

    /// Each watcher has seen one value of each version, in order, and all of them the same; the log has each entry once.
    func check() {
        let order = versions.keys.sorted()
        for watcher in watchers {
            #expect(watcher.seen.count == order.count)
            let wrong = zip(watcher.seen, order).first { value, version in versions[version]?.contains(value) != true }
            #expect(wrong == nil)
            #expect(watcher.seen == watchers[0].seen)
        }
        let expected = (0..<8).map { name in stride(from: 10, through: commits / 8, by: 10).map { "\(name):\($0)" } }
        #expect(appended.count == expected.joined().count + 1)
        for (name, entries) in expected.enumerated() { #expect(appended.filter { $0.hasPrefix("\(name):") } == entries) }
        for follower in followers { #expect(follower.seen.joined() == followers[0].seen.joined()) }
    }
}
