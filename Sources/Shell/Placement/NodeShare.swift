internal import RFC20R
internal import RFC22Idset

/// What the job has of one node.
struct NodeShare: Hashable {
    /// Rank of the broker there.
    var brokerRank: UInt32
    var host: String
    var cores: Idset
    var gpus: Idset

    /// The shares of an allocation in the order of broker ranks, which is the order of shell ranks.
    static func shares(of resources: ResourceSet) -> [NodeShare] {
        resources.nodes.map {
            NodeShare(
                brokerRank: $0.rank, host: $0.hostname ?? "unknown", cores: $0.children.cores,
                gpus: $0.children.gpus)
        }
    }
}
