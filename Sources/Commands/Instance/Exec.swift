internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import RFC22Idset
internal import RFC42Subprocess
internal import Reactor

let execCommand = Command(
    "exec", "Run a command on brokers", usage: "[OPTIONS] COMMAND [ARGS...]", operands: 0...Int.max, stopsAtOperand: true,
    options: [
        .value("rank", "r", "IDSET", "Ranks to run on (default all)"),
        .value("exclude", "x", "IDSET", "Ranks to leave out"),
        .value("jobid", "j", "JOBID", "Run on the nodes of a job, through its shells"),
        .value("dir", "d", "PATH", "Working directory of the command"),
        .flag("label-io", "l", "Put the rank in front of each line"),
        .flag("noinput", "n", "Take standard input from /dev/null"),
        .flag("verbose", "v", "Say more"),
        .flag("quiet", "q", "Say less"),
        .flag("bg", nil, "Start the command in the background, print its process id and exit"),
        .flag("waitable", nil, "With --bg: keep the exit status until somebody asks for it"),
        .value("label", nil, "LABEL", "Name of the process"),
        .value("attach", nil, "PID|LABEL", "Follow a process in the background"),
        .value("service", nil, "NAME", ""),
        .value("setopt", nil, "NAME=VALUE", ""),
        .value("stdin-flow", nil, "on|off", ""),
        .flag("with-imp", nil, "Run the command under flux-imp run"),
    ]
) { arguments in
    let attach = arguments.value("attach")
    guard attach != nil || !arguments.operands.isEmpty else { throw UsageError(.usage) }
    if arguments.has("waitable"), !arguments.has("bg") {
        throw CommandError("--waitable can only be used with --bg")
    }
    FluxEnvironment.apply()
    return try Session.run(arguments) { flux in
        let ranks = try await ExecTargets.ranks(arguments, of: flux)
        var command = Rexec.Command(arguments: arguments.operands, environment: Environment.all)
        command.environment["FLUX_PROXY_REMOTE"] = nil
        if let label = arguments.value("label") { command.label = label }
        let directory = arguments.value("dir") ?? Files.workingDirectory
        if directory != "none" { command.directory = directory }
        for option in arguments.values("setopt") {
            let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw CommandError("error handling '\(option)' option: Invalid argument") }
            command.options[parts[0]] = parts[1]
        }
        let run = RemoteRun(flux, command, on: ranks, arguments)
        return arguments.has("bg") ? try await run.startInBackground() : await run.follow(attachingTo: attach)
    }
}

/// Which brokers `flux exec` means.
enum ExecTargets {
    static func ranks(_ arguments: Arguments, of flux: Handle) async throws -> Idset {
        let size = try await flux.size()
        let everywhere = size > 0 ? Idset(0..<size) : Idset()
        var ranks = everywhere
        if let text = arguments.value("rank"), text != "all" {
            guard let chosen = Idset(text) else { throw CommandError("failed to decode idset '\(text)': Invalid argument") }
            let invalid = chosen.subtracting(everywhere)
            guard invalid.isEmpty else {
                throw CommandError("One or more invalid --ranks specified: \(invalid)")
            }
            ranks = chosen
        }
        if let text = arguments.value("exclude") {
            guard let excluded = Idset(text) else { throw CommandError("error decoding --exclude idset: Invalid argument") }
            ranks = ranks.subtracting(excluded)
        }
        guard !ranks.isEmpty else { throw CommandError("No targets specified") }
        return ranks
    }
}
