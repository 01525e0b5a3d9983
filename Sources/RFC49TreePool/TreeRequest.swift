public import FluxJSON
public import RFC20R

/// What a job asks of a pool with topology: a `ResourceRequest`, or whole domains of a node.
///
/// `slot=2/socket{x}` wants two whole sockets; `slot/node{x}` a whole node, without saying how many cores that is.
public struct TreeRequest: Hashable, Sendable {
    /// Nodes, slots and sizes. The slot size is 0 when a domain or a node is taken whole.
    public let request: ResourceRequest
    /// Locality name of the domains that the slots take whole; nil when slots have a size.
    public let container: String?
    /// Whether only nodes of which all cores are free can be used.
    let needsWholeNodes: Bool

    /// A request for slots with a size.
    public init(_ request: ResourceRequest) {
        self.request = request
        container = nil
        needsWholeNodes = request.isExclusive
    }

    /// Reads the needs of a job from its jobspec.
    ///
    /// - Throws: `ResourceRequest.ParseError`; the scheduler denies the job with its text.
    /// - Source: RFC 49; slots above nodes are counted as flux-core 0.88 does.
    public init(jobspec: JSON) throws(ResourceRequest.ParseError) {
        let shape = try ResourceRequest.Shape(jobspec: jobspec)
        guard var slots = shape.slots else { throw ResourceRequest.ParseError(.missing, "Unable to determine slot count") }
        if shape.slotSize == nil, shape.container == nil, !shape.isExclusive {
            throw ResourceRequest.ParseError(.missing, "Unable to determine slot size")
        }
        let factor = shape.nodeFactor
        if shape.nodes != nil, shape.isSlotAboveNode, factor > 1, slots.minimum % factor == 0 {
            // The slots were counted as a factor of the nodes below them.
            slots = ResourceRequest.Count(slots.minimum / factor, slots.maximum.map { $0 / factor })
        }
        container = shape.container
        needsWholeNodes = shape.isExclusive
        request = ResourceRequest(
            nodeCount: shape.nodes?.scaled(by: factor), slotCount: slots, slotSize: shape.slotSize ?? 0,
            gpusPerSlot: shape.gpusPerSlot, isExclusive: shape.isExclusive && shape.container == nil,
            constraint: shape.constraint, duration: shape.duration)
    }
}
