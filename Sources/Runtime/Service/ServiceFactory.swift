public import Client
public import Reactor

/// How the broker makes a service that it knows by name, without importing it.
public struct ServiceFactory: Sendable {
    /// The module's name, such as `kvs`.
    public let name: String
    /// Opens the transport on the reactor and waits for the broker's welcome. Called on the reactor's thread.
    public let launch: @Sendable (_ transport: any Transport, _ reactor: Reactor) throws -> Void

    public init<S: Service>(_ name: String, _ type: S.Type) {
        self.name = name
        self.launch = { transport, reactor in
            try ServiceRunner<S>.launch(transport: transport, reactor: reactor)
        }
    }
}
