import FluxJSON

/// What the configuration adds to a jobspec: defaults of the instance and of the queue, and the queue's constraints.
///
/// Source: RFC 33; observed: flux-core 0.88, frobnicator plug-ins `defaults` and `constraints`.
struct QueueDefaults: Hashable, Sendable {
    /// Why a jobspec or a configuration cannot be used, in words.
    struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    private let general: JSON.Object
    private let queues: JSON.Object

    /// - Parameter configuration: the whole configuration of the instance.
    init(configuration: JSON) throws(Failure) {
        general = Self.defaults(in: configuration)
        if let table = configuration["queues"] {
            guard let object = table.objectValue else { throw Failure("queues must be a table") }
            queues = object
        } else {
            queues = [:]
        }
        if let name = general["queue"]?.stringValue, queues[name] == nil {
            throw Failure("default queue '\(name)' must be in [queues]")
        }
        for name in queues.keys { _ = try defaults(ofQueue: name) }
    }

    /// Whether there is anything to add.
    var isEmpty: Bool { general.isEmpty && queues.isEmpty }

    private static func defaults(in entry: JSON?) -> JSON.Object {
        entry?["policy"]?["jobspec"]?["defaults"]?["system"]?.objectValue ?? [:]
    }

    /// General defaults, over them those of the parent queue, over them those of the queue.
    private func defaults(ofQueue name: String?) throws(Failure) -> JSON.Object {
        var defaults = general
        guard let name, !queues.isEmpty else { return defaults }
        guard let queue = queues[name] else { throw Failure("Invalid queue '\(name)' specified") }
        if let parent = queue["parent"]?.stringValue {
            guard let entry = queues[parent] else {
                throw Failure("queue '\(name)': parent queue '\(parent)' is not configured")
            }
            for (key, value) in Self.defaults(in: entry) { defaults[key] = value }
        }
        for (key, value) in Self.defaults(in: queue) { defaults[key] = value }
        return defaults
    }

    /// The jobspec with what was missing.
    func applied(to jobspec: JSON) throws(Failure) -> JSON {
        guard !isEmpty, var document = jobspec.objectValue else { return jobspec }
        var attributes = document["attributes"]?.objectValue ?? [:]
        var system = attributes["system"]?.objectValue ?? [:]
        let queue = system["queue"]?.stringValue ?? general["queue"]?.stringValue
        guard queue != nil || queues.isEmpty else { throw Failure("no queue specified") }
        for (key, value) in try defaults(ofQueue: queue) {
            if key == "duration", system["duration"]?.numberValue ?? 0 == 0 {
                system["duration"] = Self.seconds(value)
            } else if system[key] == nil {
                system[key] = value
            }
        }
        try addConstraints(of: system["queue"]?.stringValue, to: &system)
        attributes["system"] = .object(system)
        document["attributes"] = .object(attributes)
        return .object(document)
    }

    private func addConstraints(of queue: String?, to system: inout JSON.Object) throws(Failure) {
        guard let queue else { return }
        guard var entry = queues[queue] else { throw Failure("Invalid queue '\(queue)' specified") }
        var owner = queue
        if let parent = entry["parent"]?.stringValue {
            guard let other = queues[parent] else {
                throw Failure("queue '\(queue)': parent queue '\(parent)' is not configured")
            }
            entry = other
            owner = parent
        }
        // The nodes of a queue with hosts have its name as a property.
        let membership: [JSON]? = entry["hosts"] == nil ? nil : [.string("+" + owner)]
        guard let required = membership ?? entry["requires"]?.arrayValue else { return }
        guard var constraints = system["constraints"]?.objectValue else {
            system["constraints"] = ["properties": .array(required)]
            return
        }
        if var properties = constraints["properties"]?.arrayValue {
            for property in required where !properties.contains(property) { properties.append(property) }
            constraints["properties"] = .array(properties)
            system["constraints"] = .object(constraints)
        } else {
            system["constraints"] = ["and": [.object(constraints), ["properties": .array(required)]]]
        }
    }

    /// A duration may be written as a text in the configuration; a jobspec has seconds.
    private static func seconds(_ value: JSON) -> JSON {
        guard let text = value.stringValue, let duration = DurationText(text) else { return value }
        return .real(duration.seconds)
    }
}
