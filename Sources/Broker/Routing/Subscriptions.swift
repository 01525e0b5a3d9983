/// Which peers want which events: reference-counted prefixes.
///
/// `""` matches every topic, `foo` matches `foo`, `foobar` and `foo.bar`.
///
/// Source: broker-protocol 1.3 (observed: flux-core 0.88).
package struct Subscriptions {
    private var counts: [String: [String: Int]] = [:]

    package init() {}

    package mutating func add(_ prefix: String, of peer: String) { counts[peer, default: [:]][prefix, default: 0] += 1 }

    /// - Returns: false when the peer has no such subscription.
    package mutating func remove(_ prefix: String, of peer: String) -> Bool {
        guard let count = counts[peer]?[prefix] else { return false }
        counts[peer]?[prefix] = count > 1 ? count - 1 : nil
        if counts[peer]?.isEmpty == true { counts[peer] = nil }
        return true
    }

    package mutating func removeAll(of peer: String) { counts[peer] = nil }

    /// The peers that want an event, in a stable order.
    package func peers(for topic: String) -> [String] {
        var peers: [String] = []
        for (peer, prefixes) in counts where prefixes.keys.contains(where: { topic.utf8.starts(with: $0.utf8) }) {
            peers.append(peer)
        }
        return peers.count > 1 ? peers.sorted() : peers
    }
}
