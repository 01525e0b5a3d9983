internal import FluxJSON

/// What the shell reads of a jobspec.
///
/// Source: RFC 14, RFC 25; observed: flux-core 0.88 accepts any version and looks at these members alone.
struct JobDocument {
    /// How many tasks there are.
    enum TaskCount: Hashable {
        case total(Int)
        /// One for each slot.
        case perSlot
    }

    /// Tasks by kind of resource instead of by slot.
    struct PerResource: Hashable {
        enum Kind: String { case node, core }
        var kind: Kind
        var count: Int
    }

    var version: Int64
    var command: [String]
    var taskCount: TaskCount
    /// Slots as the resources ask for them: of the job, or of each node when `isPerNode`.
    var slotCount: Int
    var isPerNode: Bool
    var firstResourceIsNode: Bool
    var isNodeExclusive: Bool
    var directory: String?
    var environment: [String: String]
    var options: ShellOptions
    var name: String?
    var files: JSON.Object
    /// The batch script of older submitters: `attributes.system.batch`.
    var batch: JSON?
    var perResource: PerResource?

    init(_ jobspec: JSON) throws(ShellExit) {
        do {
            let object = try jobspec.requireObject()
            version = try object.int("version")
            let resources = try object.array("resources")
            let tasks = try object.array("tasks")
            guard let task = tasks.first else { throw ShellExit(1, "error parsing jobspec: tasks is empty") }
            command = try task.requireObject().strings("command")
            taskCount = try Self.taskCount(try task.requireObject().object("count"))
            let system = jobspec["attributes"]?["system"]
            directory = system?["cwd"]?.stringValue
            environment = try Self.environment(system?["environment"])
            options = ShellOptions(system?["shell"]?["options"]?.objectValue ?? [:])
            name = system?["job"]?["name"]?.stringValue
            files = system?["files"]?.objectValue ?? [:]
            batch = system?["batch"]
            let slots = try Self.slots(resources, isBelowNode: false)
            slotCount = slots.count
            isPerNode = slots.isPerNode
            firstResourceIsNode = resources.first?["type"]?.stringValue == "node"
            isNodeExclusive = Self.isNodeExclusive(resources)
            perResource = try Self.perResource(options)
        } catch let exit as ShellExit {
            throw exit
        } catch {
            throw ShellExit(1, "error parsing jobspec: \(error)")
        }
        guard !command.isEmpty else { throw ShellExit(1, "error parsing jobspec: Malformed command entry") }
    }

    private static func taskCount(_ count: JSON.Object) throws(ShellExit) -> TaskCount {
        guard count.count == 1 else {
            throw ShellExit(1, "error parsing jobspec: tasks count must have exactly one key set")
        }
        if let total = count["total"]?.intValue, total > 0, total <= Int64(Int32.max) { return .total(Int(total)) }
        guard let perSlot = count["per_slot"]?.intValue else {
            throw ShellExit(1, "error parsing jobspec: Unable to parse tasks count")
        }
        guard perSlot == 1 else {
            throw ShellExit(1, "error parsing jobspec: per_slot count: expected 1 got \(perSlot)")
        }
        return .perSlot
    }

    private static func environment(_ json: JSON?) throws(ShellExit) -> [String: String] {
        guard let json, json != .null else { return [:] }
        guard let object = json.objectValue else {
            throw ShellExit(1, "error parsing jobspec: attributes.system.environment is not object type")
        }
        var result: [String: String] = [:]
        for (key, value) in object { result[key] = value.stringValue }
        return result
    }

    /// The slot is somewhere below the resources; a node above it makes the count one of each node.
    private static func slots(
        _ resources: [JSON], isBelowNode: Bool, depth: Int = 0
    ) throws(ShellExit) -> (count: Int, isPerNode: Bool) {
        guard depth < 64 else { throw ShellExit(1, "error parsing jobspec: resources are nested too deep") }
        for resource in resources {
            let type = resource["type"]?.stringValue
            if type == "slot" {
                guard let count = resource["count"]?.intValue, count > 0, count <= Int64(Int32.max) else {
                    // A range or an RFC 14 count: what was granted tells, see ``TaskPlacement``.
                    return (0, isBelowNode)
                }
                return (Int(count), isBelowNode)
            }
            if let with = resource["with"]?.arrayValue,
                let found = try? slots(with, isBelowNode: isBelowNode || type == "node", depth: depth + 1)
            {
                return found
            }
        }
        throw ShellExit(1, "error parsing jobspec: Missing slot resource")
    }

    private static func isNodeExclusive(_ resources: [JSON], depth: Int = 0) -> Bool {
        for resource in resources where depth < 64 {
            if resource["type"]?.stringValue == "node" { return resource["exclusive"]?.boolValue ?? false }
            if let with = resource["with"]?.arrayValue { return isNodeExclusive(with, depth: depth + 1) }
        }
        return false
    }

    private static func perResource(_ options: ShellOptions) throws(ShellExit) -> PerResource? {
        guard let option = options["per-resource"] else { return nil }
        let count = option["count"]?.intValue ?? 1
        guard count > 0, count <= 1 << 20 else {
            throw ShellExit(1, "error parsing jobspec: per-resource.count must be > 0")
        }
        let name = option["type"]?.stringValue ?? ""
        guard let kind = PerResource.Kind(rawValue: name) else {
            throw ShellExit(1, "error distributing \(count) tasks per-\(name) over R")
        }
        return PerResource(kind: kind, count: Int(count))
    }
}
