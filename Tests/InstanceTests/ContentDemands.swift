import FluxJSON
import RFC03Message
import Testing

/// RFC 10 over the socket: raw payloads, errors and attributes. RFC 18: what a log is stored as.
extension InstanceTests {
    @Test("RFC 10: blobs go in and come out as raw payloads, by their digests")
    func contentDemands() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 2))
            let socket = try instance.connect()
            let raw = { (topic: String, bytes: [UInt8]?, node: UInt32) in
                try socket.response(socket.request(topic, bytes: bytes, node: node))
            }
            #expect(instance.flux("getattr", "content.hash").output == "sha1\n")
            #expect(instance.flux("setattr", "content.hash", "sha256").status != 0)
            #expect(instance.flux("getattr", "content.hash").output == "sha1\n")

            // Stored on one rank, loaded from every rank; no JSON, no NUL, nothing is read into it.
            let blob: [UInt8] = [0, 255, 0, 0x7b]
            let stored = try raw("content.store", blob, 1)
            #expect(stored.errnum == 0 && stored.bytes.count == 20)
            for rank in [0, 1] as [UInt32] {
                #expect(try raw("content.load", stored.bytes, rank).bytes == blob)
            }
            let empty = try raw("content.store", nil, 0)
            #expect(empty.bytes.count == 20)
            #expect(try raw("content.load", empty.bytes, 1) == Answer(errnum: 0))

            let unknown = [UInt8](repeating: 7, count: 20)
            for rank in [0, 1] as [UInt32] {
                #expect(try raw("content.load", unknown, rank).errnum == 2)
            }
            // Guests have no business here.
            for topic in ["content.store", "content.load", "content.flush", "content.dropcache"] {
                let answer = try socket.response(socket.request(topic, bytes: stored.bytes, user: RawSocket.guest))
                #expect(answer.errnum == 1, "\(topic)")
            }
            #expect(instance.end().status == 0)
        }
    }

    @Test("RFC 10: another hash is chosen at the start; without a store there is nothing to flush to")
    func contentHash() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1, options: ["-Scontent.hash=sha256"]))
            let socket = try instance.connect()
            #expect(instance.flux("getattr", "content.hash").output == "sha256\n")
            #expect(try socket.response(socket.request("content.store", bytes: [1])).bytes.count == 32)
            #expect(try socket.ask("content.flush").errnum == 0)
            #expect(instance.flux("module", "remove", "content-sqlite").status == 0)
            #expect(try socket.ask("content.flush").errnum == 38)
            #expect(instance.flux("module", "load", "content-sqlite").status == 0)
            #expect(instance.end().status == 0)
        }
    }

    @Test("RFC 18: a log is stored as the events that were appended, each whole")
    func eventlogAppends() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            for number in 1...3 {
                #expect(instance.flux("kvs", "eventlog", "append", "log", "event\(number)").status == 0)
            }
            let object = try JSON(parsing: instance.flux("kvs", "get", "--treeobj", "log").lines.first ?? "")
            #expect(object["type"] == "valref")
            let socket = try instance.connect()
            var names: [JSON?] = []
            for blobref in object["data"]?.arrayValue ?? [] {
                let digits = Array((blobref.stringValue ?? "").dropFirst("sha1-".count).utf8)
                let digest = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
                    UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16)
                }
                let bytes = try socket.response(socket.request("content.load", bytes: digest)).bytes
                #expect(bytes.last == 0x0a && bytes.filter { $0 == 0x0a }.count == 1)
                names.append(try JSON(parsing: String(decoding: bytes.dropLast(), as: UTF8.self))["name"])
            }
            #expect(names == ["event1", "event2", "event3"])
            #expect(instance.end().status == 0)
        }
    }

    @Test("RFC 6: a service that streams refuses a request without the flag")
    func streamsOnly() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            let socket = try instance.connect()
            for topic in ["resource.journal", "job-manager.sched-hello"] {
                #expect(try socket.ask(topic).errnum == 71, "\(topic)")
            }
            #expect(try socket.ask("job-info.eventlog-watch", ["id": 1, "path": "eventlog", "flags": 0]).errnum == 71)
            #expect(instance.end().status == 0)
        }
    }

    @Test("RFC 3: a client is welcomed with one zero byte; events have numbers that ascend")
    func eventSequence() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            // Connecting reads the byte and demands that it is zero.
            let socket = try instance.connect()
            #expect(try socket.ask("event.subscribe", ["topic": "spring"]).errnum == 0)
            for topic in ["spring.one", "spring.two", "spring.three"] {
                socket.request("event.publish", ["topic": .string(topic), "flags": 0])
            }
            var numbers: [UInt32] = []
            while numbers.count < 3 {
                let message = try #require(socket.receive())
                if message.kind == .event { numbers.append(message.sequence) }
            }
            #expect(numbers[0] < numbers[1] && numbers[1] < numbers[2])
            #expect(instance.end().status == 0)
        }
    }
}
