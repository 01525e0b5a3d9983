public import RFC22Idset

extension ResourceSet {
    /// What one node contributes: the ids of its cores, GPUs and resources of other types.
    ///
    /// Ids are local to the node. Types without ids are not kept, so two values with the same resources are equal.
    /// Source: RFC 20, `R_lite[].children`.
    public struct Children: Hashable, Sendable {
        /// Ids of the cores.
        public var cores: Idset
        /// Ids of the GPUs.
        public var gpus: Idset
        /// Types other than `core` and `gpu` by name; no set is empty.
        private var others: [String: Idset] = [:]

        /// Resources of the two types that RFC 20 defines.
        public init(cores: Idset = Idset(), gpus: Idset = Idset()) {
            self.cores = cores
            self.gpus = gpus
        }

        /// The ids of a resource type: `core`, `gpu` or any other name.
        public subscript(type: String) -> Idset {
            get {
                switch type {
                case "core": cores
                case "gpu": gpus
                default: others[type] ?? Idset()
                }
            }
            set {
                switch type {
                case "core": cores = newValue
                case "gpu": gpus = newValue
                default: others[type] = newValue.isEmpty ? nil : newValue
                }
            }
        }

        /// Whether there are no resources at all.
        public var isEmpty: Bool { cores.isEmpty && gpus.isEmpty && others.isEmpty }

        /// The types that have ids: `core` first, the others by name.
        public var types: [String] {
            var names = Array(others.keys)
            if !gpus.isEmpty { names.append("gpu") }
            names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            return cores.isEmpty ? names : ["core"] + names
        }

        /// The ids that are in both.
        public func intersection(_ other: Children) -> Children {
            var result = Children(cores: cores.intersection(other.cores), gpus: gpus.intersection(other.gpus))
            for (type, ids) in others { result[type] = ids.intersection(other[type]) }
            return result
        }

        /// The ids that are not in `other`.
        public func subtracting(_ other: Children) -> Children {
            var result = Children(cores: cores.subtracting(other.cores), gpus: gpus.subtracting(other.gpus))
            for (type, ids) in others { result[type] = ids.subtracting(other[type]) }
            return result
        }

        /// The ids that are in either.
        public func union(_ other: Children) -> Children {
            var result = self
            result.cores.formUnion(other.cores)
            result.gpus.formUnion(other.gpus)
            for (type, ids) in other.others { result[type] = result[type].union(ids) }
            return result
        }

        /// Whether no id of any type is in both.
        public func isDisjoint(with other: Children) -> Bool {
            cores.isDisjoint(with: other.cores) && gpus.isDisjoint(with: other.gpus)
                && others.allSatisfy { $1.isDisjoint(with: other[$0]) }
        }

        /// The same resources with every type but GPUs numbered from 0.
        ///
        /// Source: observed: flux-core 0.88 keeps GPU ids, because they name devices of the node.
        public var renumbered: Children {
            var result = Children(cores: Self.fromZero(cores), gpus: gpus)
            for (type, ids) in others { result[type] = Self.fromZero(ids) }
            return result
        }

        private static func fromZero(_ ids: Idset) -> Idset { Idset(0..<UInt32(ids.count)) }
    }
}

/// The distinct node contents of a resource set: a large cluster has only a few.
struct Catalog: Sendable {
    private(set) var entries: [ResourceSet.Children] = []
    private(set) var coreCounts: [Int] = []
    private(set) var gpuCounts: [Int] = []
    private var kinds: [ResourceSet.Children: Int32] = [:]

    /// The number that stands for `children`.
    mutating func kind(of children: ResourceSet.Children) -> Int32 {
        if let kind = kinds[children] { return kind }
        let kind = Int32(entries.count)
        entries.append(children)
        coreCounts.append(children.cores.count)
        gpuCounts.append(children.gpus.count)
        kinds[children] = kind
        return kind
    }

    subscript(kind: Int32) -> ResourceSet.Children { entries[Int(kind)] }
}
