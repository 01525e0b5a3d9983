@testable import Broker
import FluxJSON
import RFC03Message
import Testing

@Suite("Tracing the overlay network")
struct OverlayTraceTests {
    static func filter(_ nodeID: Int64, types: Int64 = 15, glob: String = "*") throws -> OverlayTraceFilter {
        try OverlayTraceFilter(json: [
            "nodeid": .int(nodeID), "typemask": .int(types), "topic_glob": .string(glob), "full": true,
        ])
    }

    @Test("records say what, how and with whom")
    func record() throws {
        let request = Message.request("kvs.ping", json: ["seq": 1])
        let record = try #require(try Self.filter(-1).record(request, prefix: "tx", rank: 2, time: 5))
        #expect(record["topic"] == "kvs.ping" && record["rank"] == 2 && record["prefix"] == "tx")
        #expect(record["payload"]?["seq"] == 1)
        let control = Message.control(type: 1, status: 3)
        #expect(try Self.filter(-1).record(control, prefix: "rx", rank: 1, time: 5)?["topic"] == "status 3")
    }

    @Test("only one broker, some topics, and never itself")
    func filters() throws {
        let event = Message.event("heartbeat.pulse")
        #expect(try Self.filter(1).record(event, prefix: "tx", rank: 2, time: 5) == nil)
        #expect(try Self.filter(1).record(event, prefix: "tx", rank: nil, time: 5)?["rank"] == -1)
        #expect(try Self.filter(-1, types: 1).record(event, prefix: "tx", rank: nil, time: 5) == nil)
        #expect(try Self.filter(-1, glob: "kvs.*").record(event, prefix: "tx", rank: nil, time: 5) == nil)
        let own = Message.request("overlay.trace")
        #expect(try Self.filter(-1).record(own, prefix: "tx", rank: 2, time: 5) == nil)
    }
}
