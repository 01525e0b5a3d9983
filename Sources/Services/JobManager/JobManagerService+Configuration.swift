import Client
public import FluxJSON
import KVSClient
import RFC23FSD
import RFC33Queue
import Service

/// What the configuration and administrators set.
struct Settings: Sendable {
    var isPrivate = false
    var stopsQueuesOnRestart = false
    var purgeRule = JobLedger.PurgeRule()
    var isPurging = false
    var isFollowingHeartbeat = false
    /// Names of what the reference has as plug-ins, as its tools show them.
    var plugins = JobManagerService.builtinPlugins
}

extension JobManagerService {
    public func configure(_ configuration: JSON) throws {
        let table = configuration["job-manager"]
        var new = settings
        new.isPrivate = configuration["access"]?["private-mode"]?.boolValue ?? false
        if let value = table?["stop-queues-on-restart"], value.boolValue == nil {
            throw ServiceError(errnum: Errno.invalid, text: "job-manager.stop-queues-on-restart: expected true or false")
        }
        do throws(QueueConfiguration.Failure) {
            try QueueConfiguration.validate(configuration)
        } catch {
            throw ServiceError(errnum: Errno.invalid, text: error.description)
        }
        new.stopsQueuesOnRestart = table?["stop-queues-on-restart"]?.boolValue ?? false
        new.purgeRule = .init()
        if let age = table?["inactive-age-limit"] {
            guard let text = age.stringValue else {
                throw ServiceError(
                    errnum: Errno.invalid,
                    text: "job-manager.inactive-age-limit: Expected string, got \(age.typeName)")
            }
            guard let duration = try? FluxDuration(parsing: text) else {
                throw ServiceError(errnum: Errno.invalid, text: "job-manager.inactive-age-limit: invalid FSD")
            }
            new.purgeRule.age = duration.seconds
        }
        if let number = table?["inactive-num-limit"] {
            guard let limit = number.intValue, limit >= 0 else {
                throw ServiceError(errnum: Errno.invalid, text: "job-manager.inactive-num-limit: must be >= 0")
            }
            new.purgeRule.number = Int(clamping: limit)
        }
        let limits = try Limits(configuration: configuration, instanceExpiration: ledger.limits.instanceExpiration)
        let rule = try Housekeeping.rule(configuration: configuration)
        try ask { ledger throws(Refusal) in
            try ledger.queues.configure(configuration["queues"]?.objectValue ?? [:])
            ledger.limits = limits
        }
        settings = new
        housekeeping.rule = rule
        if table?["housekeeping"]?["use-systemd-unit"]?.boolValue == true {
            context.log(.err, "job-manager.housekeeping.use-systemd-unit is deprecated - ignoring")
        }
        followHeartbeat()
    }

    private func followHeartbeat() {
        guard settings.purgeRule != .init(), !settings.isFollowingHeartbeat else { return }
        settings.isFollowingHeartbeat = true
        Task {
            _ = try? await self.flux.subscribe("heartbeat.pulse") { _ in self.here { $0.purgeByRule() } }
        }
    }

    /// Follows the end of the instance's own time, which its resources name.
    func watchInstanceExpiration() {
        let stream = flux.watch("resource.R", flags: .waitCreate)
        Task {
            while let answer = try? await stream.nextJSON() {
                guard let value = answer["val"], let bytes = try? Handle.bytes(ofValue: value),
                    let resources = try? JSON(parsing: bytes),
                    let expiration = resources["execution"]?["expiration"]?.numberValue
                else { continue }
                self.instanceExpirationChanged(to: expiration)
            }
        }
    }

    /// `12.50`.
    private static func hundredths(_ seconds: Double) -> String {
        let hundredths = Int64((min(max(seconds, 0), 9e14) * 100).rounded()), rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    private func instanceExpirationChanged(to expiration: Double) {
        let old = ledger.limits.instanceExpiration
        let isFirst = !ledger.limits.knowsInstanceExpiration
        ledger.limits.instanceExpiration = expiration
        ledger.limits.knowsInstanceExpiration = true
        if abs(old - expiration) >= 1e-5 {
            context.log(.debug, "duration-validator: updated expiration to \(Self.hundredths(expiration))")
        }
        guard !isFirst, abs(old - expiration) >= 1e-5 else { return }
        change { $0.extendRunningJobs(to: expiration) }
    }
}
