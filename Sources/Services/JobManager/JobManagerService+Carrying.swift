import Client
import FluxJSON
import KVSClient
import RFC03Message
import RFC19FLUID
import Reactor
import Service

extension JobManagerService {
    /// Carries out what the ledger wants, in order.
    func settle() {
        guard !isSettling else { return }
        isSettling = true
        defer { isSettling = false }
        while true {
            let directives = ledger.takeDirectives()
            if directives.isEmpty { return tellJournal() }
            for directive in directives { carryOut(directive) }
        }
    }

    private func carryOut(_ directive: Directive) {
        switch directive {
        case .event(let id, let posting, let attachment): record(id, posting, attachment)
        case .requestAllocation(let id): sendAllocationRequest(id)
        case .cancelAllocation(let id): flux.notify("sched.cancel", ["id": id.json])
        case .freeAllocation(let id, let resources): free(id, resources, isFinal: true)
        case .prioritize(let places):
            let jobs = places.map { JSON.array([$0.id.json, .int($0.priority)]) }
            flux.notify("sched.prioritize", ["jobs": .array(jobs)])
        case .start(let id): sendStartRequest(id)
        case .updateExpiration(let id, let expiration): sendExpiration(id, expiration)
        case .publish(let topic, let payload, let isPrivate):
            tellJournal()
            publish(topic, payload, isPrivate: isPrivate)
        case .release(let id, let userID, let resources): keepHouse(id, userID: userID, resources)
        case .storeResources(let id, let resources): store(id, resources)
        case .answer(let id, let payload):
            // Whoever is answered may ask a reader of the journal next.
            tellJournal()
            if let entry = requests.remove(id) { flux.respond(to: entry.request, payload) }
        case .answerAfterCommit(let id, let payload):
            log.answer(id, payload)
            scheduleFlush()
        case .refuse(let id, let refusal):
            if let entry = requests.remove(id) {
                flux.respond(to: entry.request, errnum: refusal.errnum, refusal.text)
            }
        case .wake(let time):
            context.reactor.schedule(after: .seconds(max(0, time - ledger.now))) {
                self.here { service in service.change { $0.timePassed() } }
            }
        case .log(let isError, let text): context.log(isError ? .err : .debug, text)
        }
    }

    /// An event for everybody who subscribed to it; nobody waits for its number.
    func publish(_ topic: String, _ payload: JSON, isPrivate: Bool) {
        flux.notify("event.publish", [
            "topic": .string(topic), "flags": .int(isPrivate ? 0x20 : 0),
            "payload": .string(Base64.encode(Message.jsonPayload(payload))),
        ], nodeID: 0)
    }

    private func store(_ id: JobID, _ resources: JSON) {
        var transaction = KVSTransaction()
        transaction.put(id.key("R"), resources.bytes)
        flux.commit(transaction) { error in
            self.here { service in service.change { $0.bypassCommitted(id, failure: error?.description) } }
        }
    }

    // MARK: eventlogs

    private func record(_ id: JobID, _ posting: Posting, _ attachment: JSON?) {
        let entry = posting.json
        journal.add(id, posting.name, entry, attachment)
        guard posting.isCommitted else { return }
        log.append(entry, to: id, isUrgent: posting.name == "submit")
        scheduleFlush()
    }

    private func scheduleFlush() {
        guard !log.isCommitting, !log.isFlushScheduled || log.isUrgent && log.delay > 0 else { return }
        log.isFlushScheduled = true
        let flush: () -> Void = { self.here { $0.flushNow() } }
        if log.delay > 0, !log.isUrgent {
            context.reactor.schedule(after: .seconds(log.delay), flush)
        } else {
            context.reactor.later(flush)
        }
    }

    /// Commits everything that waits, if no commit is under way.
    func flushNow() {
        log.isFlushScheduled = false
        guard !log.isCommitting, !log.isEmpty else { return }
        // Whoever waits for an answer should not wait longer than it takes.
        let flags = log.answers.isEmpty && !log.isUrgent ? Handle.patientCommit : 0
        let (lines, answers) = log.take()
        guard !lines.isEmpty else {
            answer(answers)
            return
        }
        var transaction = KVSTransaction()
        for (id, bytes) in lines { transaction.append(id.key("eventlog"), bytes) }
        log.isCommitting = true
        flux.commit(transaction, flags: flags) { error in self.here { $0.committed(answers, error) } }
    }

    private func committed(_ answers: [(request: RequestID, payload: JSON?)], _ error: RPCError?) {
        log.isCommitting = false
        if let error {
            context.log(.err, "eventlog update failed: \(error)")
            for answer in answers {
                guard let entry = requests.remove(answer.request) else { continue }
                flux.respond(to: entry.request, errnum: error.errnum, "eventlog update failed: \(error)")
            }
        } else {
            answer(answers)
        }
        if !log.isEmpty { scheduleFlush() }
    }

    private func answer(_ answers: [(request: RequestID, payload: JSON?)]) {
        for answer in answers {
            guard let entry = requests.remove(answer.request) else { continue }
            flux.respond(to: entry.request, answer.payload)
        }
    }

    /// Waits until everything posted so far is stored.
    func finishCommits() async {
        while log.isCommitting || !log.isEmpty {
            flushNow()
            await context.reactor.sleep(for: .milliseconds(1))
        }
    }

    func setBatchTimeout(_ request: Message) throws -> Reply {
        log.delay = max(0, try request.fields().number("timeout"))
        return .empty
    }
}
