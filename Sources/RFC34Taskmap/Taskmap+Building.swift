extension Taskmap {
    /// A block that cannot be part of a map.
    public enum BlockError: Error, Hashable, Sendable, CustomStringConvertible {
        /// A node less than 0, or one of the counts less than 1, or one of them too large.
        case invalidBlock
        /// More than ``Taskmap/maximumTaskCount`` tasks or ``Taskmap/maximumBlockCount`` blocks.
        case tooLarge

        /// One sentence for a person.
        public var description: String {
            switch self {
            case .invalidBlock: "taskmap: invalid number in block"
            case .tooLarge: "taskmap: too many tasks"
            }
        }
    }

    /// Places the next `nodeCount * tasksPerNode` tasks on the nodes from `node` on.
    ///
    /// Neighbouring blocks that say the same as one block become that block.
    public mutating func append(node: Int, nodeCount: Int, tasksPerNode: Int) throws(BlockError) {
        guard let block = Block(node: node, nodeCount: nodeCount, tasksPerNode: tasksPerNode) else {
            throw .invalidBlock
        }
        try reserve(block)
        guard var last = blocks.last else { return blocks.append(block) }

        if block.node == last.endNode, block.tasksPerNode == last.tasksPerNode, last.repeatCount == 1 {
            last.nodeCount += block.nodeCount
            blocks[blocks.count - 1] = last
            mergeRepeats()
        } else if block.node == last.node, block.nodeCount == 1, last.nodeCount == 1 {
            last.tasksPerNode = last.tasksPerNode * last.repeatCount + block.tasksPerNode
            last.repeatCount = 1
            blocks[blocks.count - 1] = last
            mergeRepeats()
        } else if block.node == last.node, block.nodeCount == last.nodeCount, block.tasksPerNode == last.tasksPerNode {
            blocks[blocks.count - 1].repeatCount += 1
        } else {
            blocks.append(block)
        }
    }

    /// Adds a block as it is.
    mutating func append(_ block: Block) throws(BlockError) {
        try reserve(block)
        blocks.append(block)
    }

    private mutating func reserve(_ block: Block) throws(BlockError) {
        guard taskCount + block.taskCount <= Self.maximumTaskCount,
            roundCount + block.repeatCount <= Self.maximumBlockCount
        else { throw .tooLarge }
        taskCount += block.taskCount
        roundCount += block.repeatCount
    }

    /// Makes one block of the last two when they are the same but for their repetitions.
    private mutating func mergeRepeats() {
        guard blocks.count > 1 else { return }
        let last = blocks[blocks.count - 1]
        let other = blocks[blocks.count - 2]
        guard last.node == other.node, last.nodeCount == other.nodeCount, last.tasksPerNode == other.tasksPerNode else {
            return
        }
        blocks[blocks.count - 2].repeatCount += last.repeatCount
        blocks.removeLast()
    }
}
