import FluxJSON

/// Commits and lookups of the key value store in an instance of one broker.
extension Row {
    static var storage: [Row] {
        [
            Row("storage-commit", rounds: 5, quick: 3, [Figure("KVS commit, one at a time", budget: 80e-6)]) { side throws(Failure) in
                let client = try side.client(of: try side.instance(1))
                return [try client.latency(side.count(1000), "kvs.commit", payload: commit)]
            },
            Row("storage-commits", rounds: 5, quick: 3, [Figure("KVS commits, 64 in flight", .perSecond, budget: 30_000)]) {
                side throws(Failure) in
                let client = try side.client(of: try side.instance(1))
                return [try client.rate(side.count(5000), "kvs.commit", payload: commit)]
            },
        ]
    }

    private static func commit(_ index: Int) -> JSON {
        let value: JSON = ["ver": 1, "type": "val", "data": "MQ=="]
        return [
            "namespace": "primary", "flags": 0,
            "ops": [["key": .string("bench.\(index % 100)"), "flags": 0, "dirent": value]],
        ]
    }
}
