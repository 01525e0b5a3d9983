internal import FluxJSON
internal import Glibc

/// The option `signal`: a warning to the tasks before the job's time is over.
struct ExpirationSignal: Hashable {
    var number = Int32(10)
    var secondsLeft = 60.0

    /// nil when the option is not there or 0.
    init?(_ option: JSON?) throws(ShellExit) {
        guard let option else { return nil }
        if let number = option.intValue {
            // Any number but 0 asks for the defaults.
            if number == 0 { return nil }
            return
        }
        guard option.objectValue != nil else {
            throw ShellExit(1, "error in shell `signal' option: expected object", component: "signal")
        }
        if let value = option["signum"] {
            guard let signum = value.intValue, (1...64).contains(signum) else {
                throw ShellExit(1, "error in shell `signal' option: signum is no signal", component: "signal")
            }
            number = Int32(signum)
        }
        if let value = option["timeleft"] {
            guard let seconds = ShellOptions.seconds(value) else {
                throw ShellExit(1, "signal.timeleft=\(value.stringValue ?? value.text) is invalid", component: "signal")
            }
            secondsLeft = seconds
        }
        if secondsLeft <= 0 { return nil }
    }

    var name: String { sigabbrev(number) ?? "signal \(number)" }

    private func sigabbrev(_ number: Int32) -> String? {
        let names = [
            "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
            "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
            "WINCH", "IO", "PWR", "SYS",
        ]
        return names.indices.contains(Int(number) - 1) ? "SIG\(names[Int(number) - 1])" : nil
    }

    /// A number with a fixed count of decimals.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        let scale = decimals == 1 ? 10.0 : decimals == 2 ? 100.0 : 1000.0
        let scaled = Int64((min(value, 1e12) * scale).rounded())
        let digits = String(scaled % Int64(scale))
        return "\(scaled / Int64(scale))." + String(repeating: "0", count: decimals - digits.count) + digits
    }
}
