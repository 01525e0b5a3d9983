internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC29Hostlist
internal import Reactor

let pingCommand = Command(
    "ping", "Measure the time to a service and back", usage: "[OPTIONS] TARGET", operands: 1...1,
    options: [
        .value("rank", "r", "RANK", "The broker to ask"),
        .value("pad", "p", "N", "Send N bytes more"),
        .value("interval", "i", "FSD", "Time between requests (default 1s)"),
        .value("count", "c", "N", "Number of requests"),
        .flag("batch", "b", "Send all requests before looking at answers"),
        .flag("userid", "u", "Show user and roles"),
    ]
) { arguments in
    var target = arguments.operands[0]
    if let rank = arguments.value("rank") {
        guard !target.contains("!") else { throw CommandError("--rank and TARGET both try to specify a nodeid") }
        target = "\(rank)!\(target)"
    }
    let interval = try arguments.duration("interval") ?? 1
    guard interval.isFinite else { throw CommandError("interval must be a finite duration") }
    let count = try arguments.integer("count") ?? 0
    guard count >= 0 else { throw CommandError("count must be >= 0") }
    if arguments.has("batch"), count == 0 { throw CommandError("--batch should only be used with --count") }
    let size = try arguments.size("pad") ?? 0
    let destination = target
    let pad = String(repeating: "p", count: max(0, size))

    return try Session.run(arguments) { flux in
        let ping = try await Ping(destination, pad: pad, showsUser: arguments.has("userid"), flux)
        print(ping.header)
        flushOutput()
        var sent = 0
        var answered = 0
        var failure: CommandError?
        var waiter: CheckedContinuation<Void, Never>?
        func send() {
            ping.send(sent) { result in
                answered += 1
                switch result {
                case .success(let line):
                    print(line)
                    flushOutput()
                case .failure(let error): failure = failure ?? error
                }
                guard failure != nil || (count > 0 && answered >= count) else { return }
                waiter?.resume()
                waiter = nil
            }
            sent += 1
        }
        while count == 0 || sent < count {
            send()
            if count > 0 && sent == count { break }
            await flux.reactor.sleep(for: .seconds(interval))
            if failure != nil { break }
        }
        await withCheckedContinuation { continuation in
            if failure == nil, answered < sent { waiter = continuation } else { continuation.resume() }
        }
        if let failure { throw failure }
        return 0
    }
}

/// One target of `flux ping` and how to talk to it.
private struct Ping {
    let header: String
    private let flux: Handle
    private let topic: String
    private let nodeID: UInt32
    private let isUpstream: Bool
    private let pad: String
    private let showsUser: Bool

    init(_ target: String, pad: String, showsUser: Bool, _ flux: Handle) async throws {
        self.flux = flux
        self.pad = pad
        self.showsUser = showsUser
        let service: String
        let node: (id: UInt32, text: String, note: String, isUpstream: Bool)
        if let mark = target.firstIndex(of: "!") {
            let name = String(target[..<mark])
            service = String(target[target.index(after: mark)...])
            guard let found = try await Self.node(name, flux) else {
                throw CommandError("invalid nodeid/host: '\(name)'")
            }
            node = found
        } else if let found = try await Self.node(target, flux) {
            service = "broker"
            node = found
        } else {
            service = target
            node = (Message.anyNode, "any", "", false)
        }
        topic = "\(service).ping"
        nodeID = node.id
        isUpstream = node.isUpstream
        header = "flux-ping \(node.text)!\(service)\(node.note)"
    }

    private static func node(
        _ name: String, _ flux: Handle
    ) async throws -> (id: UInt32, text: String, note: String, isUpstream: Bool)? {
        if name == "any" { return (Message.anyNode, "any", "", false) }
        if name == "upstream" { return (try await flux.rank(), "upstream", "", true) }
        if let rank = UInt32(name) { return (rank, name, "", false) }
        guard let hosts = Hostlist(try await flux.attribute("hostlist")), let rank = hosts.firstIndex(of: name) else {
            return nil
        }
        return (UInt32(rank), name, " (rank \(rank))", false)
    }

    func send(_ sequence: Int, _ done: @escaping (Result<String, CommandError>) -> Void) {
        let start = Format.monotonic
        let payload: JSON = [
            "seq": .int(Int64(sequence)), "time.tv_sec": .int(Int64(start)),
            "time.tv_nsec": .int(Int64((start - start.rounded(.down)) * 1e9)), "pad": .string(pad),
        ]
        let place = isUpstream ? "upstream!" : nodeID == Message.anyNode ? "" : "\(nodeID)!"
        let request = Message.request(
            topic, json: payload, nodeID: nodeID, flags: isUpstream ? .upstream : [])
        flux.call(request) { result in
            switch result {
            case .failure(let error):
                done(.failure(CommandError("\(place)\(topic): \(SystemText.of(error.errnum))")))
            case .success(let answer):
                guard let json = try? answer.decodeJSON(), let route = json["route"]?.stringValue,
                    let rank = json["rank"]?.intValue
                else { return done(.failure(CommandError("\(place)\(topic): Protocol error"))) }
                guard json["pad"]?.stringValue == pad else {
                    return done(.failure(CommandError("\(place)\(topic): padding contents invalid")))
                }
                let user = json["userid"]?.intValue ?? 0, roles = json["rolemask"]?.intValue ?? 0
                let who = showsUser ? " userid=\(user) rolemask=0x\(String(roles, radix: 16))" : ""
                let time = Format.fixed((Format.monotonic - start) * 1000, 3)
                let node = rank == Int64(Message.anyNode) ? "" : "\(rank)!"
                let head = "\(node)\(topic) pad=\(pad.utf8.count)\(who)"
                done(.success("\(head) seq=\(sequence) time=\(time) ms (\(route))"))
            }
        }
    }
}
