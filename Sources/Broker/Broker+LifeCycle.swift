internal import Client
internal import FluxJSON
internal import Glibc
internal import RFC03Message
internal import Reactor
internal import Service

extension Broker {
    /// The first state: builtin modules, the connector, the overlay network.
    func start() {
        configureLog()
        for name in Self.ownServices { _ = router.addService(name, .broker) }
        Task { await loadBuiltins() }
    }

    private func loadBuiltins() async {
        do {
            do {
                noteAccess(try AccessPolicy(configuration: configuration))
            } catch {
                throw ServiceError(errnum: error.errnum, text: "connector-local: \(error)")
            }
            try openConnector()
            for name in ["groups", "rexec"] where settings.factories[name] != nil { try await load(name) }
            try network.start { event in self.assumeIsolated { $0.overlayEvent(event) } }
            try await announceToParent()
            post(.builtinsSuccess)
        } catch {
            note(.crit, "error loading builtins: \(error)")
            exitCode = failureCode(1)
            post(.builtinsFail)
        }
    }

    /// Takes an event of the broker's life; one that means nothing now is ignored.
    func post(_ event: LifeCycle.Event) {
        let old = lifeCycle.state
        guard let new = lifeCycle.apply(event) else {
            note(.debug, "\(event.rawValue): ignored in \(old.name)")
            return
        }
        let now = reactor.now
        note(.info, "\(event.rawValue): \(old.name)->\(new.name) \(DurationText.short(nanoseconds: now - stateSince))")
        stateSince = now
        for (id, entry) in stateMonitors.all { tellMonitor(id, entry.request, final: entry.value) }
        enter(new)
    }

    private func enter(_ state: LifeCycle.State) {
        cancelTimer("state")
        cancelTimer("join")
        switch state {
        case .loadBuiltins: break
        case .join: rank == 0 ? post(.parentNone) : waitForParent()
        case .configSync: rank == 0 ? post(.syncNone) : awaitConfiguration()
        case .`init`: initialize()
        case .quorum: seekQuorum()
        case .run: enterRun()
        case .cleanup: cleanUp()
        case .shutdown: waitForChildren()
        case .finalize: finalize()
        case .goodbye: sayGoodbye()
        case .unloadBuiltins: unloadBuiltins()
        case .exit: finish()
        }
    }

    // MARK: Parent

    private func overlayEvent(_ event: OverlayEvent) {
        switch event {
        case .received(let message, let origin): route(message, from: origin)
        case .parentReady(let uuid):
            router.parentUUID = uuid
            log.isAlone = false
            monitorParent()
        case .parentLost(let reason): parentLost(reason)
        case .childrenChanged(let online): if lifeCycle.state == .shutdown, online == 0 { post(.childrenComplete) }
        case .log(let severity, let text): note(severity, text)
        }
    }

    private func waitForParent() {
        let parent = network.topology.parent ?? 0
        let place = attributes["tbon.parent-endpoint"].map { ", \($0)" } ?? ""
        remind("join", after: .seconds(5)) { broker in
            let who = "join: waiting for the parent (rank \(parent)\(place))"
            return broker.parentState.map { "\(who), which is in state \($0.name)" } ?? "\(who) to answer"
        }
    }

    private func awaitConfiguration() {
        remind("state", after: .seconds(5)) { broker in
            "config-sync: waiting for the configuration of the parent (rank \(broker.network.topology.parent ?? 0))"
        }
        followConfiguration()
    }

    /// Follows the parent's state through one streaming request until it shuts down.
    private func monitorParent() {
        let stream = flux.stream("state-machine.monitor", ["final": 7], nodeID: rank, flags: .upstream)
        parentMonitor = stream
        Task {
            do {
                while let answer = try await stream.nextJSON() {
                    guard let number = answer["state"]?.intValue,
                        let state = LifeCycle.State(rawValue: Int(number))
                    else { continue }
                    parentState = state
                    if answer["parent-lost"]?.boolValue == true, exitCode == 0 {
                        exitCode = 1
                        isParentLost = true
                        note(.err, "the parent has lost its connection to the leader")
                    }
                    considerParent()
                }
            } catch {
                parentLost("\(error)")
            }
        }
    }

    func considerParent() {
        guard let parentState, let event = lifeCycle.event(parentState: parentState) else { return }
        post(event)
    }

