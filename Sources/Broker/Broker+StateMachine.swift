internal import Client
internal import FluxJSON
internal import RFC03Message
internal import Reactor
internal import Service

extension Broker {
    /// `state-machine.*`, `shutdown.*`, `runat.*`.
    ///
    /// Source: broker-protocol 4.2 (observed: flux-core 0.88).
    static let lifeCycleMethods: [String: BrokerMethod] = [
        "state-machine.get": BrokerMethod(.anyUser) { broker, _ in
            let seconds = Double(broker.reactor.now - broker.stateSince) / 1e9
            return .json(["state": .string(broker.lifeCycle.state.name), "duration": .real(seconds)])
        },
        "state-machine.wait": BrokerMethod(.anyUser) { broker, request in
            switch broker.lifeCycle.state {
            case .run: return .empty
            case let state where state > .run:
                throw ServiceError(errnum: Errno.noEntry, text: "broker has surpassed RUN state")
            default:
                broker.stateWaiters.append(request)
                return .deferred
            }
        },
        "state-machine.monitor": BrokerMethod { broker, request in
            let payload = request.payload == nil ? [:] : try request.decodeJSON().requireObject()
            let final = Int(try payload.optionalInt("final") ?? 11)
            let state = broker.lifeCycle.state.rawValue
            guard request.flags.contains(.streaming) else {
                guard state <= final else { throw ServiceError(errnum: Errno.noData) }
                return .json(["state": .int(Int64(state))])
            }
            let id = broker.stateMonitors.add(request, final)
            broker.tellMonitor(id, request, final: final)
            return .deferred
        },
        "state-machine.post": BrokerMethod { broker, request in
            guard request.flags.contains(.noResponse) else { throw ServiceError(errnum: Errno.proto) }
            let payload = try request.decodeJSON().requireObject()
            let name = try payload.string("event")
            if try payload.optionalBool("error") == true { broker.exitCode = 1 }
            if let event = LifeCycle.Event(rawValue: name) { broker.post(event) }
            return .deferred
        },
        "state-machine.sd-notify": BrokerMethod { _, _ in .deferred },
        "state-machine.disconnect": BrokerMethod(.everyone) { broker, request in
            _ = broker.stateMonitors.disconnect(by: request)
            broker.stateWaiters.removeAll { $0.sender == request.sender }
            return .deferred
        },
        "shutdown.start": BrokerMethod { broker, request in
            if request.payload != nil { _ = try request.decodeJSON().requireObject().optionalInt("loglevel") }
            try broker.startShutdown(request)
            return request.flags.contains(.streaming) ? .deferred : .empty
        },
        "shutdown.disconnect": BrokerMethod(.everyone) { broker, request in
            guard broker.shutdownRequest?.sender == request.sender else { return .deferred }
            broker.shutdownRequest = nil
            broker.finishGoodbye()
            return .deferred
        },
        "runat.push": BrokerMethod { broker, request in
            let payload = try request.decodeJSON().requireObject()
            let name = try payload.string("name")
            let commands = try payload.array("commands").compactMap(\.stringValue)
            guard !commands.isEmpty else {
                throw ServiceError(errnum: Errno.proto, text: "commands array is empty")
            }
            guard !commands.contains("") else {
                throw ServiceError(errnum: Errno.proto, text: "cannot push an empty command line")
            }
            broker.pushedCommands[name, default: []].insert(contentsOf: commands.reversed(), at: 0)
            return .empty
        },
    ]

    private func startShutdown(_ request: Message) throws {
        guard rank == 0 else {
            throw ServiceError(errnum: Errno.invalid, text: "shutdown may only be initiated on rank 0")
        }
        guard shutdownRequest == nil, !isShutdownRequested else {
            throw ServiceError(errnum: Errno.invalid, text: "shutdown is already in progress")
        }
        guard lifeCycle.state == .run else {
            throw ServiceError(
                errnum: Errno.invalid, text: "shutdown cannot be initiated in state \(lifeCycle.state.name)")
        }
        if request.flags.contains(.streaming) { shutdownRequest = request }
        if let code = attributes["broker.exit-norestart"].flatMap({ Int32($0) }) { exitCode = code }
        requestShutdown()
    }

    /// Tells one follower of the state; past its final state the stream ends.
    func tellMonitor(_ id: UInt64, _ request: Message, final: Int) {
        let state = lifeCycle.state.rawValue
        if state <= final {
            var answer: JSON.Object = ["state": .int(Int64(state))]
            // Who is below a broker that lost its parent has lost the instance as well.
            if isParentLost { answer["parent-lost"] = true }
            respond(to: request, .json(.object(answer)))
        }
        guard state >= final else { return }
        stateMonitors.remove(id)
        respond(to: request, errnum: Errno.noData)
    }

    /// The broker runs now: whoever waited for that is answered.
    func answerWaiters() {
        let waiting = stateWaiters
        stateWaiters = []
        for request in waiting { respond(to: request, .empty) }
    }
}
