public import Client
public import FluxJSON
public import RFC03Message
public import Reactor

/// What a service is given when it is loaded.
public struct ServiceContext: Sendable {
    /// The module's name, which is its service name: `kvs`.
    public let name: String
    /// The module's UUID, its hop in routes.
    public let uuid: String
    /// Module arguments such as `period=2s`.
    public let arguments: [String]
    /// The broker attributes that do not change: `rank`, `size`, `hostlist`, …
    public let attributes: [String: String]
    /// The whole configuration at load time.
    public let configuration: JSON
    public let flux: Handle
    /// Whether job ids are shown as `f…` instead of `ƒ…`, because the locale of this process has no more than ASCII.
    public let showsPlainIDs: Bool

    public var reactor: Reactor { flux.reactor }
    public var rank: UInt32 { attributes["rank"].flatMap { UInt32($0) } ?? 0 }
    public var size: UInt32 { attributes["size"].flatMap { UInt32($0) } ?? 1 }

    public init(
        name: String, uuid: String, arguments: [String], attributes: [String: String], configuration: JSON, flux: Handle,
        showsPlainIDs: Bool = false
    ) {
        self.name = name
        self.uuid = uuid
        self.arguments = arguments
        self.attributes = attributes
        self.configuration = configuration
        self.flux = flux
        self.showsPlainIDs = showsPlainIDs
    }

    /// The value of the module argument `key=value`; the last one wins.
    public func argument(_ key: String) -> String? {
        arguments.last { $0.hasPrefix("\(key)=") }.map { String($0.dropFirst(key.count + 1)) }
    }

    /// Ends the module for an error that leaves it nothing to do; the broker reports it as one that failed to start.
    public func abandonModule(_ error: ServiceError) {
        log(.crit, "module exiting abnormally: \(error)")
        flux.notify(
            "module.status",
            ["status": 3, "errnum": .int(Int64(error.errnum)), "errstr": .string(error.description)])
        reactor.later { [flux] in flux.close() }
    }

    /// Writes to the broker's log, under the service's name.
    public func log(_ severity: Severity, _ text: String) {
        flux.log(severity, text, component: name, rank: rank, processID: currentProcessID())
    }
}

/// Thrown by ``Service/start()`` of a service that has nothing to do on this broker: the module ends without an error.
public struct ServiceNotNeeded: Error {
    public init() {}
}

/// A broker service: an actor on a reactor that answers the methods of its name and talks to others by messages only.
///
/// ``ServiceRunner`` speaks the module protocol for it and adds the default methods (ping, stats-get, rusage, …).
public protocol Service: Actor {
    nonisolated var context: ServiceContext { get }

    init(context: ServiceContext)

    /// The methods by name (`get`, `history.get`); a method of a dynamically registered service by its whole topic
    /// (`content-backing.load`).
    static var methods: [String: Method<Self>] { get }

    /// Runs before the module counts as loaded; requests wait meanwhile. An error ends the module.
    func start() async throws

    /// Runs when the module is asked to end: write what must not be lost.
    func stop() async

    /// Takes a changed configuration, or refuses it with a ``ServiceError`` and keeps the old one.
    func configure(_ configuration: JSON) throws

    /// The answer to `stats-get`; nil for the default, the message counters.
    func statistics() async throws -> JSON?

    /// `stats-clear` was called.
    func clearStatistics()

    /// `flux module debug` has changed the module's debug flags.
    func debug(_ flags: Int64)

    /// The sender of `request` is gone: forget what it waits for (same first route).
    func disconnected(_ request: Message)
}

extension Service {
    public nonisolated var unownedExecutor: UnownedSerialExecutor { context.reactor.asUnownedSerialExecutor() }
    public nonisolated var flux: Handle { context.flux }

    public func start() async throws {}
    public func stop() async {}
    public func configure(_ configuration: JSON) throws {}
    public func statistics() async throws -> JSON? { nil }
    public func clearStatistics() {}
    public func debug(_ flags: Int64) {}
    public func disconnected(_ request: Message) {}

    /// Runs `body` on the service now. For callbacks of the handle and the reactor, which are on its thread already.
    public nonisolated func here<Value: Sendable>(_ body: (isolated Self) throws -> Value) rethrows -> Value {
        try assumeIsolated(body)
    }
}

extension Message {
    /// Who sent a request: the first hop, which is the client's or module's own UUID.
    public var sender: String { routes.first ?? "" }
}
