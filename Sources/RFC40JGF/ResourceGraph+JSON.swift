public import FluxJSON

extension ResourceGraph: Payload, Codable {
    /// Reads the value of a `scheduling` key, `{"graph": {"nodes", "edges"}, "writer"?}`.
    ///
    /// - Throws: `PayloadError` with the path of the first problem, also when the graph is not consistent.
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        writer = try object.optionalString("writer")
        let graph = try object.object("graph")
        do throws(PayloadError) {
            vertices = try graph.payloads("nodes")
            edges = try graph["edges"] == nil ? [] : graph.payloads("edges")
        } catch {
            throw error.inside("graph")
        }
        if let problem = inconsistency {
            throw PayloadError(path: "graph", expected: "consistent graph", found: problem)
        }
    }

    /// The value of a `scheduling` key.
    public var json: JSON {
        var object: JSON.Object = [
            "graph": ["nodes": .array(vertices.map(\.json)), "edges": .array(edges.map(\.json))]
        ]
        if let writer { object["writer"] = .string(writer) }
        return .object(object)
    }
}

extension ResourceGraph.Vertex: Payload {
    /// Reads `{"id", "metadata"}`; metadata that is left out has the usual value.
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        let vertexID = try object.string("id")
        let metadata = try object.object("metadata")
        do throws(PayloadError) {
            self.init(
                vertexID: vertexID, type: try metadata.string("type"), id: try metadata.int("id"),
                rank: try metadata.optionalInt("rank") ?? -1, basename: try metadata.optionalString("basename"),
                name: try metadata.optionalString("name"), size: try metadata.optionalInt("size") ?? 1,
                unit: try metadata.optionalString("unit") ?? "",
                isExclusive: try metadata.optionalBool("exclusive") ?? false,
                uuid: try metadata.optionalString("uuid"),
                properties: try Self.properties(metadata["properties"]))
            for (subsystem, _) in try metadata.optionalObject("paths") ?? [:] {
                paths[subsystem] = try metadata.object("paths").string(subsystem)
            }
        } catch {
            throw error.inside("metadata")
        }
        for (key, value) in metadata where !Self.knownKeys.contains(key) { other[key] = value }
    }

    private static let knownKeys: Set<String> = [
        "type", "id", "rank", "basename", "name", "size", "unit", "exclusive", "uuid", "properties", "paths",
    ]

    /// Properties are an object, or an array of names in graphs of old versions.
    private static func properties(_ json: JSON?) throws(PayloadError) -> JSON.Object {
        guard let json, !json.isNull else { return [:] }
        if let object = json.objectValue { return object }
        guard let names = json.arrayValue else {
            throw PayloadError(path: "properties", expected: "object", found: json)
        }
        var result = JSON.Object()
        for (index, name) in names.enumerated() {
            guard let text = name.stringValue else {
                throw PayloadError(path: "properties[\(index)]", expected: "string", found: name)
            }
            result[text] = ""
        }
        return result
    }

    /// The vertex; metadata with the usual values are left out, except `id` and `rank`.
    public var json: JSON {
        var metadata: JSON.Object = ["type": .string(type)]
        if basename != type { metadata["basename"] = .string(basename) }
        if name != "\(basename)\(id)" { metadata["name"] = .string(name) }
        metadata["id"] = .int(id)
        metadata["rank"] = .int(rank)
        if let uuid { metadata["uuid"] = .string(uuid) }
        if !properties.isEmpty { metadata["properties"] = .object(properties) }
        if !unit.isEmpty { metadata["unit"] = .string(unit) }
        if isExclusive { metadata["exclusive"] = true }
        if size != 1 { metadata["size"] = .int(size) }
        if !paths.isEmpty {
            let entries = paths.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
            metadata["paths"] = .object(JSON.Object(entries))
        }
        for (key, value) in other { metadata[key] = value }
        return ["id": .string(vertexID), "metadata": .object(metadata)]
    }
}

extension ResourceGraph.Edge: Payload {
    /// Reads `{"source", "target", "metadata"?}`. In graphs of old versions the relationship is in `metadata.name`,
    /// by subsystem.
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        self.init(source: try object.string("source"), target: try object.string("target"))
        let metadata = try object.optionalObject("metadata") ?? [:]
        do throws(PayloadError) {
            if let name = try metadata.optionalObject("name")?.first(where: { _ in true }) {
                subsystem = name.key
                relationship = name.value.stringValue
            }
            if let subsystem = try metadata.optionalString("subsystem") { self.subsystem = subsystem }
            if let relationship = try metadata.optionalString("relationship") { self.relationship = relationship }
        } catch {
            throw error.inside("metadata")
        }
    }

    /// The edge; containment without a relationship of its own has no metadata.
    public var json: JSON {
        var metadata = JSON.Object()
        if subsystem != "containment" || relationship != nil { metadata["subsystem"] = .string(subsystem) }
        if let relationship { metadata["relationship"] = .string(relationship) }
        var object: JSON.Object = ["source": .string(source), "target": .string(target)]
        if !metadata.isEmpty { object["metadata"] = .object(metadata) }
        return .object(object)
    }
}
