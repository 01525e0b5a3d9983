internal import Client
internal import CommandKit
internal import Reactor

let proxyCommand = Command(
    "proxy", "Run a command or a shell that talks to another instance", .builtin, usage: "[OPTIONS] TARGET [COMMAND...]",
    operands: 0...Int.max, stopsAtOperand: true,
    options: [
        .flag("force", "f", "Also when the versions differ"), .flag("nohup", "n", "Let the command live on"),
        .flag("reconnect", nil, "Connect again when the connection is lost"),
    ]
) { arguments in
    guard let target = arguments.operands.first else { throw UsageError(.message, "URI argument is required") }
    let uri = TargetResolver.localized(
        try TargetResolver.uri(of: target, failure: "Unable to resolve \(target) to a URI"))
    do {
        let reactor = try Reactor()
        try reactor.run { try Handle.open(uri, on: reactor).close() }
    } catch let error as OpenError {
        throw CommandError("\(uri): \(error)")
    }
    FluxEnvironment.apply()
    Environment["FLUX_URI"] = uri
    if uri.hasPrefix("ssh://") {
        Environment["FLUX_PROXY_REMOTE"] = String(uri.dropFirst("ssh://".count).prefix { $0 != "/" })
    }
    let shell = Environment["SHELL"] ?? "/bin/sh"
    let words = arguments.operands.dropFirst()
    throw Program.replace(with: words.isEmpty ? [shell] : [shell, "-c", words.joined(separator: " ")])
}
