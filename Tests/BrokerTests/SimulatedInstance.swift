import Broker
import Client
import Groups
import Heartbeat
import RFC03Message
import Reactor
import Service

/// A whole instance in one process on virtual time: real brokers, routers, groups and heartbeat over a scripted network.
final class SimulatedInstance {
    let reactor: Reactor
    let network: ScriptedNetwork
    let topology: Topology
    private(set) var brokers: [Broker] = []
    private(set) var uuids: [String] = []
    let exits = ExitCodes()

    /// Exit codes by rank; touched on the reactor only.
    final class ExitCodes: @unchecked Sendable {
        var codes: [UInt32: Int32] = [:]
        var lines: [String] = []
    }

    init(size: UInt32, scheme: String, seed: UInt64) throws {
        reactor = Reactor.virtual(seed: seed)
        network = ScriptedNetwork(reactor: reactor)
        topology = try Topology(scheme: scheme, size: size, rank: 0)
        uuids = (0..<size).map { _ in reactor.makeUUID() }
        let hosts = (0..<size).map { "node\($0)" }
        for rank in 0..<size { brokers.append(try makeBroker(rank, scheme: scheme, hosts: hosts)) }
        for (rank, broker) in brokers.enumerated() {
            let exits = exits
            Task(executorPreference: reactor) { exits.codes[UInt32(rank)] = await broker.run() }
        }
    }

    private func makeBroker(_ rank: UInt32, scheme: String, hosts: [String]) throws -> Broker {
        let size = UInt32(hosts.count)
        var attributes = AttributeTable()
        for (name, value) in [
            ("broker.rc1_path", ""), ("broker.rc3_path", ""), ("broker.rc2_none", ""), ("rank", "\(rank)"),
            ("size", "\(size)"), ("broker.quorum", "\(size)"), ("hostname", hosts[Int(rank)]), ("log-level", "-1"),
        ] { attributes.put(name, value) }
        attributes.putFixedDefaults()
        let own = try Topology(scheme: scheme, size: size, rank: rank)
        let transport = network.makeTransport(
            uuid: uuids[Int(rank)], parentUUID: own.parent.map { uuids[Int($0)] })
        let overlay = TreeNetwork(
            topology: own,
            identity: TreeNetwork.Identity(uuid: uuids[Int(rank)], hostname: hosts[Int(rank)], hosts: hosts),
            timing: TreeNetwork.Timing(), transport: transport, reactor: reactor)
        let exits = exits
        let host = BrokerHost(
            userID: 1000, processID: 1, environment: [:], printError: { exits.lines.append($0) },
            appendToLogFile: { _ in }, hasConnector: false, ownsProcess: false)
        let settings = BrokerSettings(
            attributes: attributes,
            factories: [
                ServiceFactory("groups", GroupsService.self), ServiceFactory("heartbeat", HeartbeatService.self),
            ])
        return try Broker(
            settings: settings, host: host, boot: BootResult(rank: rank, size: size, uuid: uuids[Int(rank)]),
            network: overlay, reactor: reactor)
    }

    /// Runs `body` in the instance and gives its result after at most `limit` virtual time.
    func ask<Value: Sendable>(
        within limit: Duration = .seconds(30), _ body: @escaping @Sendable () async throws -> Value
    ) -> Result<Value, any Error>? {
        let answer = Answer<Value>()
        let host = ReactorHost(reactor: reactor)
        Task(executorPreference: reactor) {
            do {
                answer.result = .success(try await host.perform(body))
            } catch {
                answer.result = .failure(error)
            }
        }
        reactor.advance(by: limit)
        return answer.result
    }

    private final class Answer<Value: Sendable>: @unchecked Sendable {
        var result: Result<Value, any Error>?
    }

    func kill(_ rank: UInt32) { network.kill(uuids[Int(rank)]) }
}
