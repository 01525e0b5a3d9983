public import FluxJSON
public import RFC45Range

/// A resource request in one line, `slot=4/[core=2;gpu]`, which expands to the resources of a jobspec.
///
/// ```swift
/// let shape = try Shape(parsing: "slot=4/[core=2;gpu]")
/// shape.resources().text
/// // [{"type":"slot","count":4,"label":"task","with":[{"type":"core","count":2},{"type":"gpu","count":1}]}]
/// ```
///
/// Source: RFC 46; RFC 14 for the resources.
public struct Shape: Hashable, Sendable {
    /// One resource and what it contains.
    public struct Vertex: Hashable, Sendable {
        /// Kind of resource, such as `node`; `slot` marks what one task gets.
        public var type: String
        /// How many.
        public var count: ResourceCount
        /// The count as it was written, without white space.
        public var countText: String
        /// The name of a slot.
        public var label: String?
        /// Further members, in the order in which they were written.
        public var attributes: JSON.Object
        /// What each of these resources contains.
        public var children: [Vertex]
    }

    /// The outermost resources.
    public var vertices: [Vertex]

    /// The `resources` of a jobspec.
    ///
    /// - Parameter rangesAsObjects: whether ranges are objects with `min` and `max` (RFC 14) or texts (RFC 45).
    public func resources(rangesAsObjects: Bool = false) -> JSON {
        .array(vertices.map { $0.json(rangesAsObjects: rangesAsObjects) })
    }
}

extension Shape.Vertex {
    fileprivate func json(rangesAsObjects: Bool) -> JSON {
        var object: JSON.Object = ["type": .string(type)]
        switch count {
        case .integer: object["count"] = count.json
        case .range where rangesAsObjects: object["count"] = count.json
        default: object["count"] = .string(countText)
        }
        if let label { object["label"] = .string(label) }
        // A member of the same name replaces the one from the short notation, as in flux-core.
        for (key, value) in attributes { object[key] = value }
        if !children.isEmpty { object["with"] = .array(children.map { $0.json(rangesAsObjects: rangesAsObjects) }) }
        return .object(object)
    }
}
