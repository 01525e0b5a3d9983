import Client
import FluxJSON
import KVSClient
import RFC03Message
import RFC19FLUID
import RFC22Idset
import RFC24IO
import RFC42Subprocess
import Reactor
import Service

extension JobExecService {
    /// Lets a job's machine change and carries out what follows.
    @discardableResult
    func change<Value>(_ id: JobID, _ body: (inout ExecMachine) -> Value) -> Value? {
        guard jobs[id] != nil else { return nil }
        let value = jobs[id].map { job in
            var job = job
            defer { jobs[id] = job }
            return body(&job.machine)
        }
        for directive in jobs[id]?.machine.takeDirectives() ?? [] { carryOut(directive, id) }
        return value
    }

    private func carryOut(_ directive: ExecDirective, _ id: JobID) {
        guard let job = jobs[id] else { return }
        switch directive {
        case .makeNamespace: makeNamespace(id, job)
        case .log(let name, let context): appendLog(id, name, context)
        case .link:
            if let delay = primary.link(id, to: job.namespace, now: seconds) { schedulePrimary(after: delay) }
        case .runShells(let ranks): for rank in ranks { runShell(id, job, rank) }
        case .signal(let ranks, let signal): for rank in ranks { signalShell(id, job, rank, signal) }
        case .signalTasks(let signal):
            flux.notify("job-manager.kill", ["id": id.json, "signum": .int(Int64(signal))])
        case .respond(let type, let data):
            flux.respond(to: job.request, ["id": id.json, "type": .string(type), "data": data])
        case .leaveBarrier(let requests, let errnum):
            for token in requests {
                if let entry = barriers.remove(token) { answerBarrier(entry.request, errnum: errnum) }
            }
        case .drain(let ranks, let reason):
            let payload: JSON = ["targets": .string("\(ranks)"), "reason": .string(reason), "mode": "update"]
            flux.notify("resource.drain", payload, nodeID: 0)
        case .tellLeader(let severity, let shellRank, let message):
            guard let rank = job.machine.ranks.first else { return }
            flux.notify("\(job.machine.userID)-shell-\(id.f58Plain).exception", [
                "type": "lost-shell", "severity": .int(severity), "shell_rank": .int(Int64(shellRank)),
                "message": .string(message),
            ], nodeID: rank)
        case .endNamespace: endNamespace(id)
        case .setTimer(let timer, let seconds): setTimer(id, timer, seconds)
        case .stopTimer(let timer):
            if let old = jobs[id]?.timers.removeValue(forKey: timer) { context.reactor.cancel(old) }
        case .note(let text): context.log(text.hasPrefix("job-exception") ? .info : .debug, text)
        case .forget: jobs[id] = nil
        }
    }

    private func setTimer(_ id: JobID, _ timer: ExecTimer, _ seconds: Double) {
        if let old = jobs[id]?.timers[timer] { context.reactor.cancel(old) }
        jobs[id]?.timers[timer] = context.reactor.schedule(after: .seconds(seconds)) {
            self.here { service in
                service.jobs[id]?.timers[timer] = nil
                let now = service.context.reactor.wallTime
                service.change(id) { $0.timerFired(timer, now: now) }
            }
        }
    }

    // MARK: shells

    private func runShell(_ id: JobID, _ job: RunningJob, _ rank: UInt32) {
        var environment = environment
        environment["FLUX_KVS_NAMESPACE"] = job.namespace
        if job.machine.isMultiuser { environment["FLUX_IMP_EXEC_HELPER"] = "flux imp_exec_helper \(id.value)" }
        let command = Rexec.Command(arguments: job.machine.shellCommand, environment: environment)
        let payload = Rexec.ExecRequest(command: command, flags: [.standardOutput, .standardError])
        let request = Message.request(
            "\(settings.service).exec", json: payload.json, nodeID: rank, flags: .streaming)
        jobs[id]?.streams[rank] = flux.call(request) { result in
            self.here { $0.receiveShell(id, rank, result) }
        }
    }

    private func receiveShell(_ id: JobID, _ rank: UInt32, _ result: Result<Message, RPCError>) {
        switch result {
        case .success(let message):
            guard let json = try? message.decodeJSON(), let response = try? Rexec.Response(json: json) else { return }
            switch response {
            case .started(let pid):
                let now = context.reactor.wallTime
                change(id) { $0.shellStarted(rank: rank, pid: pid, now: now) }
            case .output(_, let io):
                guard let bytes = io.bytes, !bytes.isEmpty else { return }
                let text = String(decoding: bytes, as: UTF8.self)
                change(id) { $0.shellOutput(rank: rank, stream: io.stream, data: text) }
            case .finished(let status): jobs[id]?.statuses[rank] = status
            default: break
            }
        case .failure(let error):
            jobs[id]?.streams[rank] = nil
            if let status = jobs[id]?.statuses.removeValue(forKey: rank) {
                change(id) { $0.shellFinished(rank: rank, status: status) }
            } else {
                change(id) { $0.shellFailed(rank: rank, errnum: error.errnum, text: error.description) }
            }
        }
    }

