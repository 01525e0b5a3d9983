package import RFC03Message

/// The sockets of an instance of one broker: none.
package final class NoTransport: OverlayTransport {
    package init() {}
    package func start(_ arrived: @escaping (OverlayArrival) -> Void) throws {}
    package func sendToParent(_ message: Message) {}
    package func send(_ message: Message, toChild uuid: String) -> Bool { false }
    package func stop() {}
}
