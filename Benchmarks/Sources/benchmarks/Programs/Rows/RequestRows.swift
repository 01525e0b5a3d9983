/// Requests of a raw client to an instance of two brokers.
extension Row {
    static var requests: [Row] {
        [
            request("broker", "RPC to a service of the broker", 10e-6, "broker.ping"),
            request("module", "RPC to a module", 12e-6, "kvs.ping"),
            request("remote", "RPC over one hop of the overlay", 45e-6, "broker.ping", rank: 1),
            rate("rate", "RPC, 64 in flight", 200_000, "broker.ping"),
            rate("remoterate", "RPC over one hop, 64 in flight", 80_000, "broker.ping", rank: 1),
        ]
    }

    private static func request(
        _ name: String, _ title: String, _ budget: Double, _ topic: String, rank: UInt32 = .max
    ) -> Row {
        Row("rpc-\(name)", rounds: 5, quick: 3, [Figure(title, budget: budget)]) { side throws(Failure) in
            let client = try side.client(of: try side.instance(2))
            return [try client.latency(side.count(2000), topic, nodeID: rank)]
        }
    }

    private static func rate(
        _ name: String, _ title: String, _ budget: Double, _ topic: String, rank: UInt32 = .max
    ) -> Row {
        Row("rpc-\(name)", rounds: 5, quick: 3, [Figure(title, .perSecond, budget: budget)]) { side throws(Failure) in
            let client = try side.client(of: try side.instance(2))
            return [try client.rate(side.count(20_000), topic, nodeID: rank)]
        }
    }
}
