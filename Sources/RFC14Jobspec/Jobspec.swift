public import FluxJSON

/// What a job wants: resources, tasks and attributes.
///
/// Reading is lenient about what the reference is lenient about and keeps unknown keys; whether a document is *valid*
/// is the business of ``JobspecValidator`` (what flux-core's job-validator accepts) and ``JobspecSchema`` (what the
/// RFCs say).
///
/// Source: RFC 14, RFC 25 (version 1).
///
/// ```swift
/// let jobspec = try Jobspec(json: try JSON(parsing: text))
/// jobspec.tasks[0].command          // ["hostname"]
/// jobspec.duration                  // 3600
/// try JobspecCounts(jobspec.json).nslots
/// ```
public struct Jobspec: Hashable, Sendable {
    /// The trees of resources.
    public var resources: [ResourceVertex]
    /// What runs in them.
    public var tasks: [JobspecTask]
    /// `system` and `user`.
    public var attributes: JSON.Object
    /// 1 for RFC 25.
    public var version: Int64

    public init(
        resources: [ResourceVertex], tasks: [JobspecTask], attributes: JSON.Object = [:], version: Int64 = 1
    ) {
        self.resources = resources
        self.tasks = tasks
        self.attributes = attributes
        self.version = version
    }
}

extension Jobspec: Payload, Codable {
    public init(json: JSON) throws(PayloadError) {
        let fields = try json.requireObject()
        version = try fields.int("version")
        resources = try fields.payloads("resources")
        tasks = try fields.payloads("tasks")
        attributes = fields["attributes"]?.isNull == true ? [:] : try fields.optionalObject("attributes") ?? [:]
    }

    /// The document; key order is that of flux-core's commands.
    public var json: JSON {
        [
            "resources": .array(resources.map(\.json)), "tasks": .array(tasks.map(\.json)),
            "attributes": .object(attributes), "version": .int(version),
        ]
    }
}
