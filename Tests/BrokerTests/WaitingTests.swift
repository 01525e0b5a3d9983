import Broker
import Reactor
import Testing

/// Nothing waits for longer than five seconds at the start without saying for what.
@Suite("Waits at the start")
struct WaitingTests {
    /// What three brokers in a chain have said on standard error after so many seconds.
    private func lines(after seconds: Int, _ trouble: (SimulatedInstance) -> Void) throws -> [String] {
        let instance = try SimulatedInstance(size: 3, scheme: "kary:1", seed: 1)
        trouble(instance)
        instance.reactor.advance(by: .seconds(seconds))
        return instance.exits.lines
    }

    @Test("a follower says that its parent does not answer")
    func join() throws {
        let lines = try lines(after: 6) { $0.kill(0) }
        #expect(lines.contains { $0.contains("join: waiting for the parent (rank 0) to answer") }, "\(lines)")
    }

    @Test("a follower says that its parent gives no configuration")
    func configuration() throws {
        let lines = try lines(after: 6) { $0.network.lostTopics = ["config.get"] }
        #expect(lines.contains { $0.contains("config-sync: waiting for the configuration of the parent (rank 0)") }, "\(lines)")
    }

    @Test("the leader names whom the quorum misses")
    func quorum() throws {
        let lines = try lines(after: 6) { $0.kill(2) }
        #expect(lines.contains { $0.contains("quorum delayed: waiting for node2 (rank 2)") }, "\(lines)")
    }

    @Test("an instance that starts as it should says nothing")
    func quiet() throws { #expect(try lines(after: 10) { _ in } == []) }
}
