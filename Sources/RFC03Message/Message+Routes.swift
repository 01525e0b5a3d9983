extension Message {
    /// Where the message began; nil without routes.
    public var firstRoute: String? { storedRoutes.first }

    /// The most recent hop, to which a response goes next; nil without routes.
    public var lastRoute: String? { storedRoutes.last }

    /// Adds a hop and sets the flag `route`.
    public mutating func pushRoute(_ id: String) {
        storedRoutes.append(id)
        storedFlags.insert(.route)
    }

    /// Removes the most recent hop and returns it; nil without routes.
    @discardableResult
    public mutating func popRoute() -> String? { storedRoutes.popLast() }

    /// The hops for people: oldest first, each cut to eight bytes, with `!` between them; nil without the flag `route`.
    public var routeText: String? {
        guard storedFlags.contains(.route) else { return nil }
        var bytes: [UInt8] = []
        for (index, route) in storedRoutes.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: "!")) }
            bytes.append(contentsOf: foreignNames[route]?.prefix(8) ?? Array(route.utf8.prefix(8))[...])
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes of a topic or route as they were received.
    ///
    /// They differ from the text only where a peer sent something that is not UTF-8.
    public func nameBytes(_ name: String) -> [UInt8] { foreignNames[name] ?? Array(name.utf8) }

    /// The part of the topic before the first dot: the service that a request is for.
    public var service: Substring? {
        guard let topic = storedTopic else { return nil }
        return topic.utf8.firstIndex(of: UInt8(ascii: ".")).map { topic[..<$0] } ?? topic[...]
    }
}
