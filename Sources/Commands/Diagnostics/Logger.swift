internal import Client
internal import CommandKit
internal import Glibc

let loggerCommand = Command(
    "logger", "Write a message to the log of the broker", usage: "[OPTIONS] [MESSAGE...]", operands: 0...Int.max,
    options: [
        .value("severity", "s", "LEVEL", "emerg, alert, crit, err, warning, notice (default), info or debug"),
        .value("appname", "n", "NAME", "Who says it (default logger)"),
    ]
) { arguments in
    let name = arguments.value("severity") ?? "notice"
    guard let severity = Severity.allCases.first(where: { $0.name == name }) else {
        throw CommandError("invalid severity: Use emerg|alert|crit|err|warning|notice|info|debug")
    }
    let words = arguments.operands
    let text = try words.isEmpty ? Files.standardInput() : words.joined(separator: " ")
    return try Session.run(arguments) { flux in
        let rank = try await flux.rank()
        flux.log(severity, text, component: arguments.value("appname") ?? "logger", rank: rank, processID: getpid())
        return 0
    }
}
