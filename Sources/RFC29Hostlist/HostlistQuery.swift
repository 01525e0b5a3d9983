/// What `flux hostlist` does: combines lists and answers with hosts, names, a number or positions.
///
/// ```swift
/// var query = HostlistQuery()
/// query.combination = .subtract
/// query.output = .count
/// try query.answer(for: [try Hostlist(parsing: "n[0-9]"), try Hostlist(parsing: "n[2-3]")])   // "8"
/// ```
public struct HostlistQuery: Hashable, Sendable {
    /// How several lists become one.
    public enum Combination: Hashable, Sendable {
        /// One after the other.
        case append
        /// The hosts in all of them.
        case intersect
        /// The first list without one host for each host of the others.
        case subtract
        /// The hosts in an odd number of them, combined from left to right.
        case symmetricDifference
    }

    /// What is answered.
    public enum Output: Hashable, Sendable {
        /// The compact text.
        case text
        /// Every name, separated by a text.
        case expanded(delimiter: String)
        /// The number of hosts.
        case count
        /// The positions of these hosts in the list, separated by blanks.
        case positions(of: Hostlist)
    }

    /// Why there is no answer.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// A position is outside the list.
        case positionOutOfRange
        /// Hosts to be found are not in the list.
        case notFound(Hostlist)

        /// The text `flux hostlist` prints.
        public var description: String {
            switch self {
            case .positionOutOfRange: "Hostlist index out of range"
            case .notFound(let hosts): "host\(hosts.count > 1 ? "s" : "") '\(hosts)' not found"
            }
        }
    }

    /// How several lists become one.
    public var combination = Combination.append
    /// Hosts to leave out, all of each name.
    public var excludedHosts = Hostlist()
    /// Positions to leave out when ``excludedHosts`` left out nothing.
    public var excludedPositions: Set<Int> = []
    /// Whether to sort.
    public var sorts = false
    /// Whether to sort and keep one host of each name.
    public var removesDuplicates = false
    /// At most so many hosts; from the end when negative. 0 is no limit.
    public var limit = 0
    /// Only the hosts at these positions, in this order; negative positions count from the end.
    public var positions: [Int]?
    /// What is answered.
    public var output = Output.text

    /// The query that appends lists and prints the result.
    public init() {}

    /// The hosts that remain of the lists.
    public func hosts(of lists: [Hostlist]) throws(Failure) -> Hostlist {
        var hosts = combine(lists)
        if hosts.removeAll(excludedHosts) == 0, !excludedPositions.isEmpty {
            hosts = hosts.sublist(at: hosts.indices.filter { !excludedPositions.contains($0) }) ?? hosts
        }
        if sorts { hosts.sort() }
        if removesDuplicates { hosts.sortAndRemoveDuplicates() }
        if limit > 0 { hosts = hosts.sublist(0..<Swift.min(limit, hosts.count)) }
        if limit < 0 { hosts = hosts.sublist(Swift.max(0, hosts.count + limit)..<hosts.count) }
        guard let positions else { return hosts }
        guard let chosen = hosts.sublist(at: positions.map { $0 < 0 ? $0 + hosts.count : $0 }) else {
            throw .positionOutOfRange
        }
        return chosen
    }

    /// What is printed, without the newline; empty when nothing is.
    public func answer(for lists: [Hostlist]) throws(Failure) -> String {
        let hosts = try hosts(of: lists)
        switch output {
        case .text: return hosts.description
        case .expanded(let delimiter): return hosts.joined(separator: delimiter)
        case .count: return String(hosts.count)
        case .positions(let wanted):
            let (found, missing) = hosts.positions(of: wanted)
            guard missing.isEmpty else { throw .notFound(missing) }
            return found.map(String.init).joined(separator: " ")
        }
    }

    private func combine(_ lists: [Hostlist]) -> Hostlist {
        guard var result = lists.first else { return Hostlist() }
        for list in lists.dropFirst() {
            switch combination {
            case .append: result.append(contentsOf: list)
            case .intersect: result = result.intersection(list)
            case .subtract: result.remove(list)
            case .symmetricDifference: result = result.symmetricDifference(list)
            }
        }
        return result
    }
}
