public import FluxJSON

/// Decides whether a jobspec is accepted, as flux-core's job-validator does, with its texts.
///
/// The reference is written in Python and takes some things for granted that JSON distinguishes (true is 1, an empty
/// string is an empty list); those are accepted here too, so that a document that runs there runs here.
///
/// Source: observed: flux-core 0.88 (`flux job-validator`, python class `Jobspec`).
public struct JobspecValidator: Sendable {
    /// Only this version, or the rules of whatever version the document says.
    public var requiredVersion: Int64?
    /// Hosts that a `hostlist` constraint may name; nil for any.
    public var hosts: Set<String>?

    public init(requiredVersion: Int64? = 1, hosts: Set<String>? = nil) {
        self.requiredVersion = requiredVersion
        self.hosts = hosts
    }

    static let topLevelKeys = ["resources", "tasks", "version", "attributes"]

    /// Checks a document.
    ///
    /// - Throws: ``JobspecError`` with the first reason.
    public func validate(_ jobspec: JSON) throws(JobspecError) {
        guard let fields = jobspec.objectValue else { throw JobspecError("jobspec must be a mapping", .wrongType) }
        try requireKeys(Self.topLevelKeys, fields)
        let version = fields["version"] ?? .null
        let isOne = version.numberValue == 1 || version == .bool(true)
        let isV1 = requiredVersion == 1 || isOne
        if isV1, !isOne { throw JobspecError("version must be 1", at: "version") }
        try checkCanonical(fields)
        if isV1 { try checkVersion1(fields) }
    }

    /// Checks a document by the rules that every version shares (RFC 14).
    public static func checkCanonical(_ jobspec: JSON) throws(JobspecError) {
        guard let fields = jobspec.objectValue else { throw JobspecError("jobspec must be a mapping", .wrongType) }
        let validator = JobspecValidator(requiredVersion: nil)
        try validator.requireKeys(topLevelKeys, fields)
        try validator.checkCanonical(fields)
    }

    /// The rules of every version.
    func checkCanonical(_ fields: JSON.Object) throws(JobspecError) {
        let resources = try sequence(fields["resources"], "resources must be a sequence")
        let tasks = try sequence(fields["tasks"], "tasks must be a sequence")
        guard let attributes = fields["attributes"]?.objectValue else {
            throw JobspecError("attributes must be a mapping", .wrongType, at: "attributes")
        }
        guard let version = fields["version"]?.looseInteger else {
            throw JobspecError("version must be an integer", .wrongType, at: "version")
        }
        guard version >= 1 else { throw JobspecError("version must be >= 1", at: "version") }
        do throws(JobspecError) { try check(resources: resources) } catch { throw error.inside("resources") }
        for (index, task) in tasks.enumerated() {
            do throws(JobspecError) { try check(task: task) } catch { throw error.inside("tasks[\(index)]") }
        }
        try requireKeys(["system", "user"], attributes, optional: true)
        if let system = attributes["system"] {
            do throws(JobspecError) { try check(system: system) } catch { throw error.inside("attributes.system") }
        }
    }

    /// What version 1 wants beyond.
    private func checkVersion1(_ fields: JSON.Object) throws(JobspecError) {
        guard let system = fields["attributes"]?["system"] else {
            throw JobspecError("attributes.system is a required key", .missing, at: "attributes.system")
        }
        guard let members = system.objectValue else {
            throw JobspecError("attributes.system must be a mapping", .wrongType, at: "attributes.system")
        }
        guard let duration = members["duration"] else {
            throw JobspecError(
                "attributes.system.duration is a required key", .missing, at: "attributes.system.duration")
        }
        guard duration.numberValue != nil || duration.boolValue != nil else {
            throw JobspecError(
                "attributes.system.duration must be a number", .wrongType, at: "attributes.system.duration")
        }
        for task in fields["tasks"]?.arrayValue ?? [] {
            guard let count = task["count"]?.objectValue, count.contains("per_slot") || count.contains("total") else {
                throw JobspecError("count per_slot or total must be set", .missing, at: "count")
            }
        }
        try checkIntegerCounts(fields["resources"]?.arrayValue ?? [])
    }

    private func checkIntegerCounts(_ resources: [JSON]) throws(JobspecError) {
        for resource in resources {
            let count = resource["count"] ?? .null
            guard count.looseInteger != nil else {
                let type = resource["type"]?.stringValue ?? ""
                throw JobspecError(
                    "resource count must be an integer for type '\(type)' (got '\(count.pythonTypeName)')", .wrongType)
            }
            try checkIntegerCounts(resource["with"]?.arrayValue ?? [])
        }
    }

    // MARK: shared

    func requireKeys(
        _ expected: [String], _ given: JSON.Object, optional: Bool = false, additional: Bool = false
    ) throws(JobspecError) {
        if !optional, let missing = expected.first(where: { !given.contains($0) }) {
            throw JobspecError("Missing key (\(missing))", .missing)
        }
        guard !additional else { return }
        for (key, _) in given where !expected.contains(key) {
            throw JobspecError("Extraneous key (\(key))", .unexpected)
        }
    }

    /// The elements of a list; a string is the list of its characters.
    func sequence(_ value: JSON?, _ complaint: String) throws(JobspecError) -> [JSON] {
        switch value {
        case .array(let elements): return elements
        case .string(let text): return text.map { .string(String($0)) }
        default: throw JobspecError(complaint, .wrongType)
        }
    }
}

extension JSON {
    /// The name a Python programmer has for the type; it is part of an error text.
    var pythonTypeName: String {
        switch self {
        case .null: "NoneType"
        case .bool: "bool"
        case .int: "int"
        case .real: "float"
        case .string: "str"
        case .array: "list"
        case .object: "dict"
        }
    }
}
