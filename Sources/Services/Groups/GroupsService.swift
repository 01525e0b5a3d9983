internal import Client
public import FluxJSON
public import RFC03Message
internal import RFC22Idset
internal import Reactor
public import Service

/// `groups.*`: named sets of brokers, joined anywhere and known at rank 0.
///
/// Source: broker-protocol 6.3 (observed: flux-core 0.88).
public actor GroupsService: Service {
    public nonisolated let context: ServiceContext
    private var table = GroupTable()
    private var followers = PendingRequests<String>()
    /// Who joined which group on this rank, by sender.
    private var joined: [String: String] = [:]
    private var isSending = false

    public init(context: ServiceContext) { self.context = context }

    public static let methods: [String: Method<GroupsService>] = [
        "join": .now { service, request in
            let name = try request.decodeJSON().requireObject().string("name")
            guard request.roles.contains(.local) else {
                throw ServiceError(errnum: Errno.proto, text: "groups.join is restricted to the local broker")
            }
            guard service.joined[name] == nil else {
                throw ServiceError(
                    errnum: Errno.exists, text: "rank \(service.context.rank) is already a member of \(name)")
            }
            service.joined[name] = request.sender
            service.change(name, joins: true)
            return .empty
        },
        "leave": .now { service, request in
            let name = try request.decodeJSON().requireObject().string("name")
            guard request.roles.contains(.local) else {
                throw ServiceError(errnum: Errno.proto, text: "groups.leave is restricted to the local broker")
            }
            guard service.joined.removeValue(forKey: name) != nil else {
                throw ServiceError(
                    errnum: Errno.noEntry, text: "rank \(service.context.rank) is not a member of \(name)")
            }
            service.change(name, joins: false)
            return .empty
        },
        "update": .now { service, request in
            let payload = try request.decodeJSON().requireObject().object("update")
            service.apply(try GroupTable.changes(from: payload))
            return .deferred
        },
        "get": .now(.anyUser) { service, request in
            guard service.context.rank == 0 else {
                throw ServiceError(errnum: Errno.proto, text: "this RPC is only available on rank 0")
            }
            let name = try request.decodeJSON().requireObject().string("name")
            let answer: JSON = ["members": .string("\(service.table.members(of: name))")]
            guard request.flags.contains(.streaming) else { return .json(answer) }
            service.followers.add(request, name)
            return .json(answer)
        },
        "cancel": .now(.everyone) { service, request in
            let tag = try request.decodeJSON().requireObject().int("matchtag", as: UInt32.self)
            if let entry = service.followers.cancel(matchtag: tag, by: request) {
                service.flux.respond(to: entry.request, errnum: Errno.noData)
            }
            return .deferred
        },
    ]

    public func start() async throws {
        guard context.size > 1 else { return }
        let stream = flux.stream("overlay.monitor", [:], nodeID: context.rank)
        Task {
            while let answer = try? await stream.nextJSON() { await childChanged(answer) }
        }
    }

    public func statistics() -> JSON? {
        var subtree: JSON.Object = [:]
        for (name, members) in table.groups { subtree[name] = .string("\(members)") }
        return ["subtree": .object(subtree)]
    }

    public func disconnected(_ request: Message) {
        _ = followers.disconnect(by: request)
        for (name, sender) in joined where sender == request.sender {
            joined[name] = nil
            change(name, joins: false)
        }
    }

    private func change(_ name: String, joins: Bool) {
        let rank = context.rank
        apply([name: [GroupTable.Change(ranks: Idset(rank...rank), joins: joins)]])
    }

    private func apply(_ changes: [String: [GroupTable.Change]]) {
        for name in table.apply(changes) {
            for (_, entry) in followers.all where entry.value == name {
                flux.respond(to: entry.request, ["members": .string("\(table.members(of: name))")])
            }
        }
        guard context.rank != 0 else {
            _ = table.takeUntold()
            return
        }
        guard !isSending else { return }
        isSending = true
        // What arrives in the same turn leaves in one message.
        context.reactor.later { self.here { $0.tellParent() } }
    }

    private func tellParent() {
        isSending = false
        let changes = table.takeUntold()
        guard !changes.isEmpty else { return }
        flux.notify(
            "groups.update", ["update": GroupTable.json(of: changes)], nodeID: context.rank, flags: .upstream)
    }

    /// A child's status changed: when it is gone, so are all below it.
    private func childChanged(_ record: JSON) async {
        guard let rank = record["rank"]?.intValue, let status = record["status"]?.intValue else { return }
        let member = Idset(UInt32(truncatingIfNeeded: rank)...UInt32(truncatingIfNeeded: rank))
        if let isTorpid = record["torpid"]?.boolValue, isTorpid != table.members(of: "broker.torpid").contains(UInt32(rank)) {
            apply(["broker.torpid": [GroupTable.Change(ranks: member, joins: isTorpid)]])
        }
        guard status == 4 || status == 5 else { return }
        let tree = try? await flux.query("overlay.topology", ["rank": .int(rank)], nodeID: context.rank)
        let ranks = tree.map { Self.ranks(in: $0) } ?? member
        apply(table.departure(of: ranks))
    }

    private static func ranks(in tree: JSON) -> Idset {
        var result = Idset()
        var waiting = [tree]
        while let node = waiting.popLast() {
            if let rank = node["rank"]?.intValue { result.insert(UInt32(truncatingIfNeeded: rank)) }
            waiting += node["children"]?.arrayValue ?? []
        }
        return result
    }
}
