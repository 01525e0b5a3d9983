import FluxJSON
import RFC22Idset

extension Taskmap: CustomStringConvertible {
    /// How a map is written.
    public enum Format: Hashable, Sendable, CaseIterable {
        /// The array of blocks, `[[0,2,2,1]]`.
        case array
        /// The array in its wrapper, `{"version":1,"map":[[0,2,2,1]]}`.
        case wrapped
        /// `PMI_process_mapping`, `(vector,(0,2,2))`; the unknown map is empty.
        case pmi
        /// The tasks of each node, `0-1;2-3`; the unknown map is empty.
        case raw
        /// The tasks of each node one by one, `0,1;2,3`; the unknown map is empty.
        case rawDeranged
        /// One line for each task with its node, `0: 0`.
        case multiline
    }

    /// Most tasks or nodes that the forms without blocks are written for, 16777216.
    public static let longestList = 1 << 24

    /// The array of blocks.
    public var description: String { json.text }

    /// The map as text.
    ///
    /// - Returns: nil when the form cannot say it: ``Format/raw`` and ``Format/rawDeranged`` cannot have a node without
    ///   tasks, and they and ``Format/multiline`` are limited to ``longestList``.
    public func formatted(_ format: Format) -> String? {
        switch format {
        case .array: description
        case .wrapped: wrappedJSON.text
        case .pmi: pmi
        case .raw: rawText(.ranges)
        case .rawDeranged: rawText(.list)
        case .multiline: taskLines
        }
    }

    /// The tasks of each node with the name of its host, a line each; nil when a host is missing or has no tasks.
    ///
    /// - Parameter hosts: the host of each node.
    public func lines(hosts: some Collection<String>) -> String? {
        guard let sets = taskIDsOfNodes(), hosts.count >= sets.count else { return nil }
        var text = ""
        for (host, tasks) in zip(hosts, sets) { text += "\(host): \(tasks)\n" }
        return text
    }

    private var pmi: String {
        guard !isUnknown else { return "" }
        var text = "(vector"
        for block in blocks {
            for _ in 0..<block.repeatCount { text += ",(\(block.node),\(block.nodeCount),\(block.tasksPerNode))" }
        }
        return text + ")"
    }

    private var taskLines: String? {
        guard taskCount <= Self.longestList else { return nil }
        var text = ""
        for (task, node) in nodesOfTasks.enumerated() { text += "\(task): \(node)\n" }
        return text
    }

    private func rawText(_ format: Idset.Format) -> String? {
        guard let sets = taskIDsOfNodes() else { return nil }
        return sets.map { $0.formatted(format) }.joined(separator: ";")
    }

    /// The tasks of all nodes, or nil when a node has none or there are too many.
    private func taskIDsOfNodes() -> [Idset]? {
        guard taskCount <= Self.longestList, nodeCount <= taskCount else { return nil }
        var sets = [Idset](repeating: Idset(), count: nodeCount)
        var task: UInt32 = 0
        for block in blocks {
            for _ in 0..<block.repeatCount {
                for node in block.node..<block.endNode {
                    sets[node].insert(task...(task + UInt32(block.tasksPerNode - 1)))
                    task += UInt32(block.tasksPerNode)
                }
            }
        }
        return sets.contains(where: \.isEmpty) ? nil : sets
    }
}
