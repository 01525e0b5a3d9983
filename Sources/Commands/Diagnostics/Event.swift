internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message

let eventCommand = Command(
    "event", "Publish and show events",
    subcommands: [
        Command(
            "pub", "Publish an event", usage: "[OPTIONS] TOPIC [PAYLOAD]", operands: 1...Int.max,
            options: [
                .flag("raw", "r", "Send the payload as it is"),
                .flag("synchronous", "s", "Wait until the event has a sequence number, and print it"),
                .flag("loopback", "l", "Wait until the event comes back"),
                .flag("private", "p", "Show the event to the own user only"),
            ], publish),
        Command(
            "sub", "Show events", usage: "[OPTIONS] [TOPIC...]", operands: 0...Int.max,
            options: [.value("count", "c", "N", "Stop after N events")], subscribe),
    ])

@Sendable private func publish(_ arguments: Arguments) throws -> Int32 {
    let topic = arguments.operands[0]
    let words = arguments.operands.dropFirst()
    let payload = words.isEmpty ? nil : words.joined(separator: " ")
    return try Session.run(arguments) { flux in
        var returned: CheckedContinuation<Void, Never>?
        var isBack = false
        let bytes = payload.map { Array($0.utf8) + (arguments.has("raw") ? [] : [0]) }
        if arguments.has("loopback") {
            try await flux.subscribe(topic) { message in
                guard message.topic == topic, message.payload ?? [] == bytes ?? [] else { return }
                isBack = true
                returned?.resume()
                returned = nil
            }
        }
        var request: JSON.Object = [
            "topic": .string(topic), "flags": .int(arguments.has("private") ? 0x20 : 0),
        ]
        if let bytes { request["payload"] = .string(Base64.encode(bytes)) }
        do {
            let answer = try await flux.query("event.publish", .object(request), nodeID: 0)
            if arguments.has("synchronous") { print("seq=\(answer["seq"]?.intValue ?? 0)") }
        } catch let error as RPCError {
            throw CommandError("publish failed: \(error)")
        }
        await withCheckedContinuation { continuation in
            if arguments.has("loopback"), !isBack { returned = continuation } else { continuation.resume() }
        }
        return 0
    }
}

@Sendable private func subscribe(_ arguments: Arguments) throws -> Int32 {
    let limit = try arguments.integer("count") ?? 0
    return try Session.run(arguments) { flux in
        var count = 0
        var isDone = false
        var waiter: CheckedContinuation<Int32, Never>?
        flux.onClose = { code in
            waiter?.resume(returning: code)
            waiter = nil
        }
        let show: (Message) -> Void = { message in
            guard !isDone else { return }
            print("\(message.topic ?? "")\t\(printable(message.payload))")
            flushOutput()
            count += 1
            guard limit > 0, count == limit else { return }
            isDone = true
            waiter?.resume(returning: 0)
            waiter = nil
        }
        // One event that two prefixes match is shown once: the broker sends it once, the first prefix takes it.
        let prefixes = arguments.operands.isEmpty ? [""] : arguments.operands
        for (index, prefix) in prefixes.enumerated() {
            let earlier = prefixes[..<index]
            try await flux.subscribe(prefix) { message in
                let topic = message.topic ?? ""
                if !earlier.contains(where: { topic.hasPrefix($0) }) { show(message) }
            }
        }
        let code: Int32 = await withCheckedContinuation { (continuation: CheckedContinuation<Int32, Never>) in
            if isDone { continuation.resume(returning: 0) } else { waiter = continuation }
        }
        guard code == 0 else { throw CommandError("connection to the broker was lost: \(SystemText.of(code))") }
        return 0
    }
}

/// The payload of an event as text; what is not printable is shown as a dot.
private func printable(_ payload: [UInt8]?) -> String {
    guard var payload, !payload.isEmpty else { return "" }
    if payload.last == 0 {
        payload.removeLast()
        if let text = String(validating: payload, as: UTF8.self) { return text }
    }
    return String(decoding: payload.map { (0x20...0x7e).contains($0) ? $0 : 0x2e }, as: UTF8.self)
}
