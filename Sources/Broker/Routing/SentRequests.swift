package import RFC03Message

/// Where a peer has sent requests, so that the services there can be told when it is gone.
///
/// For each service prefix, rank and direction the first request is remembered; its `disconnect` message is sent once.
///
/// Source: broker-protocol 1.3 (observed: flux-core 0.88).
package struct SentRequests {
    private struct Key: Hashable {
        let service: Substring
        let nodeID: UInt32
        let isUpstream: Bool
    }

    private var messages: [Key: Message] = [:]

    package init() {}

    /// - Parameter request: as the peer sent it, before the peer's own hop is added.
    package mutating func note(_ request: Message) {
        guard request.kind == .request, !request.flags.contains(.noResponse), let topic = request.topic else { return }
        let service = topic.utf8.lastIndex(of: UInt8(ascii: ".")).map { topic[..<$0] } ?? ""
        let key = Key(service: service, nodeID: request.nodeID, isUpstream: request.flags.contains(.upstream))
        guard messages[key] == nil else { return }
        var farewell = request
        farewell.payload = nil
        farewell.topic = service.isEmpty ? "disconnect" : "\(service).disconnect"
        farewell.flags.insert(.noResponse)
        farewell.flags.remove(.streaming)
        messages[key] = farewell
    }

    /// The disconnect messages, as the peer would have sent them.
    package var farewells: [Message] { messages.values.sorted { ($0.topic ?? "") < ($1.topic ?? "") } }
}
