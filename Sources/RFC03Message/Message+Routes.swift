extension Message {
    /// Where the message began; nil without routes.
    public var firstRoute: String? { routeStack.first }

    /// The most recent hop, to which a response goes next; nil without routes.
    public var lastRoute: String? { routeStack.last }

    /// Adds a hop and sets the flag `route`.
    public mutating func pushRoute(_ id: String) {
        routeStack.push(id)
        storedFlags.insert(.route)
    }

    /// Removes the most recent hop and returns it; nil without routes.
    @discardableResult
    public mutating func popRoute() -> String? { routeStack.pop() }

    /// The hops for people: oldest first, each cut to eight bytes, with `!` between them; nil without the flag `route`.
    public var routeText: String? {
        guard storedFlags.contains(.route) else { return nil }
        let hops = routeStack.parts.reversed().map { $0.prefix(8) }
        return String(decoding: Array(hops.joined(separator: [UInt8(ascii: "!")])), as: UTF8.self)
    }

    /// The bytes of a topic or route as they were received.
    ///
    /// They differ from the text only where a peer sent something that is not UTF-8.
    public func nameBytes(_ name: String) -> [UInt8] {
        if let foreignTopic, name == storedTopic { return foreignTopic }
        let route = routeStack.parts.first { String(decoding: $0, as: UTF8.self) == name }
        return route.map { Array($0) } ?? Array(name.utf8)
    }

    /// The part of the topic before the first dot: the service that a request is for.
    public var service: Substring? {
        guard let topic = storedTopic else { return nil }
        return topic.utf8.firstIndex(of: UInt8(ascii: ".")).map { topic[..<$0] } ?? topic[...]
    }
}
