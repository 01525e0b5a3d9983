internal import Client
public import FluxJSON
public import RFC03Message
internal import Reactor
public import Service

/// `heartbeat`: rank 0 publishes `heartbeat.pulse`; followers notice when it stays away.
///
/// Source: broker-protocol 6.4 (observed: flux-core 0.88).
public actor HeartbeatService: Service {
    public nonisolated let context: ServiceContext
    private var settings = HeartbeatSettings()
    private var timer: TimerID?
    private var count: Int64 = 0
    private var lastPulse: Int64 = 0
    private var hasWarned = false

    public init(context: ServiceContext) { self.context = context }

    public static let methods: [String: Method<HeartbeatService>] = [
        "stats-get": .now { service, _ in .json(service.report) }
    ]

    private var report: JSON {
        [
            "period": .real(settings.period), "timeout": .real(settings.timeout.isInfinite ? -1 : settings.timeout),
            "count": .int(count), "warn_thresh": .int(settings.warnThreshold),
        ]
    }

    public func start() async throws {
        try take(context.configuration, arguments: context.arguments)
        lastPulse = context.reactor.now
        if context.rank == 0 {
            pulse()
        } else {
            try await flux.subscribe("heartbeat.pulse") { _ in self.here { $0.pulseArrived() } }
        }
        setTimer()
    }

    public func stop() async {
        if let timer { context.reactor.cancel(timer) }
    }

    public func configure(_ configuration: JSON) throws {
        // What the module was loaded with counts until the first new configuration.
        try take(configuration, arguments: [])
        setTimer()
    }

    private func take(_ configuration: JSON, arguments: [String]) throws {
        do {
            settings = try HeartbeatSettings(configuration: configuration, arguments: arguments)
        } catch {
            throw ServiceError(errnum: Errno.invalid, text: error.description)
        }
    }

    private func setTimer() {
        if let timer { context.reactor.cancel(timer) }
        let period = Duration.milliseconds(Int(settings.period * 1000))
        timer = context.reactor.schedule(after: period, every: period) { self.here { $0.tick() } }
    }

    private func tick() { context.rank == 0 ? pulse() : watchForSilence() }

    private func pulse() {
        count += 1
        flux.call(.request("event.publish", json: ["topic": "heartbeat.pulse", "flags": 0], nodeID: 0)) { _ in }
    }

    private func pulseArrived() {
        count += 1
        lastPulse = context.reactor.now
        hasWarned = false
    }

    private func watchForSilence() {
        let silence = Double(context.reactor.now - lastPulse) / 1e9
        if silence > settings.timeout {
            flux.notify(
                "overlay.disconnect-parent", ["reason": .string("no heartbeat for \(Int(silence))s")],
                nodeID: context.rank)
        } else if silence > settings.period * Double(settings.warnThreshold), !hasWarned {
            hasWarned = true
            context.log(.warning, "heartbeat overdue")
        }
    }
}
