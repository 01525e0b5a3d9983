import FluxJSON

/// Makes a version 1 jobspec from the numbers of a command line.
///
/// Two ways: so many *tasks* of so many cores (`forTasks`), or so many *resources* with tasks on each (`perResource`).
/// Attributes beyond a duration of 0 are the caller's.
///
/// Source: observed: flux-core 0.88 (python `JobspecV1.from_command`, `per_resource`, `from_nest_command`).
public enum JobspecBuilder {
    /// Tasks for each of a resource.
    public struct TasksPerResource: Hashable, Sendable {
        /// `node` or `core`.
        public var type: String
        /// Tasks on each.
        public var count: Int64

        public init(type: String, count: Int64) {
            self.type = type
            self.count = count
        }
    }

    /// A job of tasks, each with cores and GPUs of its own.
    ///
    /// - Parameters:
    ///   - command: the program and its arguments.
    ///   - taskCount: at least 1.
    ///   - coresPerTask: at least 1.
    ///   - gpusPerTask: nil and 0 are the same.
    ///   - nodeCount: spread over so many nodes; nil leaves it to the scheduler.
    ///   - isExclusive: whole nodes; needs a node count.
    public static func forTasks(
        command: [String], taskCount: Int64 = 1, coresPerTask: Int64 = 1, gpusPerTask: Int64? = nil,
        nodeCount: Int64? = nil, isExclusive: Bool = false
    ) throws(JobspecError) -> Jobspec {
        guard taskCount >= 1 else { throw JobspecError("task count must be a integer >= 1") }
        guard coresPerTask >= 1 else { throw JobspecError("cores per task must be an integer >= 1") }
        guard gpusPerTask ?? 0 >= 0 else { throw JobspecError("gpus per task must be an integer >= 0") }
        if let nodeCount {
            guard nodeCount >= 1 else { throw JobspecError("node count must be an integer >= 1 (if set)") }
            guard nodeCount <= taskCount else {
                throw JobspecError("node count must not be greater than task count", .tooLarge)
            }
        } else if isExclusive {
            throw JobspecError("exclusive can only be set with a node count")
        }
        let children = parts(cores: coresPerTask, gpus: gpusPerTask)
        guard let nodeCount else {
            return jobspec(command, slot(taskCount, children), .perSlot(1))
        }
        let isEven = taskCount % nodeCount == 0
        let slots = taskCount / nodeCount + (isEven ? 0 : 1)
        let node = ResourceVertex(
            type: "node", count: nodeCount, exclusive: isExclusive ? true : nil, with: [slot(slots, children)])
        return jobspec(command, node, isEven ? .perSlot(1) : .total(taskCount))
    }

    /// A job of cores or nodes, with tasks on each node or core.
    public static func perResource(
        command: [String], coreCount: Int64? = nil, nodeCount: Int64? = nil, per: TasksPerResource? = nil,
        gpusPerNode: Int64? = nil, isExclusive: Bool = false
    ) throws(JobspecError) -> Jobspec {
        if let per {
            guard per.type == "node" || per.type == "core" else {
                throw JobspecError("Invalid per_resource_type='\(per.type)' specified")
            }
            guard per.count >= 1 else { throw JobspecError("per_resource_count must be >= 1") }
        }
        guard coreCount ?? 1 >= 1 else { throw JobspecError("ncores must be an integer >= 1") }
        guard gpusPerNode ?? 0 >= 0 else { throw JobspecError("gpus_per_node must be an integer >= 0") }
        if gpusPerNode != nil, nodeCount ?? 0 == 0 {
            throw JobspecError("gpus_per_node must be specified with nnodes", .missing)
        }
        guard nodeCount ?? 1 >= 1 else { throw JobspecError("nnodes must be an integer >= 1") }
        if nodeCount == nil, isExclusive { throw JobspecError("exclusive can only be set with a node count") }
        let resources = try vertex(coreCount, nodeCount, gpusPerNode, isExclusive)
        var result = jobspec(command, resources, .perSlot(1))
        if let per {
            let value: JSON = ["type": .string(per.type), "count": .int(per.count)]
            result.attributes = ["system": ["duration": 0, "shell": ["options": ["per-resource": value]]]]
        }
        return result
    }

    private static func vertex(
        _ coreCount: Int64?, _ nodeCount: Int64?, _ gpusPerNode: Int64?, _ isExclusive: Bool
    ) throws(JobspecError) -> ResourceVertex {
        guard let nodeCount else {
            guard let coreCount else {
                throw JobspecError("must specify node or core count with per_resource", .missing)
            }
            return slot(coreCount, parts(cores: 1, gpus: nil))
        }
        var slotSize: Int64 = 1
        if let coreCount {
            guard coreCount >= nodeCount else { throw JobspecError("number of cores cannot be less than nnodes") }
            guard coreCount % nodeCount == 0 else {
                throw JobspecError("number of cores must be evenly divisible by node count")
            }
            slotSize = coreCount / nodeCount
        } else if !isExclusive {
            throw JobspecError("Specifying nnodes also requires ncores or exclusive", .missing)
        }
        return ResourceVertex(
            type: "node", count: nodeCount, exclusive: isExclusive ? true : nil,
            with: [slot(1, parts(cores: slotSize, gpus: gpusPerNode))])
    }

    /// A Flux instance as a job: brokers on every node, with an initial program.
    ///
    /// - Parameters:
    ///   - command: initial program; empty for an interactive shell.
    ///   - brokerOptions: options of the brokers, in front of the command.
    ///   - slotCount: brokers, each with cores and GPUs of its own.
    ///   - coresPerSlot: at least 1.
    ///   - gpusPerSlot: nil and 0 are the same.
    ///   - nodeCount: spread over so many nodes; nil leaves it to the scheduler.
    ///   - isExclusive: whole nodes; needs a node count.
    public static func nested(
        command: [String], brokerOptions: [String] = [], slotCount: Int64 = 1, coresPerSlot: Int64 = 1,
        gpusPerSlot: Int64? = nil, nodeCount: Int64? = nil, isExclusive: Bool = false
    ) throws(JobspecError) -> Jobspec {
        try forTasks(
            command: ["flux", "broker"] + brokerOptions + command, taskCount: slotCount, coresPerTask: coresPerSlot,
            gpusPerTask: gpusPerSlot, nodeCount: nodeCount, isExclusive: isExclusive)
    }

    private static func parts(cores: Int64, gpus: Int64?) -> [ResourceVertex] {
        let core = ResourceVertex(type: "core", count: cores)
        guard let gpus, gpus > 0 else { return [core] }
        return [core, ResourceVertex(type: "gpu", count: gpus)]
    }

    private static func slot(_ count: Int64, _ children: [ResourceVertex]) -> ResourceVertex {
        ResourceVertex(type: "slot", count: count, with: children, label: "task")
    }

    private static func jobspec(_ command: [String], _ resources: ResourceVertex, _ count: JobspecTask.Count) -> Jobspec
    {
        Jobspec(
            resources: [resources], tasks: [JobspecTask(command: command, count: count)],
            attributes: ["system": ["duration": 0]])
    }
}
