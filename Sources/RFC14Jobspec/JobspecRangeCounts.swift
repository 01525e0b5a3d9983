public import FluxJSON
public import RFC45Range

/// Like ``JobspecCounts``, for jobspecs whose counts may be ranges.
///
/// Source: observed: flux-core 0.88 (`libjob`, `jjc`).
public struct JobspecRangeCounts: Hashable, Sendable {
    /// Nodes below each of whatever stands above them; nil when the jobspec does not ask for nodes.
    public private(set) var nnodes: ResourceCount?
    /// Product of the counts above the node; 0 without a node.
    public private(set) var nodeFactor: Int64 = 0
    /// Slots of a node, or of the job when there is none.
    public private(set) var nslots: ResourceCount
    /// Cores of a slot.
    public private(set) var slotSize: ResourceCount
    /// GPUs of a slot.
    public private(set) var slotGPUs: ResourceCount?
    /// Whether nodes are wanted whole.
    public private(set) var isExclusive = false
    /// Seconds; 0 for no limit.
    public private(set) var duration: Double

    /// Reads a jobspec document.
    ///
    /// - Throws: ``JobspecError`` with the reason flux-core gives.
    public init(_ jobspec: JSON) throws(JobspecError) {
        let (resources, duration) = try ResourceReader.topLevel(jobspec)
        var walk = Walk()
        try walk.read(resources, level: 0, factor: 1)
        guard let nslots = walk.nslots else { throw JobspecError("Unable to determine slot count") }
        guard let slotSize = walk.slotSize else { throw JobspecError("Unable to determine slot size") }
        (nnodes, nodeFactor, isExclusive) = (walk.nnodes, walk.nodeFactor, walk.isExclusive)
        (self.nslots, self.slotSize, slotGPUs) = (nslots, slotSize, walk.slotGPUs)
        self.duration = duration
    }

    private struct Walk {
        var nnodes: ResourceCount?, nslots: ResourceCount?, slotSize: ResourceCount?, slotGPUs: ResourceCount?
        var nodeFactor: Int64 = 0
        var isExclusive = false

        /// - Parameter factor: product of the counts above; nil once one of them was a range.
        mutating func read(_ resources: JSON, level: Int, factor: Int64?) throws(JobspecError) {
            for element in try ResourceReader.array(resources, level) {
                let vertex = try ResourceReader.vertex(element, level)
                let count: ResourceCount
                do { count = try ResourceCount(json: vertex.count) } catch {
                    throw JobspecError("level \(level): \(error)")
                }
                var below = factor
                if vertex.type == "node" {
                    guard let factor else { throw JobspecError("Non-integer count not allowed above node") }
                    nnodes = count
                    nodeFactor = factor
                    if vertex.isExclusive { isExclusive = true }
                } else if case .integer(let number) = count, let factor {
                    below = try ResourceReader.product(factor, Int64(number))
                } else {
                    below = nil
                }
                switch vertex.type {
                case "slot": nslots = count
                case "core": slotSize = count
                case "gpu": slotGPUs = count
                default: break
                }
                if let with = vertex.with { try read(with, level: level + 1, factor: below) }
            }
        }
    }
}
