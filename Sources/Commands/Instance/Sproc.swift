internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC24IO
internal import RFC42Subprocess

private let common: [Option] = [
    .value("rank", "r", "RANK", "The broker to ask"),
    .value("service", "s", "SERVICE", "The service to ask (default rexec)"),
]

let sprocCommand = Command(
    "sproc", "List, signal and wait for processes that flux exec started", .python,
    subcommands: [
        Command(
            "kill", "Send a signal to a process", .python, usage: "[OPTIONS] signum pid", operands: 2...2,
            options: common + [.flag("wait", "w", "Wait until the process has ended")], kill),
        Command(
            "wait", "Wait for a process that was started with --waitable", .python, usage: "[OPTIONS] pid", operands: 1...1,
            options: common + [.flag("output", "o", "Print the output that was kept")], wait),
        Command(
            "ps", "List processes", .python, options: common + [
                .value("format", "o", "FORMAT", "A format"), .flag("no-header", "n", "No header line"),
            ], list),
    ])

private struct Server {
    let service: String
    let nodeID: UInt32

    init(_ arguments: Arguments) throws {
        service = arguments.value("service") ?? "rexec"
        guard let rank = try arguments.integer("rank") else {
            nodeID = Message.anyNode
            return
        }
        guard let nodeID = UInt32(exactly: rank) else { throw CommandError("rank must not be negative") }
        self.nodeID = nodeID
    }

    func target(_ text: String) -> Rexec.Target {
        Rexec.Target(pid: Int64(text) ?? -1, label: Int64(text) == nil ? text : nil)
    }
}

@Sendable private func kill(_ arguments: Arguments) throws -> Int32 {
    let server = try Server(arguments)
    guard let signal = Int32(arguments.operands[0]) else {
        throw CommandError("invalid literal for int() with base 10: '\(arguments.operands[0])'")
    }
    let target = server.target(arguments.operands[1])
    return try Session.run(arguments) { flux in
        // Asked before the signal is sent: a process that has ended cannot be named any longer.
        var answer: Result<Message, RPCError>?
        var waiter: CheckedContinuation<Void, Never>?
        if arguments.has("wait") {
            let request = Message.request(
                "\(server.service).wait", json: Rexec.WaitRequest(target).json, nodeID: server.nodeID)
            flux.call(request) {
                answer = $0
                waiter?.resume()
                waiter = nil
            }
        }
        do throws(RPCError) {
            try await flux.rpc(
                "\(server.service).kill", Rexec.KillRequest(target, signal: signal).json, nodeID: server.nodeID)
        } catch {
            printError("flux-sproc: ERROR: kill: [Errno \(error.errnum)] \(error)")
            if !arguments.has("wait") || error.errnum != Errno.noProcess { return 1 }
        }
        guard arguments.has("wait") else { return 0 }
        await withCheckedContinuation { continuation in
            if answer == nil { waiter = continuation } else { continuation.resume() }
        }
        switch answer {
        case .success(let message)?: return exitCode(of: try Rexec.WaitResponse(json: try message.decodeJSON()).status)
        case .failure(let error)?: throw CommandError("kill: wait failed: [Errno \(error.errnum)] \(error)")
        case nil: return 1
        }
    }
}

@Sendable private func wait(_ arguments: Arguments) throws -> Int32 {
    let server = try Server(arguments)
    let request = Rexec.WaitRequest(server.target(arguments.operands[0])).json
    return try Session.run(arguments) { flux in
        let answer: JSON
        do throws(RPCError) { answer = try await flux.query("\(server.service).wait", request, nodeID: server.nodeID) } catch {
            throw CommandError("wait: [Errno \(error.errnum)] \(error)")
        }
        let response = try Rexec.WaitResponse(json: answer)
        if arguments.has("output") {
            for piece in response.output ?? [] {
                write(piece.bytes ?? [], to: piece.stream == "stdout" ? 1 : 2)
            }
        }
        return exitCode(of: response.status)
    }
}

private func exitCode(of status: Int32) -> Int32 {
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal
}

@Sendable private func list(_ arguments: Arguments) throws -> Int32 {
    let server = try Server(arguments)
    let headings = ["pid": "PID", "state": "ST", "label": "LABEL", "rank": "RANK", "cmd": "COMMAND"]
    let format = try OutputFormat(
        arguments.value("format") ?? "{pid:>9} {state:<2} {label:<12} {cmd}", headings: headings)
    return try Session.run(arguments) { flux in
        let answer: JSON
        do throws(RPCError) { answer = try await flux.query("\(server.service).list", [:], nodeID: server.nodeID) } catch {
            throw CommandError("ps: [Errno \(error.errnum)] \(error)")
        }
        let list = try Rexec.ListResponse(json: answer)
        let lines = try format.lines(for: list.processes, hasHeader: !arguments.has("no-header")) { process, field in
            switch field {
            case "pid": .int(process.pid)
            case "state": .text(process.isZombie ? "Z" : "R")
            case "label": .text(process.label.isEmpty ? "-" : process.label)
            case "rank": .int(list.rank)
            default: .text(process.command)
            }
        }
        for line in lines { print(line) }
        return 0
    }
}
