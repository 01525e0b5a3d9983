package import RFC03Message

/// The requests that were sent over one link and wait for an answer.
///
/// When the link breaks each gets EHOSTUNREACH; an answer that nobody waits for is not passed on.
///
/// Source: broker-protocol 3.7 (observed: flux-core 0.88).
package struct RPCTracker {
    private struct Key: Hashable {
        let sender: String
        let matchtag: UInt32
    }

    private var waiting: [Key: Message] = [:]

    package init() {}

    package var count: Int { waiting.count }

    /// - Parameter request: with its routes as they were before this broker added any.
    package mutating func note(_ request: Message) {
        let sender = request.firstRoute ?? ""
        if request.topic?.hasSuffix(".disconnect") == true {
            waiting = waiting.filter { $0.key.sender != sender }
        }
        guard !request.flags.contains(.noResponse), request.matchtag != 0 else { return }
        var kept = request
        kept.payload = nil
        waiting[Key(sender: sender, matchtag: request.matchtag)] = kept
    }

    /// Whether an answer was asked for; one that ends its request is counted off.
    package mutating func admits(_ response: Message) -> Bool {
        guard response.matchtag != 0 else { return true }
        let key = Key(sender: response.firstRoute ?? "", matchtag: response.matchtag)
        guard waiting[key] != nil else { return false }
        if response.errnum != 0 || !response.flags.contains(.streaming) { waiting[key] = nil }
        return true
    }

    /// Takes out everything that waits.
    package mutating func removeAll() -> [Message] {
        defer { waiting = [:] }
        return Array(waiting.values)
    }
}
