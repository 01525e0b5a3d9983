public import FluxJSON
import RFC26Dependency

/// `--signal=[SIG][@TIME]`: a warning before the time limit.
public struct SignalOption: Hashable, Sendable {
    /// Number of the signal; SIGUSR1 unless told.
    public private(set) var signal: Int64 = 10
    /// Seconds before the limit; as the number was typed.
    public private(set) var timeLeft: JSON = 60

    /// Reads the value of the option.
    public init(parsing text: String) throws(SubmissionError) {
        func refuse(_ reason: String) -> SubmissionError { .failure("--signal=\(text): \(reason)") }
        let at = text.firstIndex(of: "@")
        let name = text[..<(at ?? text.endIndex)]
        if !name.isEmpty {
            guard let number = LooseNumber.int(name) ?? Self.number(of: name) else {
                throw refuse("signal '\(name)' is invalid")
            }
            guard number > 0 else { throw refuse("signal must be > 0") }
            signal = number
        }
        guard let at, text.index(after: at) < text.endIndex else { return }
        let time = text[text.index(after: at)...]
        if let seconds = LooseNumber.double(time) {
            timeLeft = .real(seconds)
        } else {
            guard let seconds = TimeOption.seconds(String(time)) else { throw refuse(TimeOption.complaint) }
            timeLeft = .real(seconds)
        }
    }

    private static let names = [
        "HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "TRAP": 5, "ABRT": 6, "IOT": 6, "BUS": 7, "FPE": 8, "KILL": 9,
        "USR1": 10, "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15, "STKFLT": 16, "CHLD": 17, "CLD": 17,
        "CONT": 18, "STOP": 19, "TSTP": 20, "TTIN": 21, "TTOU": 22, "URG": 23, "XCPU": 24, "XFSZ": 25, "VTALRM": 26,
        "PROF": 27, "WINCH": 28, "IO": 29, "POLL": 29, "PWR": 30, "SYS": 31, "RTMIN": 34, "RTMAX": 64,
    ]

    /// The number of `SIGUSR1` or `USR1` on Linux.
    public static func number(of name: some StringProtocol) -> Int64? {
        names[name.hasPrefix("SIG") ? String(name.dropFirst(3)) : String(name)].map(Int64.init)
    }

    /// Shell option `signal`.
    public var json: JSON { ["signum": .int(signal), "timeleft": timeLeft] }
}

/// Durations of the command line.
enum TimeOption {
    static let complaint = "invalid Flux standard duration"

    /// A duration with a unit, or a number of seconds; not negative, `inf` allowed.
    static func seconds(_ text: String) -> Double? {
        if ["inf", "infinity", "INF", "INFINITY"].contains(text) { return .infinity }
        let units: [(suffix: String, scale: Double)] = [("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)]
        let unit = units.first { text.hasSuffix($0.suffix) }
        guard let value = LooseNumber.double(text.dropLast(unit?.suffix.utf8.count ?? 0)) else { return nil }
        let seconds = value * (unit?.scale ?? 1)
        return seconds >= 0 && seconds.isFinite ? seconds : nil
    }

    /// The time limit of a job: a bare number counts minutes.
    static func limit(_ text: String) throws(SubmissionError) -> Double {
        let seconds: Double
        if let minutes = LooseNumber.double(text) {
            seconds = minutes * 60
        } else {
            guard let value = Self.seconds(text) else { throw .failure(complaint) }
            seconds = value
        }
        guard !(seconds < 0) else { throw .failure("duration must not be negative") }
        guard seconds.isFinite else { throw .failure("duration must be a normal, finite value") }
        return seconds
    }
}
