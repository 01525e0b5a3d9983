/// Why a resource set cannot be used with topology.
public enum TreePoolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The set has no `scheduling` key, or it is not an object.
    case noScheduling
    /// `scheduling.children` is missing or empty.
    case noChildren
    /// No entry of `children` describes cores.
    case noGroups
    /// `children` describes another number of ranks than the set has.
    case rankCount(described: Int, nodes: Int)
    /// The ranks of the set are not 0, 1, 2 and so on.
    case ranksNotFromZero
    /// A text in the description is not an idset.
    case idset(String, key: String)
    /// Domains are nested too deeply.
    case tooDeep

    /// One sentence for a person.
    public var description: String {
        switch self {
        case .noScheduling: "TreePool requires R.scheduling"
        case .noChildren: "TreePool requires scheduling.children"
        case .noGroups: "TreePool: children contains no groups"
        case .rankCount(let described, let nodes):
            "TreePool: rank count mismatch: \(described) in children vs \(nodes) in pool"
        case .ranksNotFromZero:
            "TreePool: pool ranks are not the zero-origin range required for topology remapping"
        case .idset(let text, let key): "TreePool: invalid idset '\(text)' in \(key)"
        case .tooDeep: "TreePool: topology is nested too deeply"
        }
    }
}
