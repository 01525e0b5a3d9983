import Broker
import Client
import Groups
import Heartbeat
import RFC03Message
import Reactor
import Service

/// A whole instance in one process on virtual time: real brokers, routers, groups and heartbeat over a scripted network.
///
/// `@unchecked Sendable`: a test and its reactor take turns on one thread.
final class SimulatedInstance: @unchecked Sendable {
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

    private let services: [ServiceFactory]

    /// - Parameter services: further modules, loaded in the order of the built-in rc1.
    /// - Parameter prepare: runs before the brokers start.
    init(
        size: UInt32, scheme: String, seed: UInt64, services: [ServiceFactory] = [], prepare: (Reactor) -> Void = { _ in }
    ) throws {
        self.services = services
        reactor = Reactor.virtual(seed: seed)
        prepare(reactor)
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
            ("broker.rc1_path", services.isEmpty ? "" : "flux modprobe rc1"), ("content.hash", "sha1"),
            ("statedir-cleanup", "0"), ("broker.rc3_path", services.isEmpty ? "" : "flux modprobe rc3"), ("broker.rc2_none", ""), ("rank", "\(rank)"),
            ("size", "\(size)"), ("broker.quorum", "\(size)"), ("hostname", hosts[Int(rank)]), ("log-level", "-1"),
            ("hostlist", "node[0-\(size - 1)]"),
        ] { attributes.put(name, value) }
        // The check of the store in rc1 is a program, and virtual time has none.
        if !services.isEmpty { attributes.put("broker.recovery-mode", "1") }
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
            ] + services)
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
        // In growing steps, so that an answer that comes soon does not cost a long time without events.
        let end = reactor.now + Int64(limit / .nanoseconds(1))
        var step = Int64(1000)
        while answer.result == nil, reactor.now < end {
            reactor.advance(by: .nanoseconds(min(step, end - reactor.now)))
            step += step / 2
        }
        return answer.result
    }

    /// The client that a broker is of itself.
    func handle(_ rank: Int) throws -> Handle {
        let broker = brokers[rank]
        guard let handle = try ask(within: .nanoseconds(1), { await broker.ownHandle })?.get() else {
            throw RPCError(errnum: Errno.again, topic: "handle")
        }
        return handle
    }

    private final class Answer<Value: Sendable>: @unchecked Sendable {
        var result: Result<Value, any Error>?
    }

    func kill(_ rank: UInt32) { network.kill(uuids[Int(rank)]) }
}
