internal import FluxJSON
internal import RFC22Idset

/// Which tasks are on which node of the job.
///
/// Blocks as RFC 34 has them: from `nodeID` on, `nodeCount` nodes get `tasksPerNode` tasks each, `repeats` times over.
struct TaskMap: Hashable {
    struct Block: Hashable {
        var nodeID: Int
        var nodeCount: Int
        var tasksPerNode: Int
        var repeats: Int
    }

    private(set) var blocks: [Block] = []

    /// Task numbers of each node.
    private(set) var tasksOfNode: [Idset] = []
    private(set) var taskCount = 0

    /// Consecutive tasks on each node.
    init(tasksPerNode counts: [Int]) {
        for (node, count) in counts.enumerated() { append(Block(nodeID: node, nodeCount: 1, tasksPerNode: count, repeats: 1)) }
        while tasksOfNode.count < counts.count { tasksOfNode.append(Idset()) }
    }

    init(blocks: [Block]) {
        for block in blocks { append(block) }
    }

    /// Adds tasks after the last one, in as few blocks as possible.
    mutating func append(_ block: Block) {
        for _ in 0..<block.repeats {
            for node in block.nodeID..<(block.nodeID + block.nodeCount) { place(block.tasksPerNode, on: node) }
        }
        guard block.tasksPerNode > 0 else { return }
        if var last = blocks.last, last.repeats == 1, block.repeats == 1, last.tasksPerNode == block.tasksPerNode,
            last.nodeID + last.nodeCount == block.nodeID
        {
            last.nodeCount += block.nodeCount
            blocks[blocks.count - 1] = last
        } else if var last = blocks.last, last.nodeID == block.nodeID, last.nodeCount == block.nodeCount,
            last.tasksPerNode == block.tasksPerNode
        {
            last.repeats += block.repeats
            blocks[blocks.count - 1] = last
        } else {
            blocks.append(block)
        }
    }

    private mutating func place(_ count: Int, on node: Int) {
        while tasksOfNode.count <= node { tasksOfNode.append(Idset()) }
        guard count > 0 else { return }
        tasksOfNode[node].insert(UInt32(taskCount)...UInt32(taskCount + count - 1))
        taskCount += count
    }

    /// The node of a task, nil when there is no such task.
    func node(of task: Int) -> Int? {
        tasksOfNode.firstIndex { $0.contains(UInt32(clamping: task)) }
    }

    /// The map as RFC 34 wraps it.
    var json: JSON { ["version": 1, "map": rows] }

    private var rows: JSON {
        .array(
            blocks.map { block in
                .array([
                    .int(Int64(block.nodeID)), .int(Int64(block.nodeCount)), .int(Int64(block.tasksPerNode)),
                    .int(Int64(block.repeats)),
                ])
            })
    }

    /// The map as MPI libraries know it; nil when it has more blocks than that form may have.
    var processMapping: String {
        var parts: [String] = []
        for block in blocks {
            for _ in 0..<block.repeats { parts.append("(\(block.nodeID),\(block.nodeCount),\(block.tasksPerNode))") }
        }
        return "(vector,\(parts.joined(separator: ",")))"
    }
}
