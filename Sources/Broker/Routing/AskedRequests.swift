package import RFC03Message

/// The requests that were handed to one peer and wait for its answer.
///
/// A peer outside this process may answer only what it was asked: a response that matches nothing here is forged.
package struct AskedRequests {
    private struct Key: Hashable {
        let routes: RouteStack
        let matchtag: UInt32
    }

    private var waiting: [Key: Message] = [:]

    package init() {}

    /// - Parameter request: as it is delivered, with the whole route stack.
    package mutating func note(_ request: Message) {
        guard !request.flags.contains(.noResponse) else { return }
        waiting[Key(routes: request.routeStack, matchtag: request.matchtag)] = request
    }

    /// Whether the peer was asked this; an answer that ends the request is counted off.
    package mutating func admits(_ response: Message) -> Bool {
        let key = Key(routes: response.routeStack, matchtag: response.matchtag)
        guard let request = waiting[key] else { return false }
        // Matchtag 0 is for protocols that answer many times (RFC 27, RFC 32).
        let isFinal = response.errnum != 0 || !request.flags.contains(.streaming)
        if isFinal && response.matchtag != 0 { waiting[key] = nil }
        return true
    }

    /// The requests that will never be answered now.
    package var unanswered: [Message] { waiting.values.filter { $0.matchtag != 0 } }
}
