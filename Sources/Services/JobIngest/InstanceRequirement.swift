import FluxJSON
import RFC14Jobspec

/// The rule that large jobs have to be instances of their own, made with `flux batch` or `flux alloc`.
///
/// Source: observed: flux-core 0.88, validator plug-in `require-instance`.
struct InstanceRequirement: Hashable, Sendable {
    /// Jobs with so many nodes or cores are concerned; 0 and 0 for all jobs.
    let nodes: Int64
    let cores: Int64

    /// - Parameter cores: 0 with a number of nodes stands for sixteen a node: no way round by asking for cores only.
    init(nodes: Int64, cores: Int64) {
        self.nodes = max(0, nodes)
        self.cores = cores > 0 ? cores : nodes > 0 ? nodes.multipliedReportingOverflow(by: 16).partialValue : 0
    }

    /// Whether a jobspec may be submitted.
    ///
    /// - Throws: ``RFC14Jobspec/JobspecError`` with the words for the user.
    func check(_ jobspec: JSON) throws(JobspecError) {
        let counts = try JobspecCounts(jobspec)
        let total = counts.nslots.multipliedReportingOverflow(by: counts.slotSize)
        let isConcerned = counts.nnodes > 0 && counts.nnodes >= nodes || total.overflow || total.partialValue >= cores
        guard isConcerned, jobspec["attributes"]?["system"]?["batch"] == nil else { return }
        let command = jobspec["tasks"]?.arrayValue?.first?["command"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let program = command.first?.split(separator: "/").last
        if program == "flux", command.count > 1, ["broker", "start"].contains(command[1]) { return }
        throw JobspecError(refusal)
    }

    private var refusal: String {
        var limits: [String] = []
        if nodes > 0 { limits.append("\(nodes) nodes") }
        if cores > 0 { limits.append("\(cores) cores") }
        let which =
            limits.isEmpty ? "for all jobs in this instance" : "for jobs >= \(limits.joined(separator: " or "))"
        return "Direct job submission disabled \(which). Please use flux-batch(1) or flux-alloc(1)"
    }
}
