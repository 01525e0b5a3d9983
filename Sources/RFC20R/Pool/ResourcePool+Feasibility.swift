extension ResourcePool {
    /// Finds out whether a request could be served if all nodes were up and free.
    ///
    /// - Throws: ``AllocationError/infeasible(_:)`` with the text that flux-core's scheduler gives as the reason.
    public mutating func checkFeasibility(_ request: ResourceRequest) throws(AllocationError) {
        if let text = request.unsupported { throw .infeasible(text) }
        let filter = matching(request.constraint)
        let size = request.slotSize
        let gpusPerSlot = request.gpusPerSlot
        guard let nodes = request.nodeCount else { return try checkSlots(request, among: filter) }
        if request.isExclusive {
            let eligible = byTotal.total(in: filter) { $0.cores >= size && $0.gpus >= gpusPerSlot ? 1 : 0 }
            guard eligible < nodes.minimum else { return }
            throw .infeasible(
                "unsatisfiable request: need \(nodes.minimum) exclusive node(s), only \(eligible) eligible")
        }
        let cores = request.slotCount.minimum.multipliedClamped(by: size)
        let gpus = request.slotCount.minimum.multipliedClamped(by: gpusPerSlot)
        let eligible = byTotal.total(in: filter) { $0.cores >= cores && $0.gpus >= gpus ? 1 : 0 }
        guard eligible < nodes.minimum else { return }
        throw .infeasible(
            "unsatisfiable request: need \(nodes.minimum) node(s) with \(cores) cores"
                + (gpus > 0 ? " and \(gpus) GPUs" : "") + " each, only \(eligible) eligible")
    }

    private func checkSlots(_ request: ResourceRequest, among filter: PositionSet?) throws(AllocationError) {
        let size = max(1, request.slotSize)
        let gpusPerSlot = request.gpusPerSlot
        let slots = request.slotCount.minimum
        let available = byTotal.total(in: filter) { $0.cores / size }
        guard available >= slots else {
            let cores = byTotal.total(in: filter) { $0.cores }
            throw .infeasible(
                "unsatisfiable request: need \(slots) slot(s) of \(size) core(s), "
                    + "only \(available) such slot(s) available (total cores: \(cores))")
        }
        guard gpusPerSlot > 0 else { return }
        let withGPUs = byTotal.total(in: filter) { min($0.cores / size, $0.gpus / gpusPerSlot) }
        guard withGPUs < slots else { return }
        let gpus = byTotal.total(in: filter) { $0.gpus }
        throw .infeasible(
            "unsatisfiable request: need \(slots) slot(s) with \(gpusPerSlot) GPU(s) each, "
                + "only \(withGPUs) available (total GPUs: \(gpus))")
    }
}
