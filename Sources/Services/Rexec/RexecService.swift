internal import Client
internal import ExecServer
public import FluxJSON
internal import Glibc
public import RFC03Message
internal import Reactor
public import Service
internal import Subprocess

/// The broker module `rexec`: runs processes on this broker's host for the instance owner.
///
/// Source: RFC 42; broker-protocol 6.6.
public actor RexecService: Service {
    public nonisolated let context: ServiceContext
    private let server: ExecServer
    private var allowsGuests: Bool
    /// How long processes have to end after SIGTERM when the module is unloaded.
    private static let shutdownLimit = Duration.seconds(5)

    public init(context: ServiceContext) {
        self.context = context
        allowsGuests = Self.allowsGuests(context.configuration)
        server = ExecServer(
            flux: context.flux, rank: context.rank, localURI: context.attributes["local-uri"] ?? "",
            environment: Command.currentEnvironment
        ) { severity, text in context.log(severity, text) }
    }

    public static let methods: [String: Method<RexecService>] = Dictionary(
        uniqueKeysWithValues: ExecServer.methods.map { name in
            (
                name,
                .now(.owner) { service, request in
                    try service.handle(name, request)
                    return .deferred
                }
            )
        })

    private func handle(_ method: String, _ request: Message) throws {
        if context.rank == 0, allowsGuests, !request.roles.contains(.local) {
            throw ServiceError(errnum: Errno.perm, text: "Remote rexec requests are not allowed on rank 0")
        }
        server.handle(method, request)
    }

    public func configure(_ configuration: JSON) { allowsGuests = Self.allowsGuests(configuration) }

    private static func allowsGuests(_ configuration: JSON) -> Bool {
        configuration["access"]?["allow-guest-user"]?.boolValue ?? false
    }

    public func disconnected(_ request: Message) { server.disconnect(request) }

    public func stop() async {
        guard !server.isEmpty else { return }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            var waiting: CheckedContinuation<Void, Never>? = continuation
            let finish = {
                waiting?.resume()
                waiting = nil
            }
            let timer = context.reactor.schedule(after: Self.shutdownLimit) { [server] in
                server.killAll(SIGKILL)
                finish()
            }
            server.shutDown(signal: SIGTERM) { [context] in
                context.reactor.cancel(timer)
                finish()
            }
        }
    }
}
