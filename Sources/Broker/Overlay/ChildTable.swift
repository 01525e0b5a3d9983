package import Client
package import FluxJSON
package import RFC03Message

/// The children of a broker: who is there, how complete their subtrees are, who has fallen silent.
///
/// A value: what a message, a failed send or the time means is decided here; `TreeNetwork` carries it out.
package struct ChildTable {
    package struct Child: Hashable, Sendable {
        package let rank: UInt32
        package var uuid: String?
        package var status = SubtreeStatus.offline
        package var since: Int64
        package var lastHeard: Int64
        package var isTorpid = false
        /// Why it is not there, for `overlay.health`.
        package var error: String?
    }

    package enum Directive: Hashable, Sendable {
        /// The subtree status of this broker has changed.
        case statusChanged(SubtreeStatus)
        /// A child has come, gone, or changed, and with it perhaps the status of this broker's subtree: tell those who
        /// monitor. Both are as they were at that step: a child that comes back after a crash was lost in between.
        case childChanged(Child, SubtreeStatus)
        /// Requests that wait for this child will not be answered.
        case failRequests(uuid: String)
        case log(Severity, String)
    }

    /// Why a child's hello is refused.
    package struct Refusal: Error, Hashable, Sendable {
        package let errnum: Int32
        /// Words for the child, or nil when they are for the log only.
        package let text: String?
        package let logText: String
    }

    private(set) package var children: [UInt32: Child] = [:]
    private var ranks: [String: UInt32] = [:]
    private let hostname: @Sendable (UInt32) -> String
    private let subtreeSize: @Sendable (UInt32) -> Int
    private let rank: UInt32
    package private(set) var status: SubtreeStatus

    /// 0.88.0 as hello writes it: major << 16 | minor << 8 | patch.
    package static let version: Int64 = 22528

    package init(
        topology: Topology, now: Int64, hostname: @escaping @Sendable (UInt32) -> String
    ) {
        rank = topology.rank
        self.hostname = hostname
        subtreeSize = { topology.subtree(of: $0).count }
        for child in topology.children { children[child] = Child(rank: child, since: now, lastHeard: now) }
        status = children.isEmpty ? .full : .partial
    }

    package var onlineCount: Int { children.values.count { $0.status.isOnline } }
    package var inOrder: [Child] { children.values.sorted { $0.rank < $1.rank } }

    /// The online child with this UUID.
    package func child(withUUID uuid: String) -> Child? {
        guard let child = ranks[uuid].flatMap({ children[$0] }), child.status.isOnline else { return nil }
        return child
    }

    /// A hello has come from a socket that says it is `uuid`.
    package mutating func hello(_ request: Message, from uuid: String, now: Int64) throws(Refusal) -> [Directive] {
        guard let payload = try? request.decodeJSON().requireObject(),
            let number = try? payload.int("rank", as: UInt32.self), let version = try? payload.int("version"),
            let statusNumber = try? payload.int("status", as: UInt32.self),
            let status = SubtreeStatus(rawValue: statusNumber), let sentUUID = try? payload.string("uuid")
        else { throw Refusal(errnum: Errno.proto, text: nil, logText: "malformed hello") }
        guard request.roles.contains(.owner) else {
            throw Refusal(errnum: Errno.perm, text: nil, logText: "rank \(number): hello without owner role")
        }
        if let host = payload["hostname"]?.stringValue, host != hostname(number) {
            throw Refusal(
                errnum: Errno.invalid, text: nil,
                logText: "rank \(number) is \(host), expected \(hostname(number)): mismatched config?")
        }
        guard var child = children[number] else {
            let text = "rank \(number) is not a child of rank \(rank): mismatched config?"
            throw Refusal(errnum: Errno.invalid, text: text, logText: text)
        }
        guard version >> 8 == Self.version >> 8 else {
            let text = "client (\(Self.text(version))) version mismatched with server (\(Self.text(Self.version)))"
            throw Refusal(errnum: Errno.invalid, text: text, logText: text)
        }
        var result: [Directive] = []
        if child.status.isOnline {
            result += leave(number, .lost, error: "reconnected after crash", now: now)
            result.append(.log(.err, "\(hostname(number)) (rank \(number)) reconnected after crash"))
            child = children[number] ?? child
        }
        child.uuid = sentUUID
        child.lastHeard = now
        child.isTorpid = false
        child.error = nil
        children[number] = child
        ranks[uuid] = number
        result.append(
            .log(.debug, "accepting connection from \(hostname(number)) (rank \(number)) status \(status.name)"))
        return result + set(number, status.isOnline ? status : .partial, now: now)
    }

    /// Something came from a child: it lives.
    package mutating func heard(_ uuid: String, now: Int64) -> [Directive] {
        guard let number = ranks[uuid], var child = children[number] else { return [] }
        child.lastHeard = now
        let wasTorpid = child.isTorpid
        child.isTorpid = false
        children[number] = child
        guard wasTorpid else { return [] }
        return [
            .log(.err, "broker on \(hostname(number)) (rank \(number)) is responsive now"),
            .childChanged(child, status),
        ]
    }

    /// A STATUS control message.
    package mutating func statusMessage(_ status: SubtreeStatus, from uuid: String, now: Int64) -> [Directive] {
        guard let number = ranks[uuid], children[number]?.status.isOnline == true else { return [] }
        return status.isOnline ? set(number, status, now: now) : leave(number, status, error: nil, now: now)
    }

    /// A send to the child failed: its connection is gone.
    package mutating func lost(_ uuid: String, now: Int64) -> [Directive] {
        guard let number = ranks[uuid], children[number]?.status.isOnline == true else { return [] }
        let others = subtreeSize(number) - 1
        let severed = others > 0 ? " and severed contact with \(others) other node\(others == 1 ? "" : "s")" : ""
        let text = "\(hostname(number)) (rank \(number)) failed\(severed)"
        return [.log(.err, text)] + leave(number, .lost, error: "lost connection", now: now)
    }

    /// The child has said goodbye.
    package mutating func goodbye(_ uuid: String, now: Int64) -> [Directive] {
        guard let number = ranks[uuid] else { return [] }
        return leave(number, .offline, error: "administrative shutdown", now: now)
    }

    /// An administrator disconnects a child.
    package mutating func disconnect(_ number: UInt32, now: Int64) -> [Directive] {
        leave(number, .lost, error: "administrative disconnect", now: now)
    }

    /// Time passes: children that have been silent for too long are marked.
    package mutating func tick(now: Int64, limit: Int64, limitText: String) -> [Directive] {
        guard limit > 0 else { return [] }
        var result: [Directive] = []
        for silent in inOrder where silent.status.isOnline && !silent.isTorpid && now - silent.lastHeard > limit {
            var child = silent
            child.isTorpid = true
            children[child.rank] = child
            result.append(
                .log(
                    .err,
                    "broker on \(hostname(child.rank)) (rank \(child.rank)) has been unresponsive for \(limitText)"))
            result.append(.childChanged(child, status))
        }
        return result
    }

    private mutating func leave(_ number: UInt32, _ status: SubtreeStatus, error: String?, now: Int64) -> [Directive] {
        guard let child = children[number] else { return [] }
        var result: [Directive] = []
        if let uuid = child.uuid {
            ranks[uuid] = nil
            result.append(.failRequests(uuid: uuid))
        }
        children[number]?.uuid = nil
        children[number]?.isTorpid = false
        children[number]?.error = error
        return set(number, status, now: now) + result
    }

    private mutating func set(_ number: UInt32, _ new: SubtreeStatus, now: Int64) -> [Directive] {
        guard var child = children[number], child.status != new else { return [] }
        child.status = new
        child.since = now
        children[number] = child
        let combined = SubtreeStatus.combined(children.values.map(\.status))
        let isChanged = combined != status
        status = combined
        return [.childChanged(child, combined)] + (isChanged ? [.statusChanged(combined)] : [])
    }

    private static func text(_ version: Int64) -> String { "\(version >> 16).\(version >> 8 & 255).\(version & 255)" }
}
