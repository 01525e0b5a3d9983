internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import RFC19FLUID

/// The number of a signal by name, with or without `SIG`, or in digits.
func signalNumber(_ text: String) -> Int32? {
    if let number = Int32(text) { return number > 0 ? number : nil }
    let upper = text.uppercased()
    return signalNames[upper.hasPrefix("SIG") ? String(upper.dropFirst(3)) : upper]
}

private let signalNames: [String: Int32] = [
    "HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "TRAP": 5, "ABRT": 6, "BUS": 7, "FPE": 8, "KILL": 9, "USR1": 10,
    "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15, "STKFLT": 16, "CHLD": 17, "CONT": 18, "STOP": 19,
    "TSTP": 20, "TTIN": 21, "TTOU": 22, "URG": 23, "XCPU": 24, "XFSZ": 25, "VTALRM": 26, "PROF": 27, "WINCH": 28,
    "IO": 29, "POLL": 29, "PWR": 30, "SYS": 31,
]

let jobKill = Command(
    "kill", "Send a signal to the tasks of jobs", usage: "[OPTIONS] ids...", operands: 1...Int.max,
    options: [.value("signal", "s", "SIG", "The signal (default SIGTERM)")]
) { arguments in
    let name = arguments.value("signal") ?? "SIGTERM"
    guard let signal = signalNumber(name) else { throw CommandError("kill: Invalid signal \(name)") }
    let ids = try arguments.operands.map { text in
        guard let id = JobID(text) else { throw CommandError("invalid jobid: \(text)") }
        return (text, id)
    }
    return try Session.run(arguments) { flux in
        var code: Int32 = 0
        for (text, id) in ids {
            guard signal <= 64 else { throw CommandError("kill \(text): Invalid signal number") }
            do {
                try await flux.rpc("job-manager.kill", ["id": .int(id.json), "signum": .int(Int64(signal))])
            } catch {
                printError("flux-job: kill \(text): \(error)")
                code = 1
            }
        }
        return code
    }
}

func user(_ arguments: Arguments) throws(CommandError) -> Int64 {
    switch arguments.value("user") {
    case nil: return Int64(Users.current)
    case "all": return -1
    case .some(let name):
        guard let id = UInt32(name) ?? Users.id(of: name) else { throw CommandError("unknown user \(name)") }
        return Int64(id)
    }
}

let jobKillAll = Command(
    "killall", "Send a signal to many jobs", operands: 0...0,
    options: [
        .value("signal", "s", "SIG", "The signal (default SIGTERM)"),
        .value("user", "u", "USER", "The jobs of a user; all for everybody"),
        .flag("force", "f", "Do it; without this jobs are only counted"),
    ]
) { arguments in
    let name = arguments.value("signal") ?? "SIGTERM"
    guard let signal = signalNumber(name) else { throw CommandError("killall: Invalid signal \(name)") }
    let request: JSON = [
        "dry_run": .bool(!arguments.has("force")), "userid": .int(try user(arguments)), "signum": .int(Int64(signal)),
    ]
    return try Session.run(arguments) { flux in
        let answer: JSON
        do { answer = try await flux.query("job-manager.killall", request) } catch {
            throw CommandError("killall: \(error)")
        }
        let count = answer["count"]?.intValue ?? 0
        if count > 0, !arguments.has("force") {
            printError("flux-job: Command matched \(count) jobs (-f to confirm)")
        } else if count > 0 {
            let what = String(cString: strsignal(signal))
            printError("flux-job: \(what) \(count) jobs (\(answer["errors"]?.intValue ?? 0) errors)")
        } else {
            printError("flux-job: Command matched 0 jobs")
        }
        return 0
    }
}
