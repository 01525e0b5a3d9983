package import Client
package import FluxJSON
package import RFC03Message
package import Reactor
package import Service

/// One broker of an instance: it routes messages, hosts modules, and walks through the states of its life.
///
/// The decisions are in values (`Router`, `LifeCycle`, `AttributeTable`, `LogRing`, …); this actor carries them out. It
/// lives on one reactor with the overlay network and the local connector; modules may live on others.
package actor Broker {
    package nonisolated let reactor: Reactor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    let uuid: String
    let settings: BrokerSettings
    var host: BrokerHost
    let boot: BootResult
    let network: any OverlayNetwork
    let processID: Int32

    var router: Router
    var attributes: AttributeTable
    var configuration: JSON
    var subscriptions = Subscriptions()
    var lifeCycle = LifeCycle()
    var stateSince: Int64
    var log: LogRing
    var logFollowers = PendingRequests<Bool>()
    var stateMonitors = PendingRequests<Int>()
    var stateWaiters: [Message] = []
    var modules = ModuleTable()
    var builtinStates = BuiltinStates()
    var ports: [String: any ModuleChannel] = [:]
    var clients: [String: ClientConnection] = [:]
    var listener: SocketListener?
    var traces = PendingRequests<TraceFilter>()
    var eventSequence: UInt32 = 0
    var exitCode: Int32 = 0
    var pushedCommands: [String: [String]] = [:]
    var shutdownRequest: Message?
    var isShutdownRequested = false
    /// The end was asked for by a deadly signal.
    var isSignaled = false
    var runningProgram: (matchtag: UInt32, processID: Int64?)?
    var stopped: CheckedContinuation<Int32, Never>?
    var parentMonitor: ResponseStream?
    var timers: [String: TimerID] = [:]
    var onlineRanks = ""
    var parentState: LifeCycle.State?
    var isParentLost = false
    var configFollowers = PendingRequests<Bool>()

    /// The broker's own way to send requests.
    private(set) var flux: Handle!
    private var ownPort: ModulePort!

    package init(
        settings: BrokerSettings, host: BrokerHost, boot: BootResult, network: any OverlayNetwork,
        reactor: Reactor
    ) throws {
        self.reactor = reactor
        self.settings = settings
        self.host = host
        self.boot = boot
        self.network = network
        processID = host.processID
        uuid = boot.uuid
        attributes = settings.attributes
        configuration = settings.configuration
        let topology = network.topology
        router = Router(rank: boot.rank, size: boot.size, uuid: boot.uuid) { topology.nextHop(to: $0) }
        log = LogRing(capacity: settings.attributes["log-ring-size"].flatMap { Int($0) } ?? 1024)
        stateSince = reactor.now
    }

    /// Gives the broker its own handle; the first thing after init.
    func connectItself() throws {
        let port = ModulePort(broker: reactor, module: reactor, isOwn: true) { message in
            self.assumeIsolated { $0.route(message, from: .broker) }
        }
        ownPort = port
        flux = try Handle(transport: port, reactor: reactor)
    }

    /// The broker's own connection to itself, once it runs.
    package var ownHandle: Handle { flux }

    /// Hands a message to the broker's own handle.
    func deliverToSelf(_ message: Message) {  ownPort.deliverToModule(message) }

    var rank: UInt32 { boot.rank }
    var size: UInt32 { boot.size }

    /// Runs the broker to its end.
    ///
    /// - Returns: the exit code.
    package func run() async -> Int32 {
        do {
            try connectItself()
        } catch {
            return 1
        }
        return await withCheckedContinuation { continuation in
            stopped = continuation
            start()
        }
    }

    /// Writes to the log.
    func note(_ severity: Severity, _ text: String, component: String = "broker") {
        let time = Timestamp.utc(reactor.wallTime)
        for line in text.split(whereSeparator: \.isNewline) {
            append("<\(severity.rawValue * 8)>1 \(time) \(rank) \(component) \(processID) - - \(line)")
        }
    }
}
