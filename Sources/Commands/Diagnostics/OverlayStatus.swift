internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC22Idset
internal import RFC23FSD
internal import RFC29Hostlist
internal import Reactor

@Sendable func showOverlayStatus(_ arguments: Arguments) throws -> Int32 {
    let states = ["full", "partial", "degraded", "lost", "offline"]
    if let state = arguments.value("wait"), !states.contains(state) { throw CommandError("invalid --wait state") }
    return try Session.run(arguments) { flux in
        let walk = try await OverlayWalk(arguments, flux)
        try await walk.run(from: UInt32(clamping: try arguments.integer("rank") ?? 0))
        return 0
    }
}

/// How long a command waits for a broker's answer; nil for ever.
func timeout(_ arguments: Arguments) throws -> Double? {
    guard let seconds = try arguments.duration("timeout") else { return 0.5 }
    return seconds == 0 || seconds.isInfinite ? nil : seconds
}

/// Prints the tree of brokers, asking each one that answers about its children.
private final class OverlayWalk {
    private let flux: Handle
    private let arguments: Arguments
    private let hosts: HostMap
    private let tree: OverlayTree
    private let verbosity: Int
    private let timeoutSeconds: Double?
    private let hasColor: Bool
    private var highlighted = Idset()
    private var indents: [String] = []
    private var askedAt = 0.0

    private struct Node {
        var rank: UInt32
        var status: String
        var duration = -1.0
        var error = ""
        var isGhost = false
        var connector = ""
    }

    init(_ arguments: Arguments, _ flux: Handle) async throws {
        self.arguments = arguments
        self.flux = flux
        verbosity = arguments.level("verbose")
        timeoutSeconds = try timeout(arguments)
        hasColor = try arguments.wantsColor()
        hosts = try await HostMap(of: flux)
        tree = try await OverlayTree(of: flux)
        for target in arguments.values("highlight") {
            let ranks = try Idset(target) ?? Idset(try hosts.translation(of: target)) ?? Idset()
            let unknown = ranks.filter { hosts.name(of: $0) == nil }
            guard unknown.isEmpty else {
                throw CommandError(
                    "--highlight: rank\(unknown.count > 1 ? "s" : "") \(Idset(unknown)) not in set \(Idset(0..<UInt32(hosts.hosts.count)))")
            }
            highlighted.formUnion(ranks)
        }
    }

    func run(from rank: UInt32) async throws {
        _ = try await walk(rank, level: 0, connector: "")
    }

    /// Asks a broker and prints it and what is below it.
    ///
    /// - Returns: whether it answered.
    private func walk(_ rank: UInt32, level: Int, connector: String) async throws -> Bool {
        askedAt = Format.monotonic
        let answer: JSON
        do {
            answer = try await health(of: rank)
        } catch {
            if level == 0 { throw CommandError("\(error)") }
            print("\(indent)\(isPretty ? connector : "")\(name(of: rank)): \(error)\(answerTime)")
            return false
        }
        var node = Node(rank: rank, status: answer["status"]?.stringValue ?? "?")
        node.duration = answer["duration"]?.numberValue ?? -1
        node.connector = connector
        guard show(node, isParent: true) else { return true }
        let children = answer["children"]?.arrayValue ?? []
        for (index, entry) in children.enumerated() {
            guard let number = (entry["rank"]?.intValue).flatMap({ UInt32(exactly: $0) }) else {
                throw CommandError("error parsing child array entry")
            }
            var child = Node(rank: number, status: entry["status"]?.stringValue ?? "?")
            child.duration = entry["duration"]?.numberValue ?? -1
            child.error = entry["error"]?.stringValue ?? ""
            let isLast = index == children.count - 1
            child.connector = isLast ? "└─ " : "├─ "
            indents.append(isLast ? "   " : "│  ")
            defer { indents.removeLast() }
            guard show(child, isParent: false) else { continue }
            var isGhost = child.status == "offline" || child.status == "lost"
            if !isGhost { isGhost = try await !walk(number, level: level + 1, connector: child.connector) }
            if isGhost, !arguments.has("no-ghost") { haunt(number, child.status) }
        }
        return true
    }

    /// What is below a broker that does not answer is taken to be in the same state.
    private func haunt(_ rank: UInt32, _ status: String) {
        let children = tree.children(of: rank)
        for (index, child) in children.enumerated() {
            let isLast = index == children.count - 1
            indents.append(isLast ? "   " : "│  ")
            let node = Node(rank: child, status: status, isGhost: true, connector: isLast ? "└─ " : "├─ ")
            if show(node, isParent: false) { haunt(child, status) }
            indents.removeLast()
        }
    }

    /// Prints a broker when it is time: those with children once they answered.
    ///
    /// - Returns: whether to go on below it.
    private func show(_ node: Node, isParent: Bool) -> Bool {
        if arguments.has("summary") {
            print("\(indent)\(node.connector)\(paint(node))\(since(node))\(isParent ? answerTime : "")")
            return false
        }
        if arguments.has("down"), node.status == "full" { return false }
        let hasChildren = tree.children(of: node.rank).count > 0
        let isGone = node.status == "lost" || node.status == "offline"
        if isParent || isGone || (!hasChildren && verbosity < 2) {
            print(
                "\(indent)\(isPretty ? node.connector : "")\(name(of: node.rank)): \(paint(node))\(since(node))"
                    + "\(node.error.isEmpty ? "" : " \(node.error)")\(isParent ? answerTime : "")")
        }
        return hasChildren || verbosity >= 2
    }

    private var isPretty: Bool { !arguments.has("no-pretty") }
    private var indent: String { isPretty ? indents.dropLast().joined() : "" }

    private var answerTime: String {
        verbosity < 2 ? "" : " (\(Format.fixed((Format.monotonic - askedAt) * 1000, 3)) ms)"
    }

    private func since(_ node: Node) -> String {
        guard verbosity >= 1, node.duration > 0 else { return "" }
        return " for \(FluxDuration(seconds: node.duration)?.description ?? "?")"
    }

    private func name(of rank: UInt32) -> String {
        let text = "\(rank) \(hosts.name(of: rank) ?? "(null)")"
        guard !highlighted.isDisjoint(with: tree.subtree(of: rank)) else { return text }
        return hasColor ? "\(Color.boldBlue.rawValue)\(text)\(Color.reset.rawValue)" : "<<\(text)>>"
    }

    private func paint(_ node: Node) -> String {
        guard hasColor else { return node.status }
        let color: Color? = node.isGhost ? .darkGray : node.status == "lost" ? .red : node.status == "offline" ? .yellow : nil
        return color.map { "\($0.rawValue)\(node.status)\(Color.standard.rawValue)" } ?? node.status
    }

    /// Asks a broker for its state, and with `--wait` again until it is the one.
    private func health(of rank: UInt32) async throws -> JSON {
        guard let wanted = arguments.value("wait") else {
            return try await flux.query("overlay.health", nodeID: rank, within: timeoutSeconds)
        }
        let stream = flux.stream("overlay.health", nodeID: rank)
        defer { stream.abandon() }
        let deadline = timeoutSeconds.map { seconds in
            flux.reactor.schedule(after: .seconds(seconds)) { stream.abandon() }
        }
        defer { if let deadline { flux.reactor.cancel(deadline) } }
        while let answer = try await stream.nextJSON() {
            if answer["status"]?.stringValue == wanted { return answer }
        }
        throw RPCError(errnum: Errno.timedOut)
    }
}
