package import Client
package import RFC03Message

/// What the overlay network tells the broker. Always called on the broker's reactor, never from within a call to it.
package enum OverlayEvent: Sendable {
    /// A message for the router. Route frames are as `Router` expects them: a request from a child carries the child's
    /// UUID on top, an answer from a child still carries this broker's own UUID on top.
    case received(Message, from: Router.Origin)
    /// The parent has answered our hello.
    case parentReady(uuid: String)
    /// The parent is gone, or refuses us.
    case parentLost(reason: String)
    /// The number of children that are online has changed.
    case childrenChanged(online: Int)
    case log(Severity, String)
}

/// The tree-based overlay network as the broker sees it.
package protocol OverlayNetwork: AnyObject {
    var topology: Topology { get }

    /// Children that are online now, of any status but lost and offline.
    var onlineChildCount: Int { get }

    /// Begins to listen and to connect, and to report events.
    func start(_ report: @escaping (OverlayEvent) -> Void) throws

    func sendToParent(_ message: Message)

    /// Sends a request down; when the child is not there the request is answered EHOSTUNREACH through an event.
    func sendRequest(_ request: Message, toChild rank: UInt32)

    /// Sends an answer to a child; dropped when the child is gone.
    func sendResponse(_ response: Message, toChildWithUUID uuid: String)

    /// Sends an event to every online child.
    func broadcast(_ event: Message)

    /// Answers an `overlay.*` request.
    /// - Returns: false for a method that does not exist.
    func serve(_ request: Message, respond: @escaping (Message) -> Void) -> Bool

    /// Says goodbye to the parent; `done` is called when it has answered, or at once without a parent.
    func sayGoodbye(_ done: @escaping () -> Void)

    /// How long silence is taken for life, from now on.
    func setTorpidLimits(_ limits: TorpidLimits)

    /// No more children are admitted (the broker is on its way down).
    func refuseChildren()

    func stop()
}

extension OverlayNetwork {
    package func setTorpidLimits(_ limits: TorpidLimits) {}
}
