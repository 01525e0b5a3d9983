public import FluxJSON
public import RFC22Idset

/// How the cores and GPUs of a node belong together: sockets, NUMA domains, whatever the site names.
///
/// Source: RFC 49, `topo`.
public struct Topology: Hashable, Sendable {
    /// Cores and GPUs that are close to each other; ids are local to the node.
    public struct Group: Hashable, Sendable {
        /// Ids of the cores.
        public let cores: Idset
        /// Ids of the GPUs.
        public let gpus: Idset
    }

    /// Groups from the finest level to the whole node. A level that groups like the one below it is left out.
    public let levels: [[Group]]
    /// For each locality name the domains with that name, in the order of the description.
    private let domains: [String: [Group]]

    /// How deeply domains may be nested.
    static let depthLimit = 100

    /// Reads the description of a node. The levels are empty when it names no cores.
    public init(topo: JSON) throws(TreePoolError) {
        var reader = Reader()
        levels = try reader.read(topo.objectValue ?? [:], depth: 0).levels
        domains = reader.domains
    }

    /// The domains with a locality name such as `socket`; none when the node has no such level.
    public func domains(named name: String) -> [Group] { domains[name] ?? [] }

    /// One walk through the tree of domains.
    private struct Reader {
        /// Domains by name.
        var domains: [String: [Group]] = [:]
        /// Names that occur in the domains around the one that is being read.
        private var openNames: Set<String> = []

        /// The levels below a domain and what the levels contain altogether.
        mutating func read(
            _ domain: JSON.Object, depth: Int
        ) throws(TreePoolError) -> (levels: [[Group]], levelGroup: Group, all: Group) {
            guard depth < Topology.depthLimit else { throw .tooDeep }
            let ownCores = try Self.ids(domain, "cores")
            let ownGPUs = try Self.ids(domain, "gpus")
            var levels: [[Group]] = []
            var below = Group(cores: Idset(), gpus: Idset())
            var all = Group(cores: ownCores ?? Idset(), gpus: ownGPUs ?? Idset())
            // A name that occurs here stands for these domains, not for others of the same name further inside.
            let names = domain.filter { $0.value.arrayValue != nil }.map(\.key)
            let newNames = Set(names).subtracting(openNames)
            openNames.formUnion(newNames)
            defer { openNames.subtract(newNames) }
            for (name, value) in domain {
                for child in value.arrayValue ?? [] {
                    guard let child = child.objectValue else { continue }
                    let place = domains[name]?.count ?? 0
                    let isNew = newNames.contains(name)
                    if isNew { domains[name, default: []].append(Group(cores: Idset(), gpus: Idset())) }
                    let part = try read(child, depth: depth + 1)
                    if isNew { domains[name]?[place] = part.all }
                    below = below.union(part.levelGroup)
                    all = all.union(part.all)
                    for (level, groups) in part.levels.enumerated() {
                        if level == levels.count { levels.append([]) }
                        levels[level].append(contentsOf: groups)
                    }
                }
            }
            if let ownCores {
                // Cores named here are the finest level, whatever is described inside.
                let group = Group(cores: ownCores, gpus: ownGPUs ?? Idset())
                return ([[group]], group, all)
            }
            if !below.cores.isEmpty, !(levels.last?.allSatisfy { $0 == below } ?? false) { levels.append([below]) }
            return (levels, below, all)
        }

        private static func ids(_ domain: JSON.Object, _ key: String) throws(TreePoolError) -> Idset? {
            guard let value = domain[key] else { return nil }
            guard let text = value.stringValue, let ids = try? Idset(parsing: text) else {
                throw .idset(value.stringValue ?? value.text, key: key)
            }
            return ids
        }
    }
}

extension Topology.Group {
    func union(_ other: Topology.Group) -> Topology.Group {
        Topology.Group(cores: cores.union(other.cores), gpus: gpus.union(other.gpus))
    }
}
