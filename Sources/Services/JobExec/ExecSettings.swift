import FluxJSON
import RFC23FSD
import Service

/// What `[exec]` and the module's arguments say.
///
/// Source: names, defaults and texts observed: flux-core 0.88.
struct ExecSettings: Hashable, Sendable {
    /// Seconds between the polite signal and the hard one, and the unit of what follows.
    var killTimeout = 5.0
    var termSignal: Int32 = 15
    var killSignal: Int32 = 9
    /// How often the shells are killed before their nodes are given up.
    var maxKillCount = 8
    /// Seconds after which the nodes are given up; nil: ``maxKillCount`` decides.
    var maxKillTimeout: Double?
    var maxStartDelayPercent = 25.0
    /// Seconds; 0 is no limit.
    var barrierTimeout = 1800.0
    /// Seconds that other shells may outlive the first one; 0 is no limit.
    var shellExitTimeout = 30.0
    /// `rexec` or `sdexec`.
    var service = "rexec"
    var jobShell: String
    var impPath: String?
    /// Seconds and signal of the timer that systemd is to end a job with; shown like ``sdexecProperties``.
    var stopTimerSeconds: Int64?
    var stopTimerSignal: Int64 = 10
    /// What systemd is to set for a job's processes; checked and shown, for `rexec` knows nothing of it.
    var sdexecProperties: JSON.Object?
    var guestsMayTest = false

    init(jobShell: String) { self.jobShell = jobShell }

    /// - Parameters:
    ///   - table: the configuration's `exec`, nil when it has none.
    ///   - argument: the value of a module argument.
    init(table: JSON?, jobShell: String, argument: (String) -> String?) throws(ServiceError) {
        self.jobShell = jobShell
        if let table, table.objectValue == nil {
            throw ServiceError(errnum: 22, text: "Error reading [exec] table: expected table, found \(table.typeName)")
        }
        func text(_ key: String) throws(ServiceError) -> String? {
            if let text = argument(key) { return text }
            guard let value = table?[key] else { return nil }
            guard let text = value.stringValue else {
                throw ServiceError(
                    errnum: 22,
                    text: "error reading config value exec.\(key): expected string, found \(value.typeName)")
            }
            return text
        }
        func number(_ key: String) throws(ServiceError) -> Double? {
            guard let value = table?[key] else { return nil }
            guard let number = value.numberValue else {
                throw ServiceError(
                    errnum: 22,
                    text: "error reading config value exec.\(key): expected number, found \(value.typeName)")
            }
            return number
        }
        if let method = try text("method"), method != "bulk-exec" {
            throw ServiceError(errnum: 22, text: "unknown exec.method '\(method)'")
        }
        func seconds(_ key: String, _ text: String) throws(ServiceError) -> Double {
            guard let duration = try? FluxDuration(parsing: text) else {
                throw ServiceError(errnum: 22, text: "invalid \(key): \(text)")
            }
            return duration.isInfinite ? 0 : duration.seconds
        }
        func signal(_ key: String, default number: Int32) throws(ServiceError) -> Int32 {
            guard let text = try text(key) else { return number }
            guard let number = SignalName.number(text) else {
                throw ServiceError(errnum: 22, text: "invalid \(key): \(text)")
            }
            return number
        }
        if let percent = try number("max-start-delay-percent") { maxStartDelayPercent = percent }
        if let text = try text("kill-timeout") {
            killTimeout = try seconds("kill-timeout", text)
            guard killTimeout > 0 else { throw ServiceError(errnum: 22, text: "invalid kill-timeout: \(text)") }
        }
        termSignal = try signal("term-signal", default: termSignal)
        killSignal = try signal("kill-signal", default: killSignal)
        let configuredCount = try number("max-kill-count")
        if let count = argument("max-kill-count").flatMap({ Double($0) }) ?? configuredCount {
            guard let whole = Int(exactly: count), whole > 0 else {
                throw ServiceError(errnum: 22, text: "invalid max-kill-count=\(count)")
            }
            maxKillCount = whole
        }
        if let text = try text("max-kill-timeout") {
            let value = try seconds("max-kill-timeout", text)
            guard value > 0 else { throw ServiceError(errnum: 22, text: "invalid max-kill-timeout: \(text)") }
            maxKillTimeout = value
        }
        if let text = try text("barrier-timeout") { barrierTimeout = try seconds("barrier-timeout", text) }
        if let text = try text("shell-exit-timeout") {
            shellExitTimeout = text == "none" ? 0 : try seconds("shell-exit-timeout", text)
        }
        service = try text("service") ?? service
        self.jobShell = try text("job-shell") ?? jobShell
        impPath = try text("imp")
        stopTimerSeconds = try number("sdexec-stop-timer-sec").flatMap { Int64(exactly: $0) }
        stopTimerSignal = try number("sdexec-stop-timer-signal").flatMap { Int64(exactly: $0) } ?? stopTimerSignal
        sdexecProperties = try Self.properties(table?["sdexec-properties"])
        guestsMayTest = table?["testexec"]?["allow-guests"]?.boolValue ?? false
    }

    /// Seconds until the nodes of a job that cannot be killed are given up.
    var effectiveMaxKillTimeout: Double {
        if let maxKillTimeout { return maxKillTimeout }
        var sum = killTimeout * 5, step = killTimeout
        for _ in 1..<max(1, maxKillCount) {
            sum += step
            step = min(step * 2, 300)
        }
        return sum
    }

    private static func properties(_ value: JSON?) throws(ServiceError) -> JSON.Object? {
        guard let value else { return nil }
        guard let table = value.objectValue else {
            throw ServiceError(errnum: 22, text: "exec.sdexec-properties is not a table")
        }
        for (key, value) in table where value.stringValue == nil {
            throw ServiceError(errnum: 22, text: "exec.sdexec-properties.\(key) is not a string")
        }
        return table
    }

    var json: JSON {
        var object: JSON.Object = [
            "default_cwd": "/tmp", "default_job_shell": .string(jobShell), "exec_service": .string(service),
            "default_barrier_timeout": .real(barrierTimeout), "shell_exit_timeout": .real(shellExitTimeout),
            "sdexec_stop_timer_sec": .int(
                stopTimerSeconds ?? Int64(min(effectiveMaxKillTimeout, 1e9).rounded(.up))),
            "sdexec_stop_timer_signal": .int(stopTimerSignal), "sdexec_constrain_resources": 0,
        ]
        object["flux_imp_path"] = impPath.map { .string($0) }
        object["sdexec_properties"] = sdexecProperties.map { .object($0) }
        return .object(object)
    }
}

/// The names of signals.
enum SignalName {
    private static let names: [Int32: String] = [
        1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
        9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
        17: "SIGCHLD", 18: "SIGCONT", 19: "SIGSTOP", 20: "SIGTSTP", 21: "SIGTTIN", 22: "SIGTTOU", 23: "SIGURG",
        24: "SIGXCPU", 25: "SIGXFSZ", 26: "SIGVTALRM", 27: "SIGPROF", 28: "SIGWINCH", 29: "SIGIO", 30: "SIGPWR",
        31: "SIGSYS",
    ]

    static func name(_ number: Int32) -> String { names[number] ?? "\(number)" }

    /// Reads `SIGTERM`, `TERM` or `15`.
    static func number(_ text: String) -> Int32? {
        if let number = Int32(text) { return (1...64).contains(number) ? number : nil }
        return names.first { $0.value == text || $0.value == "SIG" + text }?.key
    }
}
