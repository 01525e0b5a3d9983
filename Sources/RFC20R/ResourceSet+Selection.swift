public import RFC22Idset
public import RFC29Hostlist
public import RFC31Constraint

extension ResourceSet {
    /// The nodes with the given ranks; ranks that are not in the set are ignored.
    public func select(ranks: Idset) -> ResourceSet {
        var result = derived()
        var position = 0
        for range in ranks.ranges {
            position = max(position, insertionPoint(for: range.lowerBound))
            while position < rankList.count, rankList[position] <= range.upperBound {
                result.appendNode(rankList[position], kinds[position], hosts[position])
                position += 1
            }
        }
        result.properties = properties(of: result.ranks)
        if !result.isEmpty { result.scheduling = scheduling }
        return result
    }

    /// The nodes that satisfy a constraint; nodes that are down stay down.
    public func select(_ constraint: Constraint) -> ResourceSet {
        let ranks = ranks(matching: constraint)
        var result = select(ranks: ranks)
        result.downRanks = downRanks.intersection(ranks)
        return result
    }

    /// Ranks of the nodes that satisfy a constraint.
    ///
    /// - Complexity: linear in the number of nodes times the number of host names and lists of the constraint; the rest
    ///   are operations on sets of ranks.
    public func ranks(matching constraint: Constraint) -> Idset { ranks(matching: constraint, among: ranks) }

    private func ranks(matching constraint: Constraint, among all: Idset) -> Idset {
        switch constraint {
        case .properties(let list):
            var result = all
            for property in list {
                var ranks = properties[property.name] ?? Idset()
                ranks.formUnion(self.ranks { $0 == property.name && !$0.isEmpty })
                if property.isNegated { result.subtract(ranks) } else { result.formIntersection(ranks) }
            }
            return result
        case .hostlist(let list):
            if list.isEmpty { return Idset() }
            // A list may name far more hosts than there are nodes.
            if list.count > 4 * nodeCount { return ranks { list.contains($0) }.intersection(all) }
            let names = Set(list)
            return ranks { names.contains($0) }.intersection(all)
        case .ranks(let ids): return all.intersection(ids)
        case .and(let parts): return parts.reduce(all) { ranks(matching: $1, among: $0) }
        case .or(let parts):
            if parts.isEmpty { return all }
            return parts.reduce(Idset()) { $0.union(ranks(matching: $1, among: all)) }.intersection(all)
        case .not(let parts): return all.subtracting(parts.reduce(all) { ranks(matching: $1, among: $0) })
        }
    }

    private func ranks(whereHost isWanted: (String) -> Bool) -> Idset {
        var result = Idset()
        for position in hosts.indices where isWanted(hosts[position]) {
            result.insert(rankList[position]...rankList[position])
        }
        return result
    }

    /// Ranks of the nodes on the given hosts; a host with several brokers gives several ranks.
    ///
    /// - Throws: ``ResourceError`` that lists the hosts that are not in the set.
    public func ranks(ofHosts list: Hostlist) throws(ResourceError) -> Idset {
        let names = Set(list)
        let result = ranks { names.contains($0) }
        let known = Set(hosts)
        var missing = Hostlist()
        for name in list where !known.contains(name) || name.isEmpty { try? missing.append(host: name) }
        guard missing.isEmpty else { throw ResourceError(.unknownHosts(missing.description)) }
        return result
    }

    /// Ranks of the nodes on the hosts of a hostlist text.
    public func ranks(ofHosts text: String) throws(ResourceError) -> Idset {
        let list: Hostlist
        do { list = try Hostlist(parsing: text) } catch { throw ResourceError(.hostlist(text, path: "")) }
        return try ranks(ofHosts: list)
    }

    /// Removes nodes and returns how many there were.
    @discardableResult
    public mutating func remove(ranks: Idset) -> Int {
        let before = nodeCount
        var kept = derived()
        for position in rankList.indices where !ranks.contains(rankList[position]) {
            kept.appendNode(rankList[position], kinds[position], hosts[position])
        }
        rankList = kept.rankList
        kinds = kept.kinds
        hosts = kept.hosts
        properties = properties(of: kept.ranks)
        downRanks.subtract(ranks)
        return before - nodeCount
    }

    // MARK: up and down

    /// Marks nodes down; ranks that are not in the set are ignored.
    public mutating func markDown(_ ranks: Idset) { downRanks.formUnion(ranks.intersection(self.ranks)) }

    /// Marks nodes up again.
    public mutating func markUp(_ ranks: Idset) { downRanks.subtract(ranks) }

    /// The nodes that are marked down.
    public var down: ResourceSet { select(ranks: downRanks) }
}
