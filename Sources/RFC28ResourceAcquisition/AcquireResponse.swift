public import FluxJSON
public import RFC22Idset

/// What a scheduler hears from `resource.acquire`: once all resources, then what changes.
///
/// The request has no payload and one holder at a time; the stream does not end by itself.
public enum AcquireResponse: Payload, Hashable {
    /// The first response.
    case initial(AcquiredResources)
    /// Every further response.
    case update(AcquireUpdate)

    /// Reads a response; one with `resources` is the first.
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        self =
            object["resources"] == nil
            ? .update(try AcquireUpdate(json: json)) : .initial(try AcquiredResources(json: json))
    }

    /// The payload.
    public var json: JSON {
        switch self {
        case .initial(let response): response.json
        case .update(let response): response.json
        }
    }
}

/// The first response to `resource.acquire`.
public struct AcquiredResources: Payload, Hashable {
    /// RFC 20 *R* of the instance without what the configuration excludes; `scheduling` is included.
    public var resources: JSON
    /// Ranks on which jobs may be started now.
    public var up: Idset

    /// A response.
    public init(resources: JSON, up: Idset) {
        self.resources = resources
        self.up = up
    }

    /// Reads `{"resources", "up"}`.
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        resources = .object(try object.object("resources"))
        guard let ranks = try idset(object, "up") else {
            throw PayloadError(path: "up", expected: "string", found: nil)
        }
        up = ranks
    }

    /// The payload.
    public var json: JSON { ["resources": resources, "up": .string(up.description)] }
}

/// A change of what a scheduler has acquired: only what changes is mentioned.
public struct AcquireUpdate: Payload, Hashable {
    /// Ranks that became available.
    public var up: Idset
    /// Ranks that are no longer available.
    public var down: Idset
    /// Ranks that the instance has lost for good; they are in ``down`` as well.
    public var shrink: Idset
    /// Properties that nodes get, by name.
    public var addedProperties: [String: Idset]
    /// Properties that nodes lose, by name.
    public var removedProperties: [String: Idset]
    /// The new end of the resources in seconds since 1970-01-01 UTC, nil when it did not change.
    public var expiration: Double?

    /// An update.
    public init(
        up: Idset = Idset(), down: Idset = Idset(), shrink: Idset = Idset(),
        addedProperties: [String: Idset] = [:], removedProperties: [String: Idset] = [:], expiration: Double? = nil
    ) {
        self.up = up
        self.down = down
        self.shrink = shrink
        self.addedProperties = addedProperties
        self.removedProperties = removedProperties
        self.expiration = expiration
    }

    /// The update that leads from one set of available ranks to another.
    public init(from old: Idset, to new: Idset, losing lost: Idset = Idset()) {
        self.init(up: new.subtracting(old), down: old.subtracting(new).union(lost), shrink: lost)
    }

    /// Whether nothing changes.
    public var isEmpty: Bool {
        up.isEmpty && down.isEmpty && shrink.isEmpty && addedProperties.isEmpty && removedProperties.isEmpty
            && expiration == nil
    }

    /// Reads `{"up"?, "down"?, "shrink"?, "property-add"?, "property-remove"?, "expiration"?}`.
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        up = try idset(object, "up") ?? Idset()
        down = try idset(object, "down") ?? Idset()
        shrink = try idset(object, "shrink") ?? Idset()
        addedProperties = try properties(object, "property-add")
        removedProperties = try properties(object, "property-remove")
        expiration = try object.optionalNumber("expiration")
    }

    /// The payload.
    public var json: JSON {
        var object = JSON.Object()
        for (key, ids) in [("up", up), ("down", down), ("shrink", shrink)] where !ids.isEmpty {
            object[key] = .string(ids.description)
        }
        for (key, list) in [("property-add", addedProperties), ("property-remove", removedProperties)]
        where !list.isEmpty {
            let entries = list.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value.description)) }
            object[key] = .object(JSON.Object(entries))
        }
        object["expiration"] = expiration.map { .real($0) }
        return .object(object)
    }
}

private func idset(_ object: JSON.Object, _ key: String) throws(PayloadError) -> Idset? {
    guard let text = try object.optionalString(key) else { return nil }
    guard let ids = try? Idset(parsing: text) else {
        throw PayloadError(path: key, expected: "idset", found: "\"\(text)\"")
    }
    return ids
}

private func properties(_ object: JSON.Object, _ key: String) throws(PayloadError) -> [String: Idset] {
    var result: [String: Idset] = [:]
    for (name, _) in try object.optionalObject(key) ?? [:] {
        do throws(PayloadError) { result[name] = try idset(object.object(key), name) } catch { throw error.inside(key) }
    }
    return result
}
