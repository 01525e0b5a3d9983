public import Client
internal import FluxJSON
internal import Glibc
internal import RFC03Message
public import Reactor

/// Speaks the module protocol for a service: welcome, status, requests, shutdown.
///
/// It keeps itself alive through the handle until the module has ended.
///
/// Source: broker-protocol 5.3 (observed: flux-core 0.88).
public final class ServiceRunner<S: Service> {
    enum Phase { case waiting, starting, running, finalizing, exited }

    let flux: Handle
    var phase = Phase.waiting
    var service: S?
    private var held: [Message] = []
    var counters = MessageCounters()
    var debug: Int64 = 0

    /// Starts a runner on the reactor's own thread.
    public static func launch(transport: any Transport, reactor: Reactor) throws {
        let runner = ServiceRunner(flux: try Handle(transport: transport, reactor: reactor))
        runner.flux.onRequest = { runner.receive($0) }
        runner.flux.onClose = { _ in runner.closed() }
    }

    private init(flux: Handle) { self.flux = flux }

    private func receive(_ request: Message) {
        counters.received.requests += 1
        switch phase {
        case .waiting where request.topic == "welcome": welcome(request)
        case .waiting, .starting: held.append(request)
        case .running: dispatch(request)
        case .finalizing, .exited:
            flux.respond(to: request, errnum: Errno.noSystem, "Service is shutting down")
        }
    }

    private func welcome(_ request: Message) {
        guard let payload = try? request.decodeJSON(), let name = payload["name"]?.stringValue else {
            finish(errnum: Errno.proto, "malformed welcome")
            return
        }
        var attributes: [String: String] = [:]
        for (key, value) in payload["attrs"]?.objectValue ?? [:] { attributes[key] = value.stringValue }
        let context = ServiceContext(
            name: name,
            uuid: payload["uuid"]?.stringValue ?? "",
            arguments: payload["args"]?.arrayValue?.compactMap(\.stringValue) ?? [],
            attributes: attributes,
            configuration: payload["conf"] ?? .object([:]),
            flux: flux, showsPlainIDs: hasPlainLocale())
        let service = S(context: context)
        self.service = service
        phase = .starting
        spawn { runner, service in
            do {
                try await service.flux.subscribe("\(name).stats-clear") { _ in service.here { $0.clearStatistics() } }
                try await service.start()
                runner.started()
            } catch is ServiceNotNeeded {
                runner.finish(errnum: 0, nil)
            } catch {
                let refusal = ServiceError(describing: error)
                service.context.log(.err, refusal.description)
                runner.finish(errnum: refusal.errnum, refusal.description)
            }
        }
    }

    private func started() {
        guard phase == .starting else { return }
        phase = .running
        flux.notify("module.status", ["status": 1])
        let waiting = held
        held = []
        for request in waiting { receive(request) }
    }

    /// The orderly end: the service writes what it must, the broker stops delivery, queued requests are refused.
    func shutDown() {
        guard phase == .running else { return }
        spawn { runner, service in
            await service.stop()
            runner.phase = .finalizing
            _ = try? await service.flux.rpc("module.status", ["status": 2])
            runner.finish(errnum: 0, nil)
        }
    }

    private func finish(errnum: Int32, _ text: String?) {
        guard phase != .exited else { return }
        phase = .exited
        for request in held { flux.respond(to: request, errnum: Errno.noSystem, nil) }
        held = []
        var payload: JSON = ["status": 3, "errnum": .int(Int64(errnum))]
        if let text, errnum != 0 { payload = ["status": 3, "errnum": .int(Int64(errnum)), "errstr": .string(text)] }
        flux.notify("module.status", payload)
        flux.reactor.later { [flux] in flux.close() }
    }

    private func closed() {
        phase = .exited
        service = nil
        flux.onRequest = nil
    }

    /// Runs `body` on the service's actor. The runner is on the same reactor, which makes handing it over right.
    func spawn(_ body: @escaping @Sendable (Runner, isolated S) async -> Void) {
        guard let service else { return }
        let runner = Runner(self)
        Task(executorPreference: flux.reactor) { await service.perform { await body(runner, $0) } }
    }

    /// A reference to the runner that may enter tasks of its own reactor.
    struct Runner: @unchecked Sendable {
        private let runner: ServiceRunner
        init(_ runner: ServiceRunner) { self.runner = runner }

        var phase: Phase {
            get { runner.phase }
            nonmutating set { runner.phase = newValue }
        }
        func started() { runner.started() }
        func finish(errnum: Int32, _ text: String?) { runner.finish(errnum: errnum, text) }
        func answer(_ request: Message, _ reply: Reply) { runner.answer(request, reply) }
        func refuse(_ request: Message, _ error: any Error) { runner.refuse(request, error) }
        func counterJSON() -> JSON { runner.counters.json }
    }
}

extension Service {
    func perform(_ body: @Sendable (isolated Self) async -> Void) async { await body(self) }
}

func currentProcessID() -> Int32 { getpid() }

/// Whether job ids have to do without letters outside of ASCII: the variable that says so, or the locale.
///
/// Source: observed: flux-core 0.88.
func hasPlainLocale() -> Bool {
    if getenv("FLUX_F58_FORCE_ASCII") != nil { return true }
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
        guard let value = getenv(name), value.pointee != 0 else { continue }
        let text = String(cString: value).lowercased()
        return !text.contains("utf-8") && !text.contains("utf8")
    }
    return true
}
