package import Client
package import RFC03Message
package import Reactor

/// The channel between the broker and a service in its process: two queues, one in each direction.
///
/// The broker's end is this object; the service's end is the ``Transport``. The two may live on different reactors; then
/// messages travel through the inbox of the other. On the same reactor a message of the module is routed at once, and
/// what is for a module waits for its turn, so that no module is called from within another's call.
///
/// Invariant behind `@unchecked Sendable`: `deliver` and `closed` are touched on the module's reactor only, everything
/// else on the broker's.
package final class ModulePort: Transport, ModuleChannel, @unchecked Sendable {
    private let broker: Reactor
    private let module: Reactor
    private let receive: @Sendable (Message) -> Void
    private let sendsAtOnce: Bool
    private var deliver: ((Message) -> Void)?
    private var closed: ((Int32) -> Void)?

    /// - Parameters:
    ///   - isOwn: the module's end is the broker's own: what it sends waits for its turn too.
    ///   - receive: called on the broker's reactor with what the module sends.
    package init(
        broker: Reactor, module: Reactor, isOwn: Bool = false, receive: @escaping @Sendable (Message) -> Void
    ) {
        self.broker = broker
        self.module = module
        self.receive = receive
        sendsAtOnce = broker === module && !isOwn
    }

    // MARK: The module's end

    package func open(deliver: @escaping (Message) -> Void, closed: @escaping (Int32) -> Void) throws {
        self.deliver = deliver
        self.closed = closed
    }

    package func send(_ message: Message) {
        let receive = receive
        if sendsAtOnce { receive(message) } else { broker.post { receive(message) } }
    }

    package var backlog: Int { 0 }

    package func close() {
        deliver = nil
        closed = nil
    }

    // MARK: The broker's end

    /// Hands a message to the module.
    package func deliverToModule(_ message: Message) {
        module.post { self.deliver?(message) }
    }

    /// Ends the channel from the broker's side.
    package func disconnect() -> [Message] {
        module.post {
            let report = self.closed
            self.close()
            report?(Errno.connectionReset)
        }
        return []
    }

    package func cancel() -> Bool { false }
}
