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
        .flag("attach", nil, "Follow a process in the background: the operand is its PID or LABEL"),
        .value("service", nil, "NAME", ""),
        .value("setopt", nil, "NAME=VALUE", ""),
        .value("stdin-flow", nil, "on|off", ""),
        .flag("with-imp", nil, "Run the command under flux-imp run"),
    ]
) { arguments in
    let attach = try attachTarget(arguments)
    guard attach != nil || !arguments.operands.isEmpty else { throw UsageError(.usage) }
    if arguments.value("label")?.isEmpty == true { throw CommandError("failed to set label: Invalid argument") }
    if arguments.has("waitable"), !arguments.has("bg") {
        throw CommandError("--waitable can only be used with --bg")
    }
    FluxEnvironment.apply()
    return try Session.run(arguments) { flux in
        let job = try await JobShells.named(arguments.value("jobid"), flux)
        let ranks = try await ExecTargets.ranks(arguments, of: flux, within: job?.ranks)
        if let attach, Int32(attach).map({ $0 > 0 }) == true, ranks.count > 1 {
            throw CommandError("--attach by pid requires a single target rank (use --rank)")
        }
        let prefix = arguments.has("with-imp") && attach == nil ? try await privilegedPrefix(flux) : []
        let command = try command(arguments, words: attach == nil ? prefix + arguments.operands : [])
        let run = RemoteRun(flux, command, on: ranks, arguments, service: job?.service)
        return arguments.has("bg") ? try await run.startInBackground() : await run.follow(attachingTo: attach)
    }
}

/// What stands in front of a command that `flux-imp` runs.
private func privilegedPrefix(_ flux: Handle) async throws -> [String] {
    let config = try await flux.query("config.get")
    guard let path = config["exec"]?["imp"]?.stringValue else {
        throw CommandError("--with-imp: exec.imp path not found in config: No such file or directory")
    }
    return [path, "run"]
}

private func command(_ arguments: Arguments, words: [String]) throws(CommandError) -> Rexec.Command {
    var command = Rexec.Command(arguments: words, environment: Environment.all)
    command.environment["FLUX_PROXY_REMOTE"] = nil
    if let label = arguments.value("label") { command.label = label }
    let directory = arguments.value("dir") ?? Files.workingDirectory
    if directory != "none" { command.directory = directory }
    for option in arguments.values("setopt") {
        let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw CommandError("error handling '\(option)' option: Invalid argument") }
        command.options[parts[0]] = parts[1]
    }
    return command
}

/// The process or label of `--attach`; nil without it.
private func attachTarget(_ arguments: Arguments) throws(CommandError) -> String? {
    guard arguments.has("attach") else { return nil }
    guard let target = arguments.operands.first else { throw CommandError("--attach requires a pid or label argument") }
    guard arguments.operands.count == 1 else { throw CommandError("--attach takes a single pid or label argument") }
    if arguments.has("bg") || arguments.has("waitable") {
        throw CommandError("--attach cannot be used with --bg or --waitable")
    }
    return target
}

/// Which brokers `flux exec` means.
enum ExecTargets {
    /// - Parameter targets: the ranks of a job, which options then number from 0; nil for all of the instance.
    static func ranks(_ arguments: Arguments, of flux: Handle, within targets: Idset? = nil) async throws -> Idset {
        let size = try await flux.size()
        let count = targets.map { UInt32($0.count) } ?? size
        let everywhere = count > 0 ? Idset(0..<count) : Idset()
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
        guard let targets else { return ranks }
        return Idset(targets.enumerated().filter { ranks.contains(UInt32($0.offset)) }.map(\.element))
    }
}
