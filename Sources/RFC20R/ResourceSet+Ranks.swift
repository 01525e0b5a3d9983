import RFC22Idset
public import RFC29Hostlist

extension ResourceSet {
    /// Names the hosts of all nodes, in the order of ranks.
    ///
    /// - Throws: ``ResourceError`` when there are not as many names as nodes.
    public mutating func assign(hosts list: Hostlist) throws(ResourceError) {
        guard list.count == nodeCount else { throw ResourceError(.hostCount(list.count, nodeCount: nodeCount)) }
        hosts = Array(list)
    }

    /// Names the hosts of all nodes from a hostlist text.
    public mutating func assign(hosts text: String) throws(ResourceError) {
        try assign(hosts: try Self.hostlist(text))
    }

    /// Ranks the nodes anew: rank *n* becomes the node on the host at place *n* of the list.
    ///
    /// A host that occurs several times stands for its nodes in the order of their ranks.
    ///
    /// - Throws: ``ResourceError`` when the list has not as many hosts as the set has nodes, or another host; the set is
    ///   unchanged then.
    public mutating func rerank(by list: Hostlist) throws(ResourceError) {
        guard list.count == nodeCount else { throw ResourceError(.hostCount(list.count, nodeCount: nodeCount)) }
        // Positions of the nodes of each host, the first one last.
        var positions: [String: [Int]] = [:]
        for position in hosts.indices.reversed() where !hosts[position].isEmpty {
            positions[hosts[position], default: []].append(position)
        }
        var order: [Int] = []
        for host in list {
            guard let position = positions[host]?.popLast() else { throw ResourceError(.hostNotFound(host)) }
            order.append(position)
        }
        renumber(order)
    }

    /// Ranks the nodes by a hostlist text; see ``rerank(by:)-(Hostlist)``.
    public mutating func rerank(by text: String) throws(ResourceError) { try rerank(by: try Self.hostlist(text)) }

    /// Numbers ranks from 0 in their order, and resources other than GPUs from 0 within each node.
    public mutating func remap() {
        renumber(Array(rankList.indices))
        let old = catalog
        catalog = Catalog()
        var newKinds = [Int32](repeating: -1, count: old.entries.count)
        for position in kinds.indices {
            let kind = Int(kinds[position])
            if newKinds[kind] < 0 { newKinds[kind] = catalog.kind(of: old.entries[kind].renumbered) }
            kinds[position] = newKinds[kind]
        }
    }

    /// Gives rank *n* to the node that was at `order[n]`.
    private mutating func renumber(_ order: [Int]) {
        var newRanks: [UInt32: UInt32] = [:]
        newRanks.reserveCapacity(order.count)
        for (rank, position) in order.enumerated() { newRanks[rankList[position]] = UInt32(rank) }
        properties = properties.mapValues { ranks in Idset(ranks.compactMap { newRanks[$0] }) }
        downRanks = Idset(downRanks.compactMap { newRanks[$0] })
        kinds = order.map { kinds[$0] }
        hosts = order.map { hosts[$0] }
        rankList = Array(0..<UInt32(order.count))
    }

    static func hostlist(_ text: String) throws(ResourceError) -> Hostlist {
        do { return try Hostlist(parsing: text) } catch { throw ResourceError(.hostlist(text, path: "")) }
    }
}
