package import RFC03Message

/// The network of an instance of one broker: nobody is above or below.
package final class SingletonNetwork: OverlayNetwork {
    package let topology: Topology
    package var onlineChildCount: Int { 0 }

    package init() {
        guard let topology = try? Topology(scheme: "kary:0", size: 1, rank: 0) else {
            preconditionFailure("kary:0 is a scheme")
        }
        self.topology = topology
    }

    package func start(_ report: @escaping (OverlayEvent) -> Void) throws {}
    package func sendToParent(_ message: Message) {}
    package func sendRequest(_ request: Message, toChild rank: UInt32) {}
    package func sendResponse(_ response: Message, toChildWithUUID uuid: String) {}
    package func broadcast(_ event: Message) {}
    package func serve(_ request: Message, respond: @escaping (Message) -> Void) -> Bool { false }
    package func sayGoodbye(_ done: @escaping () -> Void) { done() }
    package func refuseChildren() {}
    package func stop() {}
}
