/// How many tasks each node of a job gets.
///
/// Source: observed: flux-core 0.88 gives tasks one by one to the nodes with the most free cores first, in turns, and
/// starts again from full nodes when all cores are used.
enum TaskPlacement {
    /// The numbers that the placement follows from.
    struct Shape: Hashable {
        var slotCount: Int
        var coresPerSlot: Int
        var gpusPerSlot: Int
        /// nil when the jobspec does not begin with a node.
        var nodeCount: Int?
    }

    static func shape(_ job: JobDocument, shares: [NodeShare], grantedSlots: Int?) -> Shape {
        let cores = shares.reduce(0) { $0 + $1.cores.count }
        let gpus = shares.reduce(0) { $0 + $1.gpus.count }
        if let grantedSlots, grantedSlots > 0 {
            return Shape(
                slotCount: grantedSlots, coresPerSlot: cores / grantedSlots, gpusPerSlot: gpus / grantedSlots,
                nodeCount: job.firstResourceIsNode ? shares.count : nil)
        }
        let slots = max(1, job.isPerNode ? job.slotCount * shares.count : job.slotCount)
        return Shape(
            slotCount: slots, coresPerSlot: cores / slots, gpusPerSlot: gpus / slots,
            nodeCount: job.isPerNode ? shares.count : nil)
    }

    /// Tasks of each node, in the order of `shares`.
    static func counts(_ job: JobDocument, shares: [NodeShare], shape: Shape) throws(ShellExit) -> [Int] {
        if let perResource = job.perResource {
            return shares.map {
                switch perResource.kind {
                case .node: perResource.count
                case .core: perResource.count * $0.cores.count
                }
            }
        }
        let tasks =
            switch job.taskCount {
            case .total(let count): count
            case .perSlot: shape.slotCount
            }
        return try distribute(tasks, coresPerTask: shape.coresPerSlot, over: shares.map(\.cores.count))
    }

    /// - Parameter cores: number of cores of each node.
    static func distribute(_ tasks: Int, coresPerTask: Int, over cores: [Int]) throws(ShellExit) -> [Int] {
        guard tasks > 0, !cores.isEmpty else { throw ShellExit(1, "error distributing \(tasks) tasks over R") }
        var needed = coresPerTask > 0 ? coresPerTask : cores.reduce(0, +) / tasks
        let largestFirst = cores.indices.sorted { (cores[$0], $1) > (cores[$1], $0) }
        guard needed > 0, let smallest = largestFirst.last else {
            throw ShellExit(1, "error distributing \(tasks) tasks over R")
        }
        needed = max(1, min(needed, cores[smallest]))
        var counts = Array(repeating: 0, count: cores.count)
        var assigned = 0
        while assigned < tasks {
            // One filling of all nodes; the next one begins only when every core is used.
            var free = cores
            var queue = largestFirst
            while assigned < tasks, !queue.isEmpty {
                var next: [Int] = []
                for node in queue where assigned < tasks && free[node] >= needed {
                    free[node] -= needed
                    counts[node] += 1
                    assigned += 1
                    next.append(node)
                }
                queue = next
            }
        }
        return counts
    }
}
