import RFC22Idset
import RFC29Hostlist

/// What a constraint is compared with: one node.
public protocol ConstraintTarget {
    /// Rank of the node's broker.
    var rank: UInt32 { get }
    /// Name of the node's host, nil when it is not known.
    var hostname: String? { get }
    /// Whether the node has the property called `name`.
    func hasProperty(_ name: String) -> Bool
}

extension Constraint {
    /// Whether `node` satisfies the constraint.
    ///
    /// To find the matching nodes of a whole resource set ask the set: it compares sets of ranks instead of nodes.
    public func matches(_ node: some ConstraintTarget) -> Bool {
        switch self {
        case .properties(let list):
            list.allSatisfy { property in
                let hasIt = node.hasProperty(property.name) || node.hostname == property.name
                return hasIt != property.isNegated
            }
        case .hostlist(let hosts): node.hostname.map { hosts.contains($0) } ?? false
        case .ranks(let ids): ids.contains(node.rank)
        case .and(let parts): parts.allSatisfy { $0.matches(node) }
        case .or(let parts): parts.isEmpty || parts.contains { $0.matches(node) }
        case .not(let parts): !parts.allSatisfy { $0.matches(node) }
        }
    }
}