    private func parentLost(_ reason: String) {
        guard lifeCycle.state < .shutdown else { return }
        log.isAlone = true
        note(.err, "lost connection to the parent: \(reason)")
        exitCode = 1
        isParentLost = true
        switch lifeCycle.state {
        case .quorum: post(.quorumFail)
        case .loadBuiltins, .cleanup: break
        default: post(.parentFail)
        }
    }

    /// Takes the parent's configuration now and whenever it changes.
    private func followConfiguration() {
        let stream = flux.stream("config.get", nil, nodeID: rank, flags: .upstream)
        Task {
            do {
                while let new = try await stream.nextJSON() {
                    if lifeCycle.state == .configSync {
                        configuration = new
                        post(.syncSuccess)
                    } else {
                        _ = await updateConfiguration(new)
                    }
                }
            } catch {
                if lifeCycle.state == .configSync { post(.syncFail) }
            }
        }
    }

    // MARK: Init and quorum

    private func initialize() {
        router.admitsClients = true
        let script = attributes["broker.rc1_path"] ?? ""
        if script.isEmpty { return post(.rc1None) }
        // The initial program and the cleanup need a shell that works: better to learn it now.
        if let shell = host.environment["SHELL"], host.ownsProcess, access(shell, X_OK) != 0 {
            note(.err, "rc1.0: \(shell): \(RPCError(errnum: errno))")
            exitCode = failureCode(127)
            return post(.rc1Fail)
        }
        if script == "flux modprobe rc1" {
            Task { await runBuiltinRC1() }
        } else {
            remind("state", after: .seconds(5)) { _ in "rc1: waiting for \(script) to end" }
            runScript("rc1", script) { broker, status in
                if status == 0 { return broker.post(.rc1Success) }
                if broker.attributes["broker.recovery-mode"] != nil { return broker.post(.rc1IgnoreFail) }
                if broker.exitCode == 0 { broker.exitCode = broker.failureCode(status) }
                broker.post(.rc1Fail)
            }
        }
    }

    private func runBuiltinRC1() async {
        let isRecovering = attributes["broker.recovery-mode"] != nil
        let plan: RC1Plan
        do {
            plan = RC1Plan(
                rank: rank, backing: attributes["content.backing-module"] ?? "content-sqlite",
                archive: try archiveToRestore(), crontabs: attributes["cron.directory"], hasScheduler: host.environment["FLUX_SCHED_MODULE"] != "none",
                isRecovering: isRecovering)
        } catch {
            return failRC1("\(error)")
        }
        for step in plan.steps {
            guard lifeCycle.state == .`init` else { return }
            do {
                try await carryOut(step)
            } catch {
                if !isRecovering { return failRC1(error.text ?? "\(error)") }
                note(.err, "rc1: \(error)")
            }
        }
        cancelTimer("init")
        noteBuiltin("rc1", failed: false)
        post(.rc1Success)
    }

    private func failRC1(_ reason: String) {
        cancelTimer("init")
        note(.err, "rc1: \(reason)")
        noteBuiltin("rc1", failed: true)
        exitCode = failureCode(1)
        post(.rc1Fail)
    }

    private func carryOut(_ step: RC1Plan.Step) async throws(ServiceError) {
        switch step {
        case .load(let module, let arguments):
            guard settings.factories[module] != nil else {
                return note(.warning, "rc1: module \(module) is not built in, its service will be missing")
            }
            remind("init", after: .seconds(5)) { _ in "rc1: waiting for module \(module) to load" }
            do throws(RPCError) {
                try await load(module, arguments: arguments)
            } catch {
                throw ServiceError(errnum: error.errnum, text: "\(module): \(error)")
            }
        case .restore(let archive):
            remind("init", after: .seconds(5)) { _ in "rc1: waiting for \(archive.path) to be restored" }
            try await restore(archive)
        case .checkStore:
            remind("init", after: .seconds(5)) { _ in "rc1: waiting for the store to be checked" }
            try await checkStore()
        case .noteStart: try await noteStart()
        case .loadCrontabs(let folder): try await loadCrontabs(in: folder)
        case .runExtraPrograms:
            remind("init", after: .seconds(5)) { _ in "rc1: waiting for programs in rc1.d" }
            try await runExtraPrograms("rc1")
        }
    }

