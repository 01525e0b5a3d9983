public import RFC22Idset

/// Which tasks of a parallel program run on which node.
///
/// Tasks are numbered from 0 in the order of the blocks, so a regular distribution of a million tasks is one block.
///
/// ```swift
/// let map = try Taskmap(parsing: "[[0,4,1,4]]")
/// map.taskIDs(onNode: 1)        // 1,5,9,13
/// map.node(ofTask: 6)           // 2
/// map.formatted(.raw)           // "0,4,8,12;1,5,9,13;2,6,10,14;3,7,11,15"
/// ```
///
/// Source: RFC 34.
public struct Taskmap: Hashable, Sendable {
    /// Consecutive nodes with equally many consecutive tasks each, possibly several times over.
    public struct Block: Hashable, Sendable {
        /// The first node, from 0.
        public internal(set) var node: Int
        /// Number of nodes, at least 1.
        public internal(set) var nodeCount: Int
        /// Number of tasks on each node, at least 1.
        public internal(set) var tasksPerNode: Int
        /// How often the block is repeated, at least 1.
        public internal(set) var repeatCount: Int

        /// Creates a block, or nil when a number is out of range or the block has more tasks than a map can have.
        public init?(node: Int, nodeCount: Int, tasksPerNode: Int, repeatCount: Int = 1) {
            let numbers = [node, nodeCount, tasksPerNode, repeatCount]
            guard node >= 0, nodeCount > 0, tasksPerNode > 0, repeatCount > 0 else { return nil }
            guard numbers.allSatisfy({ $0 <= Taskmap.maximumTaskCount }) else { return nil }
            self.node = node
            self.nodeCount = nodeCount
            self.tasksPerNode = tasksPerNode
            self.repeatCount = repeatCount
            let (total, overflow) = tasksPerRound.multipliedReportingOverflow(by: repeatCount)
            guard !overflow, total <= Taskmap.maximumTaskCount else { return nil }
        }

        /// Number of tasks of one repetition.
        var tasksPerRound: Int { nodeCount * tasksPerNode }

        /// Number of tasks of all repetitions.
        public var taskCount: Int { tasksPerRound * repeatCount }

        /// The node behind the last.
        var endNode: Int { node + nodeCount }
    }

    /// Most tasks a map can have, 2147483647.
    public static let maximumTaskCount = Int(Idset.maximumID)
    /// Most blocks a map can have, repetitions counted, 4194304.
    public static let maximumBlockCount = 1 << 22

    /// The blocks, in the order of their tasks; none when the map is unknown.
    public internal(set) var blocks: [Block] = []
    /// Number of tasks in the map, 0 when it is unknown.
    public internal(set) var taskCount = 0
    /// Number of blocks, repetitions counted.
    var roundCount = 0

    /// The unknown map.
    public init() {}

    /// Whether nothing is known about where tasks run.
    public var isUnknown: Bool { blocks.isEmpty }

    /// Number of nodes: one more than the largest node, 0 when the map is unknown.
    public var nodeCount: Int { blocks.reduce(0) { max($0, $1.endNode) } }

    /// The tasks on a node, or nil when the map has none there.
    ///
    /// - Complexity: linear in the number of blocks and their repetitions.
    public func taskIDs(onNode node: Int) -> Idset? {
        var tasks = Idset()
        var first = 0
        for block in blocks {
            if node >= block.node, node < block.endNode {
                let offset = (node - block.node) * block.tasksPerNode
                for round in 0..<block.repeatCount {
                    let low = UInt32(first + round * block.tasksPerRound + offset)
                    tasks.insert(low...(low + UInt32(block.tasksPerNode - 1)))
                }
            }
            first += block.taskCount
        }
        return tasks.isEmpty ? nil : tasks
    }

    /// The node a task runs on, or nil when the map has no such task.
    ///
    /// - Complexity: linear in the number of blocks.
    public func node(ofTask task: Int) -> Int? {
        guard task >= 0 else { return nil }
        var first = 0
        for block in blocks {
            if task < first + block.taskCount {
                return block.node + (task - first) % block.tasksPerRound / block.tasksPerNode
            }
            first += block.taskCount
        }
        return nil
    }

    /// Number of tasks on a node, or nil when the map has none there.
    public func taskCount(onNode node: Int) -> Int? {
        let count = blocks.reduce(0) { total, block in
            node >= block.node && node < block.endNode ? total + block.tasksPerNode * block.repeatCount : total
        }
        return count > 0 ? count : nil
    }

    /// The nodes of all tasks, in the order of the tasks.
    public var nodesOfTasks: some Sequence<Int> {
        blocks.lazy.flatMap { block in
            (0..<block.taskCount).lazy.map { block.node + $0 % block.tasksPerRound / block.tasksPerNode }
        }
    }

    /// Whether both maps have as many nodes and as many tasks, so that one may take the place of the other.
    public func isCompatible(with other: Taskmap) -> Bool {
        nodeCount == other.nodeCount && taskCount == other.taskCount
    }
}
