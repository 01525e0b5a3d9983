internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import RFC03Message

let moduleCommand = Command(
    "module", "Manage the modules of a broker",
    subcommands: [
        Command(
            "list", "List the modules", options: [.flag("long", "l", "Show where each one comes from")], listModules),
        Command(
            "load", "Load a module", usage: "[OPTIONS] MODULE [ARGS...]", operands: 1...Int.max, stopsAtOperand: true,
            options: loadOptions
        ) { arguments in
            try Session.run(arguments) { flux in
                try await load(arguments, flux)
                return 0
            }
        },
        removeCommand("remove"), removeCommand("unload"),
        Command(
            "reload", "Unload a module and load it again", usage: "[OPTIONS] MODULE [ARGS...]", operands: 1...Int.max,
            stopsAtOperand: true, options: loadOptions + removeOptions
        ) { arguments in
            try Session.run(arguments) { flux in
                try await remove(arguments, arguments.value("name") ?? arguments.operands[0], flux)
                try await load(arguments, flux)
                return 0
            }
        },
        Command(
            "stats", "Show the statistics of a module", usage: "[OPTIONS] NAME", operands: 1...1,
            options: [
                .value("parse", "p", "A.B", "Show one member"),
                .value("scale", "s", "N", "Multiply numbers by N"),
                .value("type", "t", "int|double", "Show numbers as this type"),
                .optional("rusage", "R", "self|children|thread", "Show the use of resources"),
                .flag("clear", "c", "Begin from zero"),
                .flag("clear-all", "C", "Begin from zero on all brokers"),
            ], showStatistics),
        Command(
            "debug", "Show or change the debug flags of a module", usage: "[OPTIONS] NAME", operands: 1...1,
            options: [
                .flag("clear", "C", "Clear all bits"),
                .value("set", "S", "MASK", "Set the bits to MASK"),
                .value("setbit", "s", "MASK", "Set the bits of MASK"),
                .value("clearbit", "c", "MASK", "Clear the bits of MASK"),
            ], debug),
        traceModules,
    ])

private func removeCommand(_ name: String) -> Command {
    Command(name, "Unload a module", usage: "[OPTIONS] NAME", operands: 1...1, options: removeOptions) { arguments in
        try Session.run(arguments) { flux in
            try await remove(arguments, arguments.operands[0], flux)
            return 0
        }
    }
}

private let loadOptions: [Option] = [
    .value("name", nil, "NAME", "Load it under another name"),
    .flag("exec", nil, "Load it into a process of its own"),
    .value("loader", nil, "PATH", "Program that loads it"),
]

private let removeOptions: [Option] = [
    .flag("force", "f", "It is no error when there is no such module"),
    .flag("cancel", nil, "Do not wait for the module's own end"),
]

/// A path is made absolute, because the broker has another working directory; a name stays.
private func moduleReference(_ text: String) throws(CommandError) -> String {
    guard text.contains("/") || text.hasSuffix(".so") else { return text }
    guard let path = realpath(text, nil) else {
        throw CommandError("could not canonicalize module path '\(text)': \(SystemText.of(errno))")
    }
    defer { free(path) }
    return String(cString: path)
}

private func load(_ arguments: Arguments, _ flux: Handle) async throws(CommandError) {
    let name = arguments.operands[0]
    var request: JSON.Object = [
        "path": .string(try moduleReference(name)),
        "args": .array(arguments.operands.dropFirst().map { .string($0) }),
        "exec": .bool(arguments.has("exec")),
    ]
    request["name"] = arguments.value("name").map { .string($0) }
    request["loader"] = arguments.value("loader").map { .string($0) }
    do { try await flux.rpc("module.load", .object(request)) } catch {
        throw CommandError("load \(name): \(error)")
    }
}

private func remove(_ arguments: Arguments, _ name: String, _ flux: Handle) async throws(CommandError) {
    let request: JSON = [
        "name": .string(try moduleReference(name)), "cancel": .bool(arguments.has("cancel")),
    ]
    do { try await flux.rpc("module.remove", request) } catch {
        if arguments.has("force"), error.errnum == Errno.noEntry { return }
        throw CommandError("remove \(name): \(error)")
    }
}

