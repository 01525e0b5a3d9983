public import RFC31Constraint

/// What a job asks for: nodes, slots and the size of a slot.
///
/// ```swift
/// let request = try ResourceRequest(jobspec: jobspec)
/// let set = try pool.allocate(job: id, request, now: now)
/// ```
public struct ResourceRequest: Hashable, Sendable {
    /// A number of things that may be a range.
    public struct Count: Hashable, Sendable {
        /// The smallest number that is enough, at least 1.
        public let minimum: Int
        /// The largest number that is wanted; nil for as many as there are.
        public let maximum: Int?
        /// Whether only some numbers of the range are allowed, which the scheduler does not support.
        public let isDiscrete: Bool

        /// A range.
        public init(_ minimum: Int, _ maximum: Int?, isDiscrete: Bool = false) {
            self.minimum = minimum
            self.maximum = maximum
            self.isDiscrete = isDiscrete
        }

        /// An exact number.
        public init(_ count: Int) { self.init(count, count) }

        /// The range with all numbers multiplied.
        package func scaled(by factor: Int) -> Count {
            Count(
                minimum.multipliedClamped(by: factor), maximum.map { $0.multipliedClamped(by: factor) },
                isDiscrete: isDiscrete)
        }
    }

    /// Nodes, nil when the slots may lie on any number of nodes.
    public let nodeCount: Count?
    /// Slots: on each node when there is a node count, otherwise altogether.
    public let slotCount: Count
    /// Cores of a slot.
    public let slotSize: Int
    /// GPUs of a slot.
    public let gpusPerSlot: Int
    /// Whether nodes are given whole.
    public let isExclusive: Bool
    /// Which nodes may be used, nil for all.
    public let constraint: Constraint?
    /// Seconds; 0 for as long as the resources are there.
    public let duration: Double

    /// A request; one that is exclusive without a node count wants a node for each slot.
    public init(
        nodeCount: Count? = nil, slotCount: Count = Count(1), slotSize: Int = 1, gpusPerSlot: Int = 0,
        isExclusive: Bool = false, constraint: Constraint? = nil, duration: Double = 0
    ) {
        let countsNodes = isExclusive && nodeCount == nil
        self.nodeCount = countsNodes ? slotCount : nodeCount
        self.slotCount = countsNodes ? Count(1) : slotCount
        self.slotSize = max(0, slotSize)
        self.gpusPerSlot = max(0, gpusPerSlot)
        self.isExclusive = isExclusive
        self.constraint = constraint
        self.duration = duration
    }

    /// Smallest number of slots altogether.
    public var minimumSlots: Int {
        slotCount.minimum.multipliedClamped(by: nodeCount?.minimum ?? 1)
    }

    /// Why the scheduler cannot serve requests of this kind, nil when it can.
    package var unsupported: String? {
        let what =
            if nodeCount?.isDiscrete ?? false { "node" } else if slotCount.isDiscrete { "slot" } else { "" }
        if what.isEmpty { return nil }
        return "\(what) count specifies discrete valid values that this scheduler does not support; "
            + "use a simple min-max range instead"
    }
}
