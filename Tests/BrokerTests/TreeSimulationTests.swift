import Broker
import Client
import FluxJSON
import RFC03Message
import Reactor
import Testing

/// What a listener has heard; touched on the reactor only.
private final class Tally: @unchecked Sendable {
    var count = 0
}

@Suite("A thousand brokers on virtual time")
struct TreeSimulationTests {
    @Test("boot, an event for everyone, the loss of a router", arguments: [1 as UInt64, 2])
    func bootBroadcastLoss(seed: UInt64) throws {
        let first = try Self.story(seed: seed)
        #expect(first.online == "0-999")
        #expect(first.heard == 1000)
        // Rank 1 has 32 children of its own below a tree of fan-out 32: ranks 33 to 64.
        #expect(first.exited == Set(33...64))
        #expect(first.status == "degraded")
        #expect(first.lost == [1])
    }

    @Test("the same seed gives the same story")
    func determinism() throws { #expect(try Self.story(seed: 7) == Self.story(seed: 7)) }

    private static func status(_ leader: Broker, _ instance: SimulatedInstance) throws -> String? {
        try instance.ask { try await leader.ownHandle.query("overlay.health", [:])["status"]?.stringValue }?.get()
    }

    private struct Story: Equatable {
        var online: String?
        var heard = 0
        var exited: Set<UInt32> = []
        var status: String?
        var lost: [Int64] = []
        var time: Int64 = 0
    }

    private static func story(seed: UInt64) throws -> Story {
        let instance = try SimulatedInstance(size: 1000, scheme: "kary:32", seed: seed)
        let leader = instance.brokers[0]
        let brokers = instance.brokers
        var story = Story()
        instance.reactor.advance(by: .seconds(5))
        story.online = try instance.ask {
            try await leader.ownHandle.query("groups.get", ["name": "broker.online"])["members"]?.stringValue
        }?.get()

        let tally = Tally()
        _ = try instance.ask {
            for broker in brokers { try await broker.ownHandle.subscribe("greeting") { _ in tally.count += 1 } }
            return try await leader.ownHandle.publish("greeting", ["text": "hello"])
        }?.get()
        instance.reactor.advance(by: .seconds(1))
        story.heard = tally.count

        #expect(try status(leader, instance) == "full")
        instance.kill(1)
        instance.reactor.advance(by: .seconds(20))
        // The next thing that is sent down finds the loss.
        _ = try instance.ask { try await leader.ownHandle.publish("heartbeat.pulse") }?.get()
        instance.reactor.advance(by: .seconds(1))
        story.exited = Set(instance.exits.codes.filter { $0.value == 1 }.keys)
        let health = try instance.ask { try await leader.ownHandle.query("overlay.health", [:]) }?.get()
        story.status = health?["status"]?.stringValue
        for child in health?["children"]?.arrayValue ?? [] where child["status"]?.stringValue == "lost" {
            story.lost.append(child["rank"]?.intValue ?? -1)
        }
        story.time = instance.reactor.now
        return story
    }
}