@Sendable private func listModules(_ arguments: Arguments) throws -> Int32 {
    let isLong = arguments.has("long")
    return try Session.run(arguments) { flux in
        let modules: [JSON]
        do { modules = try await flux.query("module.list")["mods"]?.arrayValue ?? [] } catch {
            throw CommandError("list: \(error)")
        }
        print("\("Module".padded(to: 25)) Idle  S Sendq Recvq \(isLong ? "Service  Path" : "Service")")
        for module in modules {
            let name = String((module["name"]?.stringValue ?? "?").prefix(25))
            let idle = module["idle"]?.intValue ?? 0
            let state = [0: "I", 1: "R", 2: "F", 3: "X"][module["status"]?.intValue ?? -1] ?? "?"
            let services = (module["services"]?.arrayValue ?? []).compactMap(\.stringValue)
                .filter { $0 != name }.joined(separator: ",")
            let head = "\(name.padded(to: 25)) \((idle < 100 ? "\(idle)" : "idle").padded(leftTo: 4))  \(state)"
            let queues = [module["sendqueue"], module["recvqueue"]]
                .map { "\($0?.intValue ?? 0)".padded(leftTo: 5) }.joined(separator: " ")
            if isLong {
                let short = services.count > 8 ? services.prefix(7) + "+" : services[...]
                print("\(head) \(queues) \(String(short).padded(to: 8)) \(module["path"]?.stringValue ?? "")")
            } else {
                print("\(head) \(queues) \(services)")
            }
        }
        return 0
    }
}

@Sendable private func showStatistics(_ arguments: Arguments) throws -> Int32 {
    let name = arguments.operands[0]
    guard let scale = Double(arguments.value("scale") ?? "1") else {
        throw arguments.optionError("Option 'scale' requires a floating point argument")
    }
    return try Session.run(arguments) { flux in
        let answer: JSON
        let method = arguments.has("clear") ? "stats-clear" : arguments.has("rusage") ? "rusage" : "stats-get"
        let topic = "\(name).\(method)"
        do {
            if arguments.has("clear-all") {
                try await flux.publish("\(name).stats-clear")
                return 0
            }
            let who = arguments.has("rusage") ? arguments.value("rusage") : nil
            answer = try await flux.query(topic, who.map { ["who": .string($0)] })
            if arguments.has("clear") { return 0 }
        } catch {
            throw CommandError("\(topic): \(error)")
        }
        var value = answer
        if let path = arguments.value("parse") {
            guard let member = answer[path: path] else { throw CommandError("`\(path)' not found in response") }
            value = member
        }
        let number = value.numberValue ?? 0
        if value.intValue != nil || arguments.value("type") == "int" {
            print("\(Int64(number * scale))")
        } else if value.numberValue != nil || arguments.value("type") == "double" {
            print(Format.fixed(number * scale, 6))
        } else {
            print(value.text(indent: 1))
        }
        return 0
    }
}

@Sendable private func debug(_ arguments: Arguments) throws -> Int32 {
    let topic = "\(arguments.operands[0]).debug"
    let choices = [("clear", "clr"), ("set", "set"), ("clearbit", "clrbit"), ("setbit", "setbit")]
    let choice = choices.first { arguments.has($0.0) }
    var flags = 0
    if let text = choice.flatMap({ arguments.value($0.0) }) {
        let isHex = text.hasPrefix("0x")
        guard let number = Int(isHex ? String(text.dropFirst(2)) : text, radix: isHex ? 16 : 10) else {
            throw CommandError("invalid mask '\(text)'")
        }
        flags = number
    }
    let mask = Int64(flags)
    return try Session.run(arguments) { flux in
        do {
            let answer = try await flux.query(
                topic, ["op": .string(choice?.1 ?? "setbit"), "flags": .int(mask)])
            print("0x\(String(answer["flags"]?.intValue ?? 0, radix: 16))")
        } catch let error as RPCError {
            throw CommandError("\(topic): \(SystemText.of(error.errnum))")
        }
        return 0
    }
}
