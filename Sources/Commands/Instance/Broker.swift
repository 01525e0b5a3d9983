internal import CommandKit

let brokerCommand = Command(
    "broker", "Run one broker of an instance", .builtin, usage: "[OPTIONS] [COMMAND [ARGS...]]", readsOwnWords: true
) { arguments in
    FluxEnvironment.apply()
    let program = Installation.companion("flux-broker")
    throw Program.replace(with: [program] + arguments.operands)
}
