internal import FluxJSON

/// The option `taskmap`: another order of the tasks than blocks.
enum TaskMapScheme {
    static func apply(_ option: JSON?, to info: ShellInfo) throws(ShellExit) -> TaskMap {
        guard let option else { return info.taskMap }
        guard let scheme = option["scheme"]?.stringValue else {
            throw ShellExit(1, "failed to parse taskmap shell option")
        }
        let value = option["value"]?.stringValue ?? ""
        switch scheme {
        case "block":
            guard value.isEmpty else { throw ShellExit(1, "block taskmap does not accept a value (got \(value))") }
            return info.taskMap
        case "cyclic":
            return try cyclic(info.taskMap, value)
        default:
            throw ShellExit(1, "failed to map tasks with scheme=\(scheme)")
        }
    }

    /// Tasks in turns over the nodes, `stride` at a time.
    static func cyclic(_ map: TaskMap, _ value: String) throws(ShellExit) -> TaskMap {
        var stride = 1
        if !value.isEmpty {
            guard let number = Int(value), number > 0 else {
                throw ShellExit(1, "invalid cyclic stride: \(value)", component: "taskmap.cyclic")
            }
            stride = number
        }
        var left = map.tasksOfNode.map(\.count)
        var result = TaskMap(blocks: [])
        while left.contains(where: { $0 > 0 }) {
            for node in left.indices where left[node] > 0 {
                let count = min(stride, left[node])
                result.append(TaskMap.Block(nodeID: node, nodeCount: 1, tasksPerNode: count, repeats: 1))
                left[node] -= count
            }
        }
        return result
    }
}
