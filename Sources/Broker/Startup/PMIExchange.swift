internal import FluxJSON
internal import RFC34Taskmap
internal import Reactor

/// The exchange of business cards through PMI.
///
/// Source: broker-protocol 3.2 (observed: flux-core 0.88).
struct PMIExchange {
    let conversation: PMIConversation
    let hostname: String
    let rundir: String
    let uuid: String
    let reactor: Reactor

    private var rank: UInt32 { conversation.rank }
    private var size: UInt32 { conversation.size }

    /// - Returns: the host of each rank, the tree, and the sockets (nil for an instance of one).
    func run(_ attributes: inout AttributeTable) throws -> ([String], Topology, ZMQTransport?) {
        let scheme = attributes["tbon.topo"] ?? "kary:32"
        let topology = try Topology(scheme: scheme, size: size, rank: rank)
        let level = try conversation.get("flux.instance-level")
        if let level {
            attributes.put("instance-level", level)
            attributes.put("jobid", conversation.kvsName)
            if let hint = try conversation.get("flux.tbon-interface-hint") {
                attributes.putDefault("tbon.interface-hint", hint)
            }
        }
        let mapping = try readMapping(isUnderFlux: level != nil)
        attributes.put("broker.mapping", mapping?.description)
        guard size > 1 else {
            try conversation.finish()
            return ([hostname], topology, nil)
        }
        let keys = CurveKeys.make()
        let transport = try ZMQTransport(options: ZMQTransport.Options(keys: keys, uuid: uuid), reactor: reactor)
        let endpoints = try bind(transport, topology, mapping, attributes)
        attributes.put("tbon.endpoint", endpoints.first)
        let card = BusinessCard(host: hostname, endpoints: endpoints, publicKey: keys.publicKey)
        try conversation.put("\(rank)", card.json.text)
        try conversation.barrier()
        if let parent = topology.parent {
            let card = try self.card(of: parent)
            guard let endpoint = choose(card.endpoints, parent, mapping, attributes), let key = card.publicKey else {
                throw PMIConversation.Failure(description: "bootstrap: rank \(parent) has no endpoint for its children")
            }
            attributes.put("tbon.parent-endpoint", endpoint)
            try transport.connect(endpoint, serverKey: key)
        }
        for child in topology.children {
            if let key = try self.card(of: child).publicKey { transport.authorize(key) }
        }
        try conversation.barrier()
        var hosts: [String] = []
        for other in 0..<size { hosts.append(other == rank ? hostname : try self.card(of: other).host) }
        try conversation.finish()
        return (hosts, topology, transport)
    }

    private func readMapping(isUnderFlux: Bool) throws -> Taskmap? {
        let text: String?
        if isUnderFlux {
            text = try conversation.get("flux.taskmap")
        } else {
            text = try conversation.get("PMI_process_mapping")
        }
        return text.flatMap { try? Taskmap(parsing: $0) }
    }

    private func card(of other: UInt32) throws -> BusinessCard {
        guard let text = try conversation.get("\(other)"), let json = try? JSON(parsing: text),
            let card = try? BusinessCard(json: json)
        else { throw PMIConversation.Failure(description: "bootstrap: rank \(other) has no business card") }
        return card
    }

    private func isLocal(_ other: UInt32, _ mapping: Taskmap?) -> Bool {
        guard let node = mapping?.node(ofTask: Int(other)) else { return false }
        return node == mapping?.node(ofTask: Int(rank))
    }

    private func bind(
        _ transport: ZMQTransport, _ topology: Topology, _ mapping: Taskmap?, _ attributes: AttributeTable
    ) throws -> [String] {
        let children = topology.children
        guard !children.isEmpty else { return [] }
        let local = children.filter { isLocal($0, mapping) }.count
        let ipc = "ipc://\(rundir)/tbon-\(rank)"
        if local == children.count, attributes["tbon.prefertcp"] ?? "0" == "0" { return try transport.bind([ipc]) }
        let hint = attributes["tbon.interface-hint"] ?? "default-route"
        guard let address = InterfaceAddress.find(hint: hint) else {
            throw PMIConversation.Failure(description: "bootstrap: no network address found for hint \(hint)")
        }
        let tcp = "tcp://\(address):*"
        return try transport.bind(local == 0 || attributes["tbon.prefertcp"] ?? "0" != "0" ? [tcp] : [tcp, ipc])
    }

    private func choose(
        _ endpoints: [String], _ parent: UInt32, _ mapping: Taskmap?, _ attributes: AttributeTable
    ) -> String? {
        let prefersTCP = attributes["tbon.prefertcp"] ?? "0" != "0"
        if !prefersTCP, isLocal(parent, mapping), let ipc = endpoints.first(where: { $0.hasPrefix("ipc://") }) {
            return ipc
        }
        return endpoints.first
    }
}