    private func signalShell(_ id: JobID, _ job: RunningJob, _ rank: UInt32, _ signal: Int32) {
        guard let pid = job.machine.shells[rank]?.pid else { return }
        let payload: JSON = ["pid": .int(pid), "signum": .int(Int64(signal))]
        flux.call(.request("\(settings.service).kill", json: payload, nodeID: rank)) { result in
            if case .failure(let error) = result, error.errnum != Errno.noEntry, error.errnum != Errno.noProcess {
                self.context.log(.err, "\(self.shown(id)): kill of the shell on rank \(rank): \(error)")
            }
        }
    }

    // MARK: the job's namespace

    private func makeNamespace(_ id: JobID, _ job: RunningJob) {
        guard !job.machine.isReattached else {
            Task { await self.recoverNamespace(id) }
            return
        }
        createNamespace(id, job, root: emptyDirectory) { service, error in
            let now = service.context.reactor.wallTime
            service.change(id) {
                if let error { $0.namespaceFailed(error.description) } else { $0.namespaceReady(now: now) }
            }
        }
    }

    func createNamespace(
        _ id: JobID, _ job: RunningJob, root: String,
        _ done: @escaping @Sendable (isolated JobExecService, RPCError?) -> Void
    ) {
        let payload: JSON = [
            "namespace": .string(job.namespace), "rootref": .string(root),
            "owner": .int(Int64(job.machine.userID)), "flags": 0,
        ]
        flux.call(.request("kvs.namespace-create", json: payload, nodeID: 0)) { result in
            self.here { service in
                switch result {
                case .success: done(service, nil)
                case .failure(let error): done(service, error)
                }
            }
        }
    }

    func appendLog(_ id: JobID, _ name: String, _ fields: JSON.Object) {
        jobs[id]?.log.append(name, fields, at: context.reactor.wallTime)
        scheduleLog(id)
    }

    private func scheduleLog(_ id: JobID) {
        guard jobs[id]?.log.isFlushScheduled == false else { return }
        jobs[id]?.log.isFlushScheduled = true
        let now = seconds, delay = logPacer.delay(at: now)
        let flush: () -> Void = { self.here { $0.flushLog(id) } }
        // Under load a short job's log is stored once, when the job ends.
        guard delay == 0 else {
            context.reactor.schedule(after: .seconds(delay), flush)
            return
        }
        logPacer.spend(at: now)
        context.reactor.later(flush)
    }

    private var seconds: Double { Double(context.reactor.now) / 1e9 }

    private func flushLog(_ id: JobID) {
        guard let job = jobs[id] else { return }
        jobs[id]?.log.isFlushScheduled = false
        guard !job.log.isEmpty else {
            if job.log.underWay == 0, let done = job.log.whenStored {
                jobs[id]?.log.whenStored = nil
                done()
            }
            return
        }
        var transaction = KVSTransaction()
        transaction.append("exec.eventlog", jobs[id]?.log.take() ?? [])
        jobs[id]?.log.underWay += 1
        flux.commit(transaction, namespace: job.namespace, receive: { result in
            self.here { service in
                switch result {
                case .success(let root): service.jobs[id]?.log.root = root.reference
                case .failure(let error): service.context.log(.err, "eventlog error: \(service.shown(id)): \(error)")
                }
                service.jobs[id]?.log.underWay -= 1
                service.flushLog(id)
            }
        })
    }

    /// The content of the namespace goes to its place in the primary one; all of its history is shared, nothing copied.
    private func endNamespace(_ id: JobID) {
        whenLogged(id) { service in
            service.graft(id) { $0.change(id) { $0.namespaceGone() } }
        }
    }

    private func whenLogged(_ id: JobID, _ body: @escaping @Sendable (isolated JobExecService) -> Void) {
        jobs[id]?.log.whenStored = { self.here { body($0) } }
        flushLog(id)
    }

    /// - Parameter done: called when the change is on its way. The namespace goes once everybody sees its content at the
    ///   new place: until then the old one leads there.
    private func graft(_ id: JobID, _ done: @escaping @Sendable (isolated JobExecService) -> Void) {
        guard let namespace = jobs[id]?.namespace else { return }
        let root = jobs[id]?.log.root ?? ""
        guard !root.isEmpty else {
            remove(namespace: namespace)
            done(self)
            return
        }
        let mustSchedule = primary.graft(
            id, root: root, sent: { self.here { done($0) } }, stored: { self.here { $0.remove(namespace: namespace) } })
        if mustSchedule { schedulePrimary(after: 0) }
    }

    private func remove(namespace: String) {
        flux.notify("kvs.namespace-remove", ["namespace": .string(namespace)], nodeID: 0)
    }

    private func schedulePrimary(after delay: Double) {
        let flush: () -> Void = { self.here { $0.flushPrimary() } }
        if delay > 0 { context.reactor.schedule(after: .seconds(delay), flush) } else { context.reactor.later(flush) }
    }

    func flushPrimary() {
        guard !primary.isEmpty else { return }
        let batch = primary.take(now: seconds)
        primary.underWay += 1
        flux.commit(batch.transaction, flags: Handle.patientCommit) { error in
            if let error { self.here { $0.context.log(.err, "guest namespace: \(error)") } }
            self.here { $0.primary.underWay -= 1 }
            for body in batch.stored { body() }
        }
        for body in batch.sent { body() }
    }
}

extension JobID {
    /// The id as messages carry it.
    var json: JSON { .int(Int64(bitPattern: value)) }
}
