internal import CommandKit

let envCommand = Command(
    "env", "Print the environment of Flux, or run a command in it", .builtin, usage: "[COMMAND [ARGS...]]",
    operands: 0...Int.max, stopsAtOperand: true
) { arguments in
    guard !arguments.operands.isEmpty else {
        for (name, value) in FluxEnvironment.variables() { print("export \(name)=\"\(value)\"") }
        return 0
    }
    FluxEnvironment.apply()
    throw Program.replace(with: arguments.operands)
}
