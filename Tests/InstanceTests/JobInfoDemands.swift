import FluxJSON
import RFC03Message
import Testing

extension InstanceTests {
    @Test("RFC 41: lookup and watch of a job's keys")
    func jobInfoDemands() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            let id = try instance.submit("sh", "-c", "echo hi")
            let socket = try instance.connect()
            let lookup = { (keys: JSON, user: UInt32?) in
                try socket.ask("job-info.lookup", ["id": .int(id), "keys": keys, "flags": 0], user: user)
            }
            let watch: (String, UInt32?) throws -> [Answer] = { path, user in
                try socket.stream(
                    "job-info.eventlog-watch", ["id": .int(id), "path": .string(path), "flags": 1], user: user)
            }
            // The stream of an ended log ends, each response is one entry.
            let events = try watch("eventlog", nil)
            #expect(events.last?.errnum == 61)
            #expect(events.dropLast().allSatisfy { $0["event"]?.stringValue?.hasSuffix("\n") == true })
            #expect(events.dropLast().last?["event"]?.stringValue?.contains("\"clean\"") == true)
            #expect(try watch("guest.exec.eventlog", nil).last?.errnum == 61)
            #expect(try watch("guest.output", nil).last?.errnum == 61)
            let slashes: JSON = ["id": .int(id), "path": "guest/output", "flags": 0]
            #expect(try socket.stream("job-info.eventlog-watch", slashes).map(\.errnum) == [2])

            let both = try lookup(["R", "guest.exec.eventlog"], nil)
            #expect(both["id"] == .int(id))
            #expect(both["R"]?.stringValue?.contains("R_lite") == true)
            #expect(both["guest.exec.eventlog"]?.stringValue?.contains("\"done\"") == true)
            // What an inactive job has left does not change any more.
            let everything: JSON = ["J", "R", "jobspec", "eventlog", "guest.exec.eventlog", "guest.output"]
            #expect(eventually { (try? socket.ask("job-list.list-id", ["id": .int(id), "attrs": ["state"]])["job"]?["state"]) == 64 })
            let before = try lookup(everything, nil)
            pause(0.3)
            #expect(try lookup(everything, nil) == before)
            #expect(try lookup(["R", "nosuch"], nil).errnum == 2)
            #expect(try lookup(["guest/exec/eventlog"], nil).errnum == 2)
            // Others than the owners learn nothing.
            #expect(try lookup(["R"], RawSocket.guest).errnum == 1)
            #expect(try watch("eventlog", RawSocket.guest).map(\.errnum) == [1])
            #expect(instance.end().status == 0)
        }
    }

    @Test("RFC 41: a watch that is canceled ends with ENODATA")
    func jobInfoCancel() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            let id = try instance.submit("sleep", "600")
            let socket = try instance.connect()
            let tag = socket.request(
                "job-info.eventlog-watch", ["id": .int(id), "path": "eventlog", "flags": 0], isStreaming: true)
            #expect(try socket.response(tag)["event"]?.stringValue?.contains("submit") == true)
            socket.request("job-info.eventlog-watch-cancel", ["matchtag": .int(Int64(tag))])
            var answer = try socket.response(tag)
            while answer.errnum == 0 { answer = try socket.response(tag) }
            #expect(answer.errnum == 61)
            #expect(instance.flux("cancel", "--all").status == 0)
            #expect(instance.end().status == 0)
        }
    }
}
