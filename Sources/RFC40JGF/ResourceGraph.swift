public import FluxJSON

/// A resource graph as the graph scheduler stores it in the `scheduling` key of *R*.
///
/// ```swift
/// let graph = try ResourceGraph(json: scheduling)
/// graph.vertices.count { $0.type == "core" }
/// for child in graph.children(of: root) { print(child.name) }
/// ```
///
/// Source: RFC 40 and the JSON Graph Format; defaults of what is left out are those of flux-sched 0.54.
public struct ResourceGraph: Hashable, Sendable {
    /// The resources.
    public var vertices: [Vertex]
    /// How they are connected.
    public var edges: [Edge]
    /// Who wrote the graph, a URI such as `fluxion:jgf_shorthand`; nil for a full graph.
    public var writer: String?

    /// A graph.
    public init(vertices: [Vertex] = [], edges: [Edge] = [], writer: String? = nil) {
        self.vertices = vertices
        self.edges = edges
        self.writer = writer
    }

    /// One resource: a node, a core, a rack.
    public struct Vertex: Hashable, Sendable {
        /// Identifies the vertex within the graph.
        public var vertexID: String
        /// Kind of resource: `cluster`, `node`, `core`.
        public var type: String
        /// Name without the number; the type unless something else is given.
        public var basename: String
        /// Name of the resource; base name and number unless something else is given.
        public var name: String
        /// Number of the resource among those of its kind.
        public var id: Int64
        /// Rank of the broker that the resource belongs to, -1 when it belongs to none.
        public var rank: Int64
        /// How much there is of the resource, in ``unit``.
        public var size: Int64
        /// Unit of the size; empty for things that are counted.
        public var unit: String
        /// Whether the resource is taken as a whole.
        public var isExclusive: Bool
        /// Unique identifier, nil when there is none.
        public var uuid: String?
        /// Properties: names, each with a value that is mostly empty.
        public var properties: JSON.Object
        /// For each subsystem the path of the resource in it, `/cluster0/node0`.
        public var paths: [String: String]
        /// Metadata of other kinds, kept as they are.
        public var other: JSON.Object

        /// A vertex; names follow from type and number unless they are given.
        public init(
            vertexID: String, type: String, id: Int64, rank: Int64 = -1, basename: String? = nil, name: String? = nil,
            size: Int64 = 1, unit: String = "", isExclusive: Bool = false, uuid: String? = nil,
            properties: JSON.Object = [:], paths: [String: String] = [:], other: JSON.Object = [:]
        ) {
            self.vertexID = vertexID
            self.type = type
            self.id = id
            self.rank = rank
            self.basename = basename ?? type
            self.name = name ?? "\(basename ?? type)\(id)"
            self.size = size
            self.unit = unit
            self.isExclusive = isExclusive
            self.uuid = uuid
            self.properties = properties
            self.paths = paths
            self.other = other
        }
    }

    /// A connection of two resources within a subsystem.
    public struct Edge: Hashable, Sendable {
        /// ``Vertex/vertexID`` of the containing resource.
        public var source: String
        /// ``Vertex/vertexID`` of the contained resource.
        public var target: String
        /// `containment` or another subsystem, such as power.
        public var subsystem: String
        /// What the source does with the target; nil for the usual relationship of the subsystem.
        public var relationship: String?

        /// An edge.
        public init(source: String, target: String, subsystem: String = "containment", relationship: String? = nil) {
            self.source = source
            self.target = target
            self.subsystem = subsystem
            self.relationship = relationship
        }
    }
}

extension ResourceGraph {
    /// The vertices at the ends of edges that begin at the vertex.
    ///
    /// - Complexity: linear in the size of the graph; ``index(subsystem:)`` serves many questions.
    public func children(of vertex: Vertex, subsystem: String = "containment") -> [Vertex] {
        let targets = Set(edges.filter { $0.source == vertex.vertexID && $0.subsystem == subsystem }.map(\.target))
        return vertices.filter { targets.contains($0.vertexID) }
    }

    /// Vertices to which no edge of the subsystem leads.
    public func roots(subsystem: String = "containment") -> [Vertex] {
        let targets = Set(edges.filter { $0.subsystem == subsystem }.map(\.target))
        return vertices.filter { !targets.contains($0.vertexID) }
    }

    /// For each vertex, by its place in ``vertices``, the places of its children.
    public func index(subsystem: String = "containment") -> [[Int]] {
        var places: [String: Int] = [:]
        for (place, vertex) in vertices.enumerated() { places[vertex.vertexID] = place }
        var result = [[Int]](repeating: [], count: vertices.count)
        for edge in edges where edge.subsystem == subsystem {
            if let source = places[edge.source], let target = places[edge.target] { result[source].append(target) }
        }
        return result
    }

    /// The first problem of the graph: a vertex id that occurs twice, or an edge to a vertex that is not there.
    public var inconsistency: String? {
        var known: Set<String> = []
        for vertex in vertices where !known.insert(vertex.vertexID).inserted {
            return "vertex id \"\(vertex.vertexID)\" occurs twice"
        }
        for (place, edge) in edges.enumerated() {
            for end in [edge.source, edge.target] where !known.contains(end) {
                return "edges[\(place)]: no vertex has the id \"\(end)\""
            }
        }
        return nil
    }
}
