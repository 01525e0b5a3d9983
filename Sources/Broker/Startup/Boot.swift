internal import Client
package import FluxJSON
internal import RFC22Idset
internal import RFC23FSD
internal import RFC29Hostlist
internal import RFC34Taskmap
package import Reactor

/// How a broker learns who it is and finds the others: by a `[bootstrap]` table, by PMI, or alone.
package struct Boot {
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    private enum Method {
        case single
        case pmi(PMIConversation)
        case config(BootstrapTable)

        var name: String {
            switch self {
            case .single: "single"
            case .pmi: "simple"
            case .config: "config"
            }
        }
    }

    package let result: BootResult
    private let method: Method
    private let configuration: JSON
    private var transport: ZMQTransport?
    private var topology: Topology?
    private var hosts: [String] = []

    /// Picks the first method that fits, or the one that `broker.boot-method` names.
    ///
    /// Source: broker-protocol 8.2 (observed: flux-core 0.88).
    package static func choose(
        environment: [String: String], configuration: JSON, attributes: AttributeTable, hostname: String, uuid: String
    ) throws -> Boot {
        let wanted = attributes["broker.boot-method"].map { [$0] }
            ?? environment["FLUX_PMI_CLIENT_METHODS"]?.split(separator: " ").map { String($0) }
            ?? ["config", "simple", "single"]
        for name in wanted {
            switch name {
            case "config":
                guard let json = configuration["bootstrap"] else { continue }
                let table = try BootstrapTable(json: json)
                guard table.hosts.count > 0 else {
                    let alone = BootResult(rank: 0, size: 1, uuid: uuid)
                    return Boot(result: alone, method: .config(table), configuration: configuration)
                }
                guard let rank = table.rank(of: hostname) else {
                    throw BootstrapTable.Failure(reason: "\(hostname) not found in hosts")
                }
                let result = BootResult(rank: rank, size: UInt32(table.hosts.count), uuid: uuid)
                return Boot(result: result, method: .config(table), configuration: configuration)
            case "simple":
                guard let conversation = try PMIConversation(environment: environment) else { continue }
                let result = BootResult(rank: conversation.rank, size: conversation.size, uuid: uuid)
                return Boot(result: result, method: .pmi(conversation), configuration: configuration)
            case "single":
                return Boot(
                    result: BootResult(rank: 0, size: 1, uuid: uuid), method: .single, configuration: configuration)
            case "libpmi", "libpmi2": continue
            default: throw Failure(description: "bootstrap: plugin matching '\(name)' not found")
            }
        }
        throw Failure(description: "bootstrap: none of the methods \(wanted.joined(separator: " ")) can be used here")
    }

    private init(result: BootResult, method: Method, configuration: JSON) {
        self.result = result
        self.method = method
        self.configuration = configuration
    }

    /// Exchanges addresses with the others and sets the attributes that follow from it.
    package mutating func connect(_ attributes: inout AttributeTable, rundir: String, reactor: Reactor) throws {
        let hostname = attributes["hostname"] ?? BrokerStartup.hostname()
        attributes.put("broker.boot-method", method.name)
        try takeConfiguration(&attributes)
        switch method {
        case .single:
            hosts = [hostname]
            topology = try Topology(scheme: attributes["tbon.topo"] ?? "kary:0", size: 1, rank: 0)
            attributes.put("broker.mapping", "[[0,1,1,1]]")
        case .pmi(let conversation):
            let exchange = PMIExchange(
                conversation: conversation, hostname: hostname, rundir: rundir, uuid: result.uuid, reactor: reactor)
            (hosts, topology, transport) = try exchange.run(&attributes)
        case .config(let table):
            try connect(table, &attributes, reactor: reactor)
        }
        putTreeAttributes(&attributes)
    }

    /// Keys of the `[tbon]` table are attributes unless the command line said otherwise.
    private func takeConfiguration(_ attributes: inout AttributeTable) throws {
        if let fanout = attributes["tbon.fanout"] { attributes.putDefault("tbon.topo", "kary:\(fanout)") }
        if case .config = method { attributes.putDefault("tbon.topo", "custom") }
        for (key, value) in configuration["tbon"]?.objectValue ?? [:] {
            let name = "tbon.\(key)"
            guard AttributeTable.flags(of: name)?.contains(.config) == true else { continue }
            let isNumber = ["zmqdebug", "zmq_io_threads", "child_rcvhwm"].contains(key)
            switch value {
            case .string(let text) where !isNumber: attributes.putDefault(name, text)
            case .int(let number) where isNumber: attributes.putDefault(name, "\(number)")
            default:
                throw Failure(
                    description: "Config file error [tbon]: \(key): Expected \(isNumber ? "integer" : "string")")
            }
        }
        attributes.putDefault("tbon.topo", "kary:32")
        // The children's traffic is the leader's; the others have little to carry.
        if result.rank != 0 { attributes.put("tbon.zmq_io_threads", "1") }
        try attributes.check(size: result.size)
        attributes.normalizeTimeouts()
    }

    private mutating func connect(
        _ table: BootstrapTable, _ attributes: inout AttributeTable, reactor: Reactor
    ) throws {
        let keys = try table.certificate.map { path throws(Certificate.Failure) in try Certificate.load(path) }
        guard !table.hosts.isEmpty else {
            hosts = [attributes["hostname"] ?? BrokerStartup.hostname()]
            topology = try Topology(scheme: "kary:0", size: 1, rank: 0)
            attributes.put("broker.mapping", "[[0,1,1,1]]")
            return
        }
        hosts = table.hosts.map(\.name)
        let scheme = attributes["tbon.topo"] ?? "custom"
        let topology = try Topology(
            scheme: scheme, size: result.size, rank: result.rank, customParents: try table.customParents())
        self.topology = topology
        attributes.put("broker.mapping", "[[0,\(result.size),1,1]]")
        guard result.size > 1, let keys else { return }
        var options = ZMQTransport.Options(keys: keys, uuid: result.uuid)
        options.usesIPv6 = table.usesIPv6
        let transport = try ZMQTransport(options: options, reactor: reactor)
        transport.authorize(keys.publicKey)
        let own = table.hosts[Int(result.rank)]
        if !topology.children.isEmpty, attributes["broker.recovery-mode"] == nil {
            guard let bind = own.bind else {
                throw BootstrapTable.Failure(reason: "host \(own.name) has children and needs bind or default_bind")
            }
            attributes.put("tbon.endpoint", try transport.bind([bind]).first)
        }
        if let parent = topology.parent {
            let host = table.hosts[Int(parent)]
            guard let endpoint = host.connect else {
                throw BootstrapTable.Failure(reason: "host \(host.name) needs connect or default_connect")
            }
            attributes.put("tbon.parent-endpoint", endpoint)
            if let name = InterfaceAddress.unresolvedHost(of: endpoint) {
                printError("flux-broker: warning: unable to resolve upstream peer \(name)")
            }
            try transport.connect(endpoint, serverKey: keys.publicKey)
        }
        self.transport = transport
    }

    private func putTreeAttributes(_ attributes: inout AttributeTable) {
        guard let topology else { return }
        attributes.putDefault("hostlist", (try? Hostlist(hosts: hosts))?.description ?? hosts.joined(separator: ","))
        attributes.put("tbon.level", "\(topology.level(of: result.rank))")
        attributes.put("tbon.maxlevel", "\(topology.maxLevel)")
        attributes.put("tbon.descendants", "\(topology.descendantCount(of: result.rank))")
        attributes.putDefault("broker.critical-ranks", "\(Idset(topology.criticalRanks))")
    }

    /// The network that the exchange has prepared.
    package func makeNetwork(_ attributes: AttributeTable, reactor: Reactor) throws -> any OverlayNetwork {
        let transport: any OverlayTransport = self.transport ?? NoTransport()
        let topology = try self.topology ?? Topology(scheme: "kary:0", size: 1, rank: 0)
        var timing = TreeNetwork.Timing()
        timing.set(try TorpidLimits(configuration: [:], attributes: attributes))
        let hostname = attributes["hostname"] ?? BrokerStartup.hostname()
        let identity = TreeNetwork.Identity(uuid: result.uuid, hostname: hostname, hosts: hosts)
        return TreeNetwork(
            topology: topology, identity: identity, timing: timing, transport: transport, reactor: reactor)
    }
}
