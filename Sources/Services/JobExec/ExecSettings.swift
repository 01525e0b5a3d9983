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
    var guestsMayTest = false

    init(jobShell: String) { self.jobShell = jobShell }

    /// - Parameters:
    ///   - table: the configuration's `exec`, nil when it has none.
    ///   - argument: the value of a module argument.
    init(table: JSON?, jobShell: String, argument: (String) -> String?) throws(ServiceError) {
        self.jobShell = jobShell
        func text(_ key: String) -> String? { argument(key) ?? table?[key]?.stringValue }
        func seconds(_ key: String, _ text: String) throws(ServiceError) -> Double {
            guard let duration = try? FluxDuration(parsing: text) else {
                throw ServiceError(errnum: 22, text: "invalid \(key): \(text)")
            }
            return duration.isInfinite ? 0 : duration.seconds
        }
        func signal(_ key: String, default number: Int32) throws(ServiceError) -> Int32 {
            guard let text = text(key) else { return number }
            guard let number = SignalName.number(text) else {
                throw ServiceError(errnum: 22, text: "invalid \(key): \(text)")
            }
            return number
        }
        if let percent = table?["max-start-delay-percent"]?.numberValue { maxStartDelayPercent = percent }
        if let text = text("kill-timeout") {
            killTimeout = try seconds("kill-timeout", text)
            guard killTimeout > 0 else { throw ServiceError(errnum: 22, text: "invalid kill-timeout: \(text)") }
        }
        termSignal = try signal("term-signal", default: termSignal)
        killSignal = try signal("kill-signal", default: killSignal)
        if let number = argument("max-kill-count").flatMap({ Int64($0) }) ?? table?["max-kill-count"]?.intValue {
            guard number > 0 else { throw ServiceError(errnum: 22, text: "invalid max-kill-count=\(number)") }
            maxKillCount = Int(clamping: number)
        }
        if let text = text("max-kill-timeout") {
            let value = try seconds("max-kill-timeout", text)
            guard value > 0 else { throw ServiceError(errnum: 22, text: "invalid max-kill-timeout: \(text)") }
            maxKillTimeout = value
        }
        if let text = text("barrier-timeout") { barrierTimeout = try seconds("barrier-timeout", text) }
        if let text = text("shell-exit-timeout") {
            shellExitTimeout = text == "none" ? 0 : try seconds("shell-exit-timeout", text)
        }
        service = text("service") ?? service
        self.jobShell = text("job-shell") ?? jobShell
        impPath = text("imp")
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

    var json: JSON {
        [
            "default_cwd": "/tmp", "default_job_shell": .string(jobShell), "exec_service": .string(service),
            "default_barrier_timeout": .real(barrierTimeout), "shell_exit_timeout": .real(shellExitTimeout),
            "sdexec_stop_timer_sec": .int(Int64(effectiveMaxKillTimeout.rounded(.up))),
            "sdexec_stop_timer_signal": 10, "sdexec_constrain_resources": 0,
        ]
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
