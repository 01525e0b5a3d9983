package import Client
package import RFC03Message
package import Reactor

/// One client of the local connector: its credentials, its stream, and what it asked and was asked.
package final class ClientConnection {
    package let uuid: String
    package let userID: UInt32
    package let roles: Message.Roles
    private let transport: SocketTransport
    package var sent = SentRequests()
    package var asked = AskedRequests()
    /// Names of the services that the client offers.
    package var services: Set<String> = []

    /// What may wait for a client that does not read; more, and it is dropped.
    package static let backlogLimit = 64 << 20

    package init(uuid: String, userID: UInt32, roles: Message.Roles, transport: SocketTransport) {
        self.uuid = uuid
        self.userID = userID
        self.roles = roles
        self.transport = transport
    }

    package func open(deliver: @escaping (Message) -> Void, closed: @escaping (Int32) -> Void) throws {
        try transport.open(deliver: deliver, closed: closed)
    }

    package func close() { transport.close() }

    /// - Returns: false when the client has not read for so long that too much waits already.
    package func send(_ message: Message) -> Bool {
        guard transport.backlog < Self.backlogLimit else { return false }
        transport.send(message)
        return true
    }

    /// Writes what is queued, for a broker that is about to end.
    package func drain() { transport.drain() }

    /// Puts the credentials on a message from the client: a guest's are always its own, an owner's only where unset.
    ///
    /// Source: broker-protocol 1.2 (observed: flux-core 0.88).
    package func stamp(_ message: inout Message) {
        if !roles.contains(.owner) {
            message.userID = userID
            message.roles = roles
            return
        }
        if message.userID == Message.unknownUser { message.userID = userID }
        if message.roles == [] { message.roles = roles }
    }

    /// Whether the client may see an event.
    package func maySee(_ event: Message) -> Bool {
        !event.flags.contains(.isPrivate) || roles.contains(.owner) || event.userID == userID
    }
}
