package import RFC03Message

/// What arrives on the sockets of the overlay network.
package enum OverlayArrival: Sendable {
    case fromParent(Message)
    /// The socket's name of the child is its UUID; it is not in the message's routes.
    case fromChild(String, Message)
    /// The connection to the parent broke, or came back.
    case parentDisconnected
    case parentConnected
    case refused(String)
}

/// The sockets of the overlay network: ØMQ in the product, a scripted network in tests on virtual time.
package protocol OverlayTransport: AnyObject {
    func start(_ arrived: @escaping (OverlayArrival) -> Void) throws
    func sendToParent(_ message: Message)
    /// - Returns: false when there is no connection to a child of that name.
    func send(_ message: Message, toChild uuid: String) -> Bool
    func stop()
}
