import RFC22Idset

// The operations of flux-core's librlist. New sets have no times and no slots: they are not the allocation or the
// inventory they were made from. Whoever changes a set in place keeps them.
extension ResourceSet {
    /// The resources that are not in `other`.
    ///
    /// Nodes of which nothing is left are left out. The rest keep their hosts and properties.
    public func difference(_ other: ResourceSet) -> ResourceSet {
        var result = derived()
        var memo = PairMemo()
        var next = 0
        for position in rankList.indices {
            let rank = rankList[position]
            while next < other.rankList.count, other.rankList[next] < rank { next += 1 }
            var kind = kinds[position]
            if next < other.rankList.count, other.rankList[next] == rank {
                kind = memo.kind(kind, other.kinds[next]) {
                    result.catalog.kind(of: catalog[$0].subtracting(other.catalog[$1]))
                }
                if result.catalog[kind].isEmpty { continue }
            }
            result.appendNode(rank, kind, hosts[position])
        }
        result.scheduling = scheduling
        result.properties = properties(of: result.ranks)
        return result
    }

    /// The resources that are in both sets. Nodes whose hosts are known to differ have nothing in common.
    ///
    /// The result has no properties.
    public func intersection(_ other: ResourceSet) -> ResourceSet {
        var result = derived()
        var memo = PairMemo()
        var next = 0
        for position in rankList.indices {
            let rank = rankList[position]
            while next < other.rankList.count, other.rankList[next] < rank { next += 1 }
            guard next < other.rankList.count else { break }
            guard other.rankList[next] == rank else { continue }
            let host = hosts[position]
            let otherHost = other.hosts[next]
            guard host == otherHost || host.isEmpty || otherHost.isEmpty else { continue }
            let kind = memo.kind(kinds[position], other.kinds[next]) {
                result.catalog.kind(of: catalog[$0].intersection(other.catalog[$1]))
            }
            if !result.catalog[kind].isEmpty { result.appendNode(rank, kind, host) }
        }
        if !result.isEmpty { result.scheduling = scheduling }
        return result
    }

    /// The resources that are in either set.
    ///
    /// A node that is in both keeps what only this set knows about it (host, properties) when it has a resource that
    /// the other does not have.
    public func union(_ other: ResourceSet) -> ResourceSet {
        var result = difference(other)
        // Nothing overlaps after the difference.
        try? result.append(other)
        return result
    }

    /// Adds the resources of `other`.
    ///
    /// - Throws: ``ResourceError`` with the rank when a resource is in both sets; this set is unchanged then.
    public mutating func append(_ other: ResourceSet) throws(ResourceError) {
        var result = derived()
        var memo = PairMemo()
        var otherKinds = [Int32](repeating: -1, count: other.catalog.entries.count)
        var mine = 0
        var theirs = 0
        while mine < rankList.count || theirs < other.rankList.count {
            if theirs == other.rankList.count || (mine < rankList.count && rankList[mine] < other.rankList[theirs]) {
                result.appendNode(rankList[mine], kinds[mine], hosts[mine])
                mine += 1
            } else if mine == rankList.count || other.rankList[theirs] < rankList[mine] {
                let kind = Int(other.kinds[theirs])
                if otherKinds[kind] < 0 { otherKinds[kind] = result.catalog.kind(of: other.catalog.entries[kind]) }
                result.appendNode(other.rankList[theirs], otherKinds[kind], other.hosts[theirs])
                theirs += 1
            } else {
                let kind = memo.kind(kinds[mine], other.kinds[theirs]) { a, b in
                    let left = catalog[a]
                    let right = other.catalog[b]
                    return left.isDisjoint(with: right) ? result.catalog.kind(of: left.union(right)) : -1
                }
                guard kind >= 0 else { throw ResourceError(.overlap(rank: rankList[mine])) }
                result.appendNode(rankList[mine], kind, hosts[mine])
                mine += 1
                theirs += 1
            }
        }
        guard result.nodeCount <= Self.maximumNodeCount else { throw ResourceError(.tooManyNodes) }
        rankList = result.rankList
        kinds = result.kinds
        hosts = result.hosts
        catalog = result.catalog
        properties.merge(other.properties) { $0.union($1) }
        scheduling = scheduling ?? other.scheduling
    }

    /// Adds those resources of `other` that this set does not have.
    public mutating func add(_ other: ResourceSet) {
        // Nothing overlaps after the difference.
        try? append(other.difference(self))
    }

    // MARK: making sets

    /// A set without nodes that knows the same kinds of nodes.
    func derived() -> ResourceSet {
        var result = ResourceSet()
        result.catalog = catalog
        return result
    }

    mutating func appendNode(_ rank: UInt32, _ kind: Int32, _ host: String) {
        rankList.append(rank)
        kinds.append(kind)
        hosts.append(host)
    }

    /// The properties of some of the nodes.
    func properties(of ranks: Idset) -> [String: Idset] {
        properties.compactMapValues {
            let common = $0.intersection(ranks)
            return common.isEmpty ? nil : common
        }
    }
}

/// Remembers the result for a pair of node kinds, so that an operation on many equal nodes is done once.
struct PairMemo {
    private var known: [UInt64: Int32] = [:]
    private var last: (key: UInt64, value: Int32)?

    mutating func kind(_ left: Int32, _ right: Int32, _ compute: (Int32, Int32) -> Int32) -> Int32 {
        let key = UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
        if let last, last.key == key { return last.value }
        let value = known[key] ?? compute(left, right)
        known[key] = value
        last = (key, value)
        return value
    }
}
