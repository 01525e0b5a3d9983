import Broker
import RFC03Message
import Reactor

/// A network inside one process, on virtual time: messages take a while, brokers die when the test says so.
///
/// Deterministic: what happens depends on the seed of the reactor alone.
final class ScriptedNetwork {
    let reactor: Reactor
    private var ports: [String: ScriptedTransport] = [:]
    /// Topics of requests to parents that get lost.
    var lostTopics: Set<String> = []

    init(reactor: Reactor) { self.reactor = reactor }

    func makeTransport(uuid: String, parentUUID: String?) -> ScriptedTransport {
        let transport = ScriptedTransport(uuid: uuid, parentUUID: parentUUID, network: self)
        ports[uuid] = transport
        return transport
    }

    fileprivate func isAlive(_ uuid: String) -> Bool { ports[uuid]?.isDead == false }

    /// Delivers after 50 to 150 virtual microseconds. One link keeps the order of its messages.
    fileprivate func deliver(from sender: ScriptedTransport, to uuid: String, _ arrival: OverlayArrival) {
        guard let target = ports[uuid] else { return }
        let due = max(reactor.now + 50_000 + Int64(reactor.randomNumber() % 100_000), sender.lastDue[uuid, default: 0] + 1)
        sender.lastDue[uuid] = due
        reactor.schedule(after: .nanoseconds(due - reactor.now)) {
            target.take(arrival)
        }
    }

    /// Kills a broker without a word; those below it see their connection break.
    func kill(_ uuid: String) {
        guard let victim = ports[uuid], !victim.isDead else { return }
        victim.isDead = true
        for port in ports.values where port.parentUUID == uuid && !port.isDead {
            deliver(from: victim, to: port.uuid, .parentDisconnected)
        }
    }
}

final class ScriptedTransport: OverlayTransport {
    let uuid: String
    let parentUUID: String?
    fileprivate var isDead = false
    fileprivate var arrived: ((OverlayArrival) -> Void)?
    fileprivate var lastDue: [String: Int64] = [:]
    private var waiting: [OverlayArrival] = []
    private let network: ScriptedNetwork

    init(uuid: String, parentUUID: String?, network: ScriptedNetwork) {
        self.uuid = uuid
        self.parentUUID = parentUUID
        self.network = network
    }

    func start(_ arrived: @escaping (OverlayArrival) -> Void) throws {
        self.arrived = arrived
        let early = waiting
        waiting = []
        for arrival in early { arrived(arrival) }
    }

    /// What comes before the broker listens waits, as it does in a socket.
    fileprivate func take(_ arrival: OverlayArrival) {
        guard !isDead else { return }
        if let arrived { arrived(arrival) } else { waiting.append(arrival) }
    }

    func sendToParent(_ message: Message) {
        guard let parentUUID, !isDead, !network.lostTopics.contains(message.topic ?? "") else { return }
        network.deliver(from: self, to: parentUUID, .fromChild(uuid, message))
    }

    func send(_ message: Message, toChild uuid: String) -> Bool {
        guard !isDead, network.isAlive(uuid) else { return false }
        network.deliver(from: self, to: uuid, .fromParent(message))
        return true
    }

    func stop() {
        network.kill(uuid)
        arrived = nil
    }
}