    private func seekQuorum() {
        joinGroup("broker.online")
        if rank != 0 { return followQuorum() }
        let quorum = try? attributes.quorum(size: size)
        let wanted = quorum?.count ?? Int(size)
        if quorum?.isOldForm == true { note(.err, "warning: broker.quorum is now a size - assuming \(wanted)") }
        guard settings.factories["groups"] != nil else { return post(.quorumFull) }
        let began = reactor.now
        let patience = attributes.seconds("broker.quorum-warn")
        remind("quorum", after: patience.map { min($0, 5) }, every: patience) { broker in
            "quorum delayed: waiting for \(broker.named(broker.missingRanks))"
        }
        let stream = flux.stream("groups.get", ["name": "broker.online"])
        Task {
            while let answer = try? await stream.nextJSON() {
                guard let members = answer["members"]?.stringValue else { continue }
                noteOnline(members)
                guard lifeCycle.state == .quorum, RankText.count(members) >= wanted else { continue }
                cancelTimer("quorum")
                if let patience, Double(reactor.now - began) / 1e9 > patience { note(.err, "quorum reached") }
                post(.quorumFull)
            }
        }
    }

    /// A follower waits until its parent runs; the leader is the one that names who is missing.
    private func followQuorum() {
        remind("state", after: .seconds(5), severity: .info) { broker in
            "quorum: waiting for the parent (rank \(broker.network.topology.parent ?? 0)) to run"
        }
        considerParent()
    }

    private func joinGroup(_ name: String) {
        guard settings.factories["groups"] != nil else { return }
        flux.call(.request("groups.join", json: ["name": .string(name)], nodeID: rank)) { _ in }
    }

    // MARK: The way down

    /// Begins an orderly end: from a signal, from `flux shutdown`, or because something essential failed.
    func requestShutdown() {
        isShutdownRequested = true
        if runningProgram != nil { signalProgram(1) } else { post(.shutdown) }
    }

    func panic() {
        exitCode = failureCode(1)
        post(.panic)
    }

    /// The exit code of a failure after which the service manager is not to start this broker again, if one is set.
    func failureCode(_ code: Int32) -> Int32 { attributes["broker.exit-norestart"].flatMap { Int32($0) } ?? code }

    private func waitForChildren() {
        network.refuseChildren()
        let count = network.onlineChildCount
        if count == 0 { return post(.childrenNone) }
        let patience = attributes.seconds("broker.shutdown-warn")
        remind("state", after: patience, every: patience) { broker in
            "shutdown delayed: waiting for \(broker.network.onlineChildCount) peers"
        }
        if isParentLost || exitCode != 0 && rank == 0 { limitWait(seconds: 20, .childrenComplete) }
        if rank == 0, let limit = attributes.seconds("broker.shutdown-timeout") {
            timers["timeout"] = reactor.schedule(after: .milliseconds(Int(limit * 1000))) {
                self.assumeIsolated { $0.shutdownTimedOut() }
            }
        }
    }

    private func shutdownTimedOut() {
        guard lifeCycle.state == .shutdown else { return }
        note(.err, "shutdown timeout")
        if exitCode == 0 { exitCode = 1 }
        post(.childrenComplete)
    }

    /// A wait that must not last for ever.
    private func limitWait(seconds: Int, _ event: LifeCycle.Event) {
        timers["limit"] = reactor.schedule(after: .seconds(seconds)) {
            self.assumeIsolated { broker in
                if broker.lifeCycle.state == .shutdown { broker.post(event) }
            }
        }
    }

    private func finalize() {
        let script = attributes["broker.rc3_path"] ?? ""
        if script.isEmpty { return post(.rc3None) }
        if script == "flux modprobe rc3" {
            Task { await runBuiltinRC3() }
        } else {
            runScript("rc3", script) { broker, status in
                if status != 0 && broker.exitCode == 0 { broker.exitCode = status }
                broker.post(status == 0 ? .rc3Success : .rc3Fail)
            }
        }
    }

