public import FluxJSON
public import RFC26Dependency

extension Jobspec {
    /// An attribute by its dotted name below `attributes`: `system.duration`, `user.note`.
    public func attribute(_ path: String) -> JSON? { JSON.object(attributes).value(at: path) }

    /// Sets an attribute and creates the objects on the way.
    public mutating func setAttribute(_ path: String, _ value: JSON) throws(JSON.PathError) {
        var document = JSON.object(attributes)
        try document.set(value, at: path)
        attributes = document.objectValue ?? attributes
    }

    /// Removes an attribute.
    public mutating func removeAttribute(_ path: String) {
        var document = JSON.object(attributes)
        document.remove(at: path)
        attributes = document.objectValue ?? attributes
    }

    /// Sets a shell option by its dotted name.
    public mutating func setShellOption(_ path: String, _ value: JSON) throws(JSON.PathError) {
        try setAttribute("system.shell.options." + path, value)
    }

    /// Time limit in seconds; 0 or nil for none.
    public var duration: Double? { attribute("system.duration")?.numberValue }
    /// Queue the job is submitted to; nil for the default.
    public var queue: String? { attribute("system.queue")?.stringValue }
    /// Working directory.
    public var cwd: String? { attribute("system.cwd")?.stringValue }
    /// The name somebody gave the job.
    public var name: String? { attribute("system.job.name")?.stringValue }
    /// Options of the job shell.
    public var shellOptions: JSON.Object { attribute("system.shell.options")?.objectValue ?? [:] }
    /// A constraint of RFC 31.
    public var constraints: JSON? { attribute("system.constraints") }

    /// Environment; values that are no strings are left out.
    public var environment: [String: String] {
        var result: [String: String] = [:]
        for (key, value) in attribute("system.environment")?.objectValue ?? [:] { result[key] = value.stringValue }
        return result
    }

    /// What the job waits for.
    public var dependencies: [JobDependency] {
        get throws(PayloadError) {
            let system = attributes["system"]?.objectValue ?? [:]
            return system["dependencies"] == nil ? [] : try system.payloads("dependencies")
        }
    }

    /// The document without the environment, as job-ingest stores and the job manager keeps it.
    public static func redacted(_ json: JSON) -> JSON {
        var document = json
        document.remove(at: "attributes.system.environment")
        return document
    }
}
