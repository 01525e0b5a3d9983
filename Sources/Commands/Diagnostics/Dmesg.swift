internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message

let dmesgCommand = Command(
    "dmesg", "Show or clear the log of the broker", .builtin, usage: "[OPTIONS...]", operands: 0...Int.max,
    options: [
        .flag("clear", "C", "Forget what was logged"),
        .flag("read-clear", "c", "Forget what was logged after showing it"),
        .flag("follow", "f", "Go on with what is logged from now on"),
        .flag("new", "n", "Show only what is logged from now on"),
        .flag("human", "H", "Show times for people"),
        .flag("delta", "d", "With --human: the time between messages"),
        Color.option,
    ]
) { arguments in
    guard arguments.operands.isEmpty else { throw CommandError("flux-dmesg accepts no free arguments") }
    if arguments.has("delta"), !arguments.has("human") {
        throw CommandError("--delta can only be used with --human")
    }
    let hasColor = try arguments.wantsColor()
    return try Session.run(arguments) { flux in
        if !arguments.has("clear") {
            var printer = LogPrinter(
                isHuman: arguments.has("human"), showsDelta: arguments.has("delta"), hasColor: hasColor)
            let log = flux.stream(
                "log.dmesg",
                [
                    "follow": .bool(arguments.has("follow")),
                    "nobacklog": .bool(arguments.has("new")),
                ])
            do {
                while let message = try await log.next() {
                    print(printer.line(message.payloadText ?? ""))
                    flushOutput()
                }
            } catch {
                throw CommandError("log.dmesg: \(error)")
            }
        }
        if arguments.has("clear") || arguments.has("read-clear") {
            do { try await flux.rpc("log.clear") } catch { throw CommandError("log.clear: \(error)") }
        }
        return 0
    }
}