    /// Removes the modules; what fails does not keep the rest from being done.
    private func runBuiltinRC3() async {
        let loaded = modules.all.map(\.name).filter { !Self.builtins.contains($0) }
        let plan = RC3Plan(rank: rank, modules: loaded, backing: attributes["content.backing-module"])
        var hasFailed = false
        for step in plan.steps {
            remind("rc3", after: .seconds(5)) { _ in "rc3: waiting for: \(step)" }
            do {
                switch step {
                case .runExtraPrograms: try await runExtraPrograms("rc3")
                case .noteFinish: try await noteFinish()
                case .saveContent: try await saveContent()
                case .remove(let module):
                    try await flux.rpc("module.remove", ["name": .string(module)], nodeID: rank)
                }
            } catch {
                hasFailed = true
                note(.err, "rc3: \(step): \(error)")
            }
        }
        cancelTimer("rc3")
        noteBuiltin("rc3", failed: hasFailed)
        if hasFailed, exitCode == 0 { exitCode = 1 }
        post(hasFailed ? .rc3Fail : .rc3Success)
    }

    /// The line that the log has of a script, for the plan that takes its place.
    private func noteBuiltin(_ name: String, failed: Bool) {
        let seconds = DurationText.tenths(nanoseconds: reactor.now - stateSince)
        note(failed ? .err : .info, "\(name).0: flux modprobe \(name) Exited (rc=\(failed ? 1 : 0)) \(seconds)s")
    }

    private func sayGoodbye() {
        guard rank == 0 else {
            if isParentLost { return post(.goodbye) }
            timers["state"] = reactor.schedule(after: .seconds(60)) { self.assumeIsolated { $0.finishGoodbye() } }
            return network.sayGoodbye { self.assumeIsolated { $0.finishGoodbye() } }
        }
        guard let request = shutdownRequest, request.flags.contains(.streaming) else { return post(.goodbye) }
        respond(to: request, errnum: Errno.noData)
        timers["state"] = reactor.schedule(after: .seconds(60)) { self.assumeIsolated { $0.finishGoodbye() } }
    }

    func finishGoodbye() {
        guard lifeCycle.state == .goodbye else { return }
        post(.goodbye)
    }

    private func unloadBuiltins() {
        if let limit = attributes.seconds("broker.unload-builtins-timeout") {
            timers["state"] = reactor.schedule(after: .milliseconds(Int(limit * 1000))) {
                self.assumeIsolated { $0.unloadTimedOut() }
            }
        }
        Task {
            for name in ["rexec", "groups"] where modules[name: name] != nil {
                _ = try? await flux.rpc("module.remove", ["name": .string(name)], nodeID: rank)
            }
            for module in modules.all {
                note(.err, "broker module '\(module.name)' was not properly shut down")
                modules[uuid: module.uuid] = nil
                _ = ports[module.uuid]?.cancel()
                if exitCode == 0 { exitCode = 1 }
            }
            post(.builtinsDone)
        }
    }

    private func unloadTimedOut() {
        guard lifeCycle.state == .unloadBuiltins else { return }
        let names = modules.all.map(\.name).joined(separator: " ")
        note(.err, "unloading built-in broker module timed out: \(names)")
        if exitCode == 0 { exitCode = 1 }
        post(.builtinsUnloadFail)
    }

    private func finish() {
        for client in clients.values {
            client.drain()
            client.close()
        }
        clients = [:]
        listener?.close()
        network.stop()
        for timer in timers.values { reactor.cancel(timer) }
        stopped?.resume(returning: exitCode)
        stopped = nil
    }

    // MARK: Timers

    /// Says what the broker waits for, to the log and again and again, until the timer is cancelled.
    func remind(
        _ name: String, after delay: Duration, severity: Severity = .err,
        _ text: @escaping @Sendable (isolated Broker) -> String
    ) {
        cancelTimer(name)
        timers[name] = reactor.schedule(after: delay, every: .seconds(60)) {
            self.assumeIsolated { $0.note(severity, text($0)) }
        }
    }

    /// Likewise after `delay` seconds and then every `period` seconds; nil for never.
    func remind(
        _ name: String, after delay: Double?, every period: Double?,
        _ text: @escaping @Sendable (isolated Broker) -> String
    ) {
        cancelTimer(name)
        guard let delay, delay > 0, delay < 1e9 else { return }
        timers[name] = reactor.schedule(
            after: .milliseconds(Int(delay * 1000)), every: .milliseconds(Int((period ?? delay) * 1000))
        ) {
            self.assumeIsolated { $0.note(.err, text($0)) }
        }
    }

    func cancelTimer(_ name: String) {
        if let timer = timers.removeValue(forKey: name) { reactor.cancel(timer) }
    }
}
