package import Client
internal import FluxJSON
package import RFC03Message
internal import RFC23FSD
package import Reactor
internal import Service

/// The overlay network of a broker with a parent, children or both.
///
/// Carries out what `ChildTable` and `RPCTracker` decide, over an ``OverlayTransport``.
///
/// Invariant behind `@unchecked Sendable`: it is used on the reactor of its broker only.
package final class TreeNetwork: OverlayNetwork, @unchecked Sendable {
    /// What the broker knows of itself and of the others when it joins.
    package struct Identity: Sendable {
        package let uuid: String
        package let hostname: String
        /// Host of each rank.
        package let hosts: [String]
        package init(uuid: String, hostname: String, hosts: [String]) {
            self.uuid = uuid
            self.hostname = hostname
            self.hosts = hosts
        }
    }

    /// Seconds of silence after which a heartbeat is sent to the parent, and after which a child counts as torpid.
    package struct Timing: Sendable {
        package var torpidMinimum = 5.0
        package var torpidMaximum = 30.0
        package var torpidMaximumText = "30s"

        mutating func set(_ limits: TorpidLimits) {
            torpidMinimum = limits.minimum.seconds
            torpidMaximum = limits.maximum.seconds
            torpidMaximumText = "\(limits.maximum)"
        }
        /// How long a broken connection to the parent may take to come back.
        package var reconnect = 3.0
        package init() {}
    }

    package let topology: Topology
    private let identity: Identity
    private var timing: Timing
    private let transport: any OverlayTransport
    private let reactor: Reactor
    private var table: ChildTable
    private var parentTracker = RPCTracker()
    private var childTrackers: [String: RPCTracker] = [:]
    private var report: ((OverlayEvent) -> Void)?
    private var parentUUID: String?
    private var isParentLost = false
    private var lastSent: Int64 = 0
    private var helloStatus = SubtreeStatus.unknown
    private var untilGreeted: [Message] = []
    private var isRefusing = false
    private var hasSaidGoodbye = false
    private var goodbyeDone: (() -> Void)?
    private var reconnectTimer: TimerID?
    private var ticker: TimerID?
    private let startTime: Int64
    private var statusSince: Int64
    private var healthFollowers = PendingRequests<(Message) -> Void>()
    private var monitors = PendingRequests<(Message) -> Void>()
    private var traces = PendingRequests<(filter: OverlayTraceFilter, respond: (Message) -> Void)>()

    package init(
        topology: Topology, identity: Identity, timing: Timing, transport: any OverlayTransport, reactor: Reactor
    ) {
        self.topology = topology
        self.identity = identity
        self.timing = timing
        self.transport = transport
        self.reactor = reactor
        startTime = reactor.now
        statusSince = startTime
        let hosts = identity.hosts
        table = ChildTable(topology: topology, now: startTime) { rank in
            Int(rank) < hosts.count ? hosts[Int(rank)] : "rank \(rank)"
        }
    }

    package var onlineChildCount: Int { table.onlineCount }

    package func start(_ report: @escaping (OverlayEvent) -> Void) throws {
        self.report = report
        try transport.start { [weak self] in self?.arrived($0) }
        if topology.parent != nil { sendHello() }
        ticker = reactor.schedule(after: .seconds(1), every: .seconds(1)) { [weak self] in self?.tick() }
    }

    package func stop() {
        if let ticker { reactor.cancel(ticker) }
        if let reconnectTimer { reactor.cancel(reconnectTimer) }
        if topology.parent != nil, !hasSaidGoodbye, !isParentLost {
            sendControl(type: 1, status: SubtreeStatus.offline.rawValue)
        }
        transport.stop()
        report = nil
    }

    package func refuseChildren() { isRefusing = true }

    /// Shows a message to those who trace.
    ///
    /// - Parameter rank: the other broker; nil for all children.
    private func trace(_ message: Message, _ prefix: String, _ rank: UInt32?) {
        guard !traces.isEmpty else { return }
        for (_, entry) in traces.all {
            let record = entry.value.filter.record(message, prefix: prefix, rank: rank, time: reactor.wallTime)
            if let record { entry.value.respond(entry.request.response(json: record)) }
        }
    }

    // MARK: To the parent

    private func sendHello() {
        var hello = Message.request(
            "overlay.hello",
            json: [
                "rank": .int(Int64(topology.rank)), "version": .int(ChildTable.version),
                "uuid": .string(identity.uuid), "status": .int(Int64(table.status.rawValue)),
                "hostname": .string(identity.hostname),
            ])
        hello.flags.insert(.route)
        hello.roles = .owner
        helloStatus = table.status
        transport.sendToParent(hello)
        lastSent = reactor.now
    }

    package func sendToParent(_ message: Message) {
        guard !isParentLost, !hasSaidGoodbye else {
            if message.kind == .request { fail(message, "overlay disconnect") }
            return
        }
        if message.kind == .request { parentTracker.note(message) }
        var message = message
        message.flags.insert(.route)
        // A parent disconnects who speaks before it has been greeted.
        guard parentUUID != nil else { return untilGreeted.append(message) }
        trace(message, "tx", topology.parent)
        transport.sendToParent(message)
        lastSent = reactor.now
    }

    private func sendControl(type: UInt32, status: UInt32) {
        var control = Message.control(type: type, status: status)
        control.flags.insert(.route)
        trace(control, "tx", topology.parent)
        transport.sendToParent(control)
        lastSent = reactor.now
    }

    package func sayGoodbye(_ done: @escaping () -> Void) {
        guard parentUUID != nil, !isParentLost else { return reactor.later(done) }
        goodbyeDone = done
        var goodbye = Message.request("overlay.goodbye")
        goodbye.flags.insert(.route)
        goodbye.roles = .owner
        transport.sendToParent(goodbye)
        hasSaidGoodbye = true
    }

    private func loseParent(_ reason: String) {
        guard !isParentLost, topology.parent != nil else { return }
        isParentLost = true
        if let reconnectTimer { reactor.cancel(reconnectTimer) }
        for request in parentTracker.removeAll() { fail(request, "overlay disconnect") }
        report?(.parentLost(reason: reason))
        goodbyeDone?()
        goodbyeDone = nil
    }

    // MARK: To children

    package func sendRequest(_ request: Message, toChild rank: UInt32) {
        guard let uuid = table.children[rank]?.uuid, table.child(withUUID: uuid) != nil else {
            return fail(request, nil)
        }
        childTrackers[uuid, default: RPCTracker()].note(request)
        var forwarded = request
        forwarded.pushRoute(identity.uuid)
        trace(forwarded, "tx", rank)
        guard !transport.send(forwarded, toChild: uuid) else { return }
        // A request that is tracked gets its answer with all the others of the lost child.
        childLost(uuid)
    }

    package func sendResponse(_ response: Message, toChildWithUUID uuid: String) {
        guard let child = table.child(withUUID: uuid) else { return }
        trace(response, "tx", child.rank)
        var response = response
        if response.routeStack.isLast(uuid) { _ = response.popRoute() }
        if !transport.send(response, toChild: uuid) { childLost(uuid) }
    }

    package func broadcast(_ event: Message) {
        guard table.onlineCount > 0 else { return }
        var event = event
        event.flags.insert(.route)
        trace(event, "tx", nil)
        for child in table.inOrder where child.status.isOnline {
            if let uuid = child.uuid, !transport.send(event, toChild: uuid) { childLost(uuid) }
        }
    }

    private func childLost(_ uuid: String) { perform(table.lost(uuid, now: reactor.now)) }

    /// Answers a request that cannot be delivered.
    private func fail(_ request: Message, _ text: String?) {
        guard !request.flags.contains(.noResponse) else { return }
        let response = request.errorResponse(Errno.hostUnreachable, text)
        reactor.later { [weak self] in self?.report?(.received(response, from: .broker)) }
    }

    // MARK: Arrivals

    private func arrived(_ arrival: OverlayArrival) {
        switch arrival {
        case .fromParent(let message): fromParent(message)
        case .fromChild(let uuid, let message): fromChild(uuid, message)
        case .parentDisconnected: parentDisconnected()
        case .parentConnected: parentConnected()
        case .refused(let text): report?(.log(.err, text))
        }
    }

    /// A broken connection may come back; if it does not within some seconds, the parent is gone.
    private func parentDisconnected() {
        guard reconnectTimer == nil, parentUUID != nil else { return }
        reconnectTimer = reactor.schedule(after: .milliseconds(Int(timing.reconnect * 1000))) { [weak self] in
            self?.reconnectTimer = nil
            self?.loseParent("connection broken")
        }
    }

    private func parentConnected() {
        guard let reconnectTimer else { return }
        reactor.cancel(reconnectTimer)
        self.reconnectTimer = nil
        // A parent that was restarted answers this with DISCONNECT.
        sendControl(type: 0, status: 0)
    }

    private func fromParent(_ message: Message) {
        var message = message
        message.roles.remove(.local)
        trace(message, "rx", topology.parent)
        if message.kind == .control {
            if message.controlType == 2 { loseParent("parent disconnected us") }
            return
        }
        guard parentUUID != nil else { return helloAnswered(message) }
        if message.kind == .response {
            if message.topic == "overlay.goodbye", message.routeStack.isEmpty {
                goodbyeDone?()
                goodbyeDone = nil
                return
            }
            guard parentTracker.admits(message) else {
                report?(.log(.debug, "parent sent a response that nobody asked it for: \(message.topic ?? "")"))
                return
            }
        }
        if message.kind == .event { message.flags.remove(.route) }
        report?(.received(message, from: .parent))
    }

    private func helloAnswered(_ message: Message) {
        guard message.kind == .response, message.topic == "overlay.hello" else { return }
        if message.errnum != 0 {
            let text = message.payloadText ?? RPCError(errnum: Int32(bitPattern: message.errnum)).description
            return loseParent("hello refused: \(text)")
        }
        guard let uuid = try? message.decodeJSON()["uuid"]?.stringValue else {
            return loseParent("hello answered without uuid")
        }
        parentUUID = uuid
        // Children may have come since the hello was sent.
        if table.status != helloStatus { sendControl(type: 1, status: table.status.rawValue) }
        for message in untilGreeted { transport.sendToParent(message) }
        untilGreeted = []
        report?(.parentReady(uuid: uuid))
    }

    private func fromChild(_ uuid: String, _ message: Message) {
        var message = message
        message.roles.remove(.local)
        let now = reactor.now
        if message.kind == .request, message.topic == "overlay.hello" { return hello(message, from: uuid, now: now) }
        guard table.child(withUUID: uuid) != nil else {
            if message.kind != .control || message.controlType != 1 { disconnect(uuid) }
            return
        }
        trace(message, "rx", table.child(withUUID: uuid)?.rank)
        perform(table.heard(uuid, now: now))
        switch message.kind {
        case .control:
            if message.controlType == 1, let status = SubtreeStatus(rawValue: message.controlStatus) {
                perform(table.statusMessage(status, from: uuid, now: now))
            }
            return
        case .request where message.topic == "overlay.goodbye":
            _ = transport.send(message.response(), toChild: uuid)
            return perform(table.goodbye(uuid, now: now))
        case .request: message.pushRoute(uuid)
        case .response:
            var asked = message
            if asked.routeStack.isLast(identity.uuid) { _ = asked.popRoute() }
            let isAsked = childTrackers[uuid]?.admits(asked) ?? false
            guard message.matchtag == 0 || isAsked else {
                report?(.log(.debug, "child sent a response that nobody asked it for: \(message.topic ?? "")"))
                return
            }
        case .event: break
        }
        report?(.received(message, from: .child(uuid)))
    }

    private func hello(_ message: Message, from uuid: String, now: Int64) {
        guard !isRefusing else { return disconnect(uuid) }
        do {
            perform(try table.hello(message, from: uuid, now: now))
            let answer = message.response(json: ["uuid": .string(identity.uuid)])
            _ = transport.send(answer, toChild: uuid)
        } catch {
            report?(.log(.err, error.logText))
            _ = transport.send(message.errorResponse(error.errnum, error.text), toChild: uuid)
        }
    }

    private func disconnect(_ uuid: String) {
        var control = Message.control(type: 2, status: 0)
        control.flags.insert(.route)
        _ = transport.send(control, toChild: uuid)
    }

    // MARK: Decisions carried out

    private func perform(_ directives: [ChildTable.Directive]) {
        for directive in directives {
            switch directive {
            case .statusChanged(let status):
                statusSince = reactor.now
                if topology.parent != nil, parentUUID != nil, !hasSaidGoodbye {
                    sendControl(type: 1, status: status.rawValue)
                }
            case .childChanged(let child, let status): tellFollowers(of: child, status)
            case .failRequests(let uuid):
                var tracker = childTrackers.removeValue(forKey: uuid) ?? RPCTracker()
                for request in tracker.removeAll() { fail(request, nil) }
            case .log(let severity, let text): report?(.log(severity, text))
            }
        }
    }

    package func setTorpidLimits(_ limits: TorpidLimits) { timing.set(limits) }

    private func tellFollowers(of child: ChildTable.Child, _ status: SubtreeStatus) {
        for (_, entry) in monitors.all { entry.value(entry.request.response(json: Self.record(child))) }
        for (_, entry) in healthFollowers.all {
            entry.value(entry.request.response(json: health(status, child)))
        }
        report?(.childrenChanged(online: table.onlineCount))
    }

    private func tick() {
        let now = reactor.now
        if parentUUID != nil, !isParentLost, !hasSaidGoodbye, Double(now - lastSent) / 1e9 > timing.torpidMinimum {
            sendControl(type: 0, status: 0)
        }
        perform(table.tick(now: now, limit: Int64(min(timing.torpidMaximum, 9e9) * 1e9), limitText: timing.torpidMaximumText))
    }

    // MARK: overlay.*

    private static func record(_ child: ChildTable.Child) -> JSON {
        [
            "rank": .int(Int64(child.rank)), "status": .int(Int64(child.status.rawValue)),
            "torpid": .bool(child.isTorpid),
        ]
    }

    private func seconds(since time: Int64) -> JSON { .real(Double(reactor.now - time) / 1e9) }

    /// - Parameters:
    ///   - status: that of the subtree; nil for as it is now.
    ///   - changed: a child as it was at a step of a change.
    private func health(_ status: SubtreeStatus? = nil, _ changed: ChildTable.Child? = nil) -> JSON {
        let children = table.inOrder.map { current -> JSON in
            let child = changed?.rank == current.rank ? changed ?? current : current
            var record: JSON.Object = [
                "rank": .int(Int64(child.rank)), "status": .string(child.status.name),
                "duration": seconds(since: child.since),
            ]
            if let error = child.error { record["error"] = .string(error) }
            return .object(record)
        }
        return [
            "rank": .int(Int64(topology.rank)), "status": .string((status ?? table.status).name),
            "duration": seconds(since: statusSince), "children": .array(children),
        ]
    }

    private func tree(of rank: UInt32) -> JSON {
        [
            "rank": .int(Int64(rank)), "size": .int(Int64(topology.subtree(of: rank).count)),
            "children": .array(topology.children(of: rank).map { tree(of: $0) }),
        ]
    }

    package func serve(_ request: Message, respond: @escaping (Message) -> Void) -> Bool {
        func refuse(_ errnum: Int32, _ text: String? = nil) {
            if !request.flags.contains(.noResponse) { respond(request.errorResponse(errnum, text)) }
        }
        let isOwner = request.roles.contains(.owner)
        let topic = request.topic ?? ""
        let known = [
            "overlay.health", "overlay.topology", "overlay.monitor", "overlay.disconnect-subtree",
            "overlay.disconnect-parent", "overlay.stats-get", "overlay.disconnect", "overlay.cancel", "overlay.trace",
        ]
        guard known.contains(topic) else { return false }
        guard isOwner || ["overlay.health", "overlay.topology", "overlay.stats-get", "overlay.disconnect"].contains(topic)
        else {
            refuse(Errno.perm, "Request requires owner credentials")
            return true
        }
        let payload = (try? request.decodeJSON()) ?? .object([:])
        switch topic {
        case "overlay.health":
            respond(request.response(json: health()))
            if request.flags.contains(.streaming) { healthFollowers.add(request, respond) }
        case "overlay.topology":
            guard let number = payload["rank"]?.intValue else { return { refuse(Errno.proto); return true }() }
            let rank = UInt32(truncatingIfNeeded: number)
            guard rank == topology.rank || topology.children.contains(rank) else {
                refuse(Errno.noEntry)
                return true
            }
            respond(request.response(json: tree(of: rank)))
        case "overlay.monitor":
            guard request.flags.contains(.streaming) else { return { refuse(Errno.proto); return true }() }
            for child in table.inOrder where child.status != .offline || child.isTorpid {
                respond(request.response(json: Self.record(child)))
            }
            monitors.add(request, respond)
        case "overlay.trace":
            guard request.flags.contains(.streaming), let filter = try? OverlayTraceFilter(json: payload) else {
                return { refuse(Errno.proto); return true }()
            }
            traces.add(request, (filter, respond))
        case "overlay.disconnect-subtree":
            disconnectSubtree(payload, refuse: refuse, done: { respond(request.response()) })
        case "overlay.disconnect-parent":
            loseParent(payload["reason"]?.stringValue ?? "administrative disconnect")
        case "overlay.stats-get": respond(request.response(json: statistics))
        case "overlay.cancel":
            let tag = UInt32(truncatingIfNeeded: payload["matchtag"]?.intValue ?? 0)
            let health = healthFollowers.cancel(matchtag: tag, by: request)
            let monitor = monitors.cancel(matchtag: tag, by: request)
            for entry in [health, monitor] {
                if let entry { respond(entry.request.errorResponse(Errno.noData)) }
            }
            if let entry = traces.cancel(matchtag: tag, by: request) {
                respond(entry.request.errorResponse(Errno.noData))
            }
        default:
            _ = healthFollowers.disconnect(by: request)
            _ = monitors.disconnect(by: request)
            _ = traces.disconnect(by: request)
        }
        return true
    }

    private func disconnectSubtree(_ payload: JSON, refuse: (Int32, String?) -> Void, done: () -> Void) {
        guard let number = payload["rank"]?.intValue else { return refuse(Errno.proto, nil) }
        guard let child = table.children[UInt32(truncatingIfNeeded: number)] else { return refuse(Errno.noEntry, nil) }
        guard child.status.isOnline, let uuid = child.uuid else {
            return refuse(Errno.invalid, "rank \(number) is already \(child.status.name)")
        }
        disconnect(uuid)
        perform(table.disconnect(child.rank, now: reactor.now))
        done()
    }

    private var statistics: JSON {
        [
            "child-count": .int(Int64(topology.children.count)), "child-connected": .int(Int64(table.onlineCount)),
            "parent-count": parentUUID != nil && !isParentLost ? 1 : 0,
            "parent-rpc": .int(Int64(parentTracker.count)),
            "child-rpc": .int(Int64(childTrackers.values.reduce(0) { $0 + $1.count })),
            "interthread": ["sendq": 0, "recvq": 0],
        ]
    }
}
