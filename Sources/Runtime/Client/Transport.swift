public import RFC03Message

/// A way to exchange messages with a broker. Belongs to one reactor.
///
/// Two exist: ``SocketTransport`` for clients, shells and modules in other processes, and the broker's own port for
/// services in its process.
public protocol Transport: AnyObject {
    /// Begins delivery. `closed` comes at most once, after the last message, with an errno that says why.
    func open(deliver: @escaping (Message) -> Void, closed: @escaping (Int32) -> Void) throws

    /// Queues a message; order is kept. A transport that is closed drops it.
    func send(_ message: Message)

    /// How many bytes wait to be written.
    var backlog: Int { get }

    func close()
}
