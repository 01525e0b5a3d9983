import Client
import FluxJSON
import KVSClient
public import RFC03Message
import RFC19FLUID
import RFC21JobStates
import Reactor
public import Service

/// The module `job-manager`: the life of every job from submission to its end.
///
/// All decisions are ``JobLedger``'s; the actor decodes requests, carries out directives and keeps the eventlogs.
public actor JobManagerService: Service {
    public nonisolated let context: ServiceContext
    var ledger: JobLedger
    /// Requests that are answered later.
    var requests = PendingRequests<Void>()
    var journal = Journal()
    var log = EventlogWriter()
    var settings = Settings()
    var housekeeping = Housekeeping()
    var housekeepers: [JobID: [UInt32: HousekeepingProcess]] = [:]
    /// Who registered the exec service.
    var execSender: String?
    var isSettling = false

    public init(context: ServiceContext) {
        self.context = context
        ledger = JobLedger(owner: context.attributes["security.owner"].flatMap { UInt32($0) } ?? 0)
    }

    public func start() async throws {
        if context.attributes["security.owner"] == nil {
            let answer = try await flux.query("attr.get", ["name": "security.owner"])
            if let owner = answer["value"]?.stringValue.flatMap({ UInt32($0) }) { ledger = JobLedger(owner: owner) }
        }
        try configure(context.configuration)
        flux.onUnmatchedResponse = { message in self.here { $0.receiveAnswer(message) } }
        try await restart()
        watchInstanceExpiration()
    }

    public func stop() async {
        refuseWaiting()
        endJournal()
        flushNow()
        await finishCommits()
        await saveCheckpoint()
    }

    /// A job id as the log and statistics show it.
    func shown(_ id: JobID) -> String { context.showsPlainIDs ? id.f58Plain : id.f58 }

    public func disconnected(_ request: Message) {
        let sender = request.sender
        if ledger.scheduler.sender == sender { change { $0.schedulerLost("disconnect") } }
        if execSender == sender {
            execSender = nil
            change { $0.execLost("disconnect") }
        }
        _ = journal.listeners.disconnect(by: request)
        let gone = requests.disconnectIDs(by: request)
        change { $0.forget(gone) }
        for id in gone { requests.remove(id) }
    }

    /// Lets the ledger change and carries out what follows.
    func change<Value>(_ body: (inout JobLedger) throws -> Value) rethrows -> Value {
        ledger.now = context.reactor.wallTime
        defer { settle() }
        return try body(&ledger)
    }

    /// The same for a change that may refuse the request.
    func ask<Value>(_ body: (inout JobLedger) throws(Refusal) -> Value) throws(ServiceError) -> Value {
        ledger.now = context.reactor.wallTime
        defer { settle() }
        do {
            return try body(&ledger)
        } catch {
            throw ServiceError(errnum: error.errnum, text: error.text)
        }
    }

    /// Keeps a request for a later answer.
    func keep(_ request: Message) -> RequestID { requests.add(request, ()) }
}

extension PendingRequests {
    /// The ids of what the sender of a `disconnect` request had asked for.
    func disconnectIDs(by request: Message) -> Set<ID> {
        Set(all.filter { $0.entry.request.sender == request.sender }.map(\.id))
    }
}

extension Message {
    /// The members of a request's payload.
    ///
    /// - Throws: ``Service/ServiceError`` EPROTO.
    func fields() throws(ServiceError) -> JSON.Object {
        guard let object = try? decodeJSON().objectValue else { throw ServiceError(errnum: Errno.proto) }
        return object
    }

    var requester: Requester { Requester(userID: userID, isOwner: roles.contains(.owner)) }
}
