import Client
import FluxJSON
import KVSClient
import RFC03Message
import RFC18Eventlog
import RFC19FLUID
import RFC21JobStates
import Service

extension JobManagerService {
    func openJournal(_ request: Message) throws -> Reply {
        let fields = try request.fields()
        let isFull = try fields.optionalBool("full") ?? false
        guard request.flags.contains(.streaming) else {
            throw ServiceError(errnum: Errno.proto, text: "job-manager.events requires streaming RPC flag")
        }
        func names(_ key: String) throws(ServiceError) -> Set<String>? {
            guard let value = fields[key] else { return nil }
            guard let object = value.objectValue else {
                throw ServiceError(errnum: Errno.proto, text: "job-manager.events \(key) should be an object")
            }
            return Set(object.keys)
        }
        let reader = Journal.Reader(allowed: try names("allow"), denied: try names("deny") ?? [], waiting: nil)
        let ended = isFull ? Array(ledger.purgeQueue.all) : []
        guard !ended.isEmpty else {
            sendActiveJobs(request, reader)
            journal.listeners.add(request, reader)
            return .deferred
        }
        // The past of jobs that ended is in the KVS; what happens meanwhile is told afterwards.
        var waiting = reader
        waiting.waiting = []
        let active = ledger.active.values.sorted { $0.id < $1.id }.map { self.message($0, reader) }
        let id = journal.listeners.add(request, waiting)
        Task { await self.sendEndedJobs(ended, active, to: id) }
        return .deferred
    }

    func cancelJournal(_ request: Message) -> Reply {
        if let tag = (try? request.fields())?["matchtag"]?.intValue.flatMap({ UInt32(exactly: $0) }),
            let entry = journal.listeners.cancel(matchtag: tag, by: request)
        {
            flux.respond(to: entry.request, errnum: Errno.noData)
        }
        return .deferred
    }

    func endJournal() {
        for (id, entry) in journal.listeners.all {
            flux.respond(to: entry.request, errnum: Errno.noData)
            journal.listeners.remove(id)
        }
    }

    /// Tells the readers what has happened since the last time.
    func tellJournal() {
        guard !journal.isTold else { return }
        let chapters = journal.take()
        for (listener, entry) in journal.listeners.all {
            for chapter in chapters {
                guard let payload = chapter.payload(for: entry.value) else { continue }
                if entry.value.waiting != nil {
                    journal.listeners[listener]?.value.waiting?.append(payload)
                } else {
                    flux.respond(to: entry.request, payload)
                }
            }
        }
    }

    private func message(_ job: Job, _ reader: Journal.Reader) -> JSON {
        message(job.id, events: job.eventlog, jobspec: job.machine.jobspec, resources: job.resources, reader)
    }

    private func message(
        _ id: JobID, events: [JSON], jobspec: JSON?, resources: JSON?, _ reader: Journal.Reader
    ) -> JSON {
        let wanted = reader.wantsAll ? events : events.filter { reader.wants($0["name"]?.stringValue ?? "") }
        var message: JSON.Object = ["id": id.json, "events": .array(wanted)]
        message["jobspec"] = jobspec
        message["R"] = resources
        return .object(message)
    }

    private func sendActiveJobs(_ request: Message, _ reader: Journal.Reader) {
        for job in ledger.active.values.sorted(by: { $0.id < $1.id }) { flux.respond(to: request, message(job, reader)) }
        flux.respond(to: request, Self.endOfPast)
    }

    /// What marks that from now on events come as they happen.
    private static let endOfPast: JSON = ["id": -1, "events": []]

    private func sendEndedJobs(_ ids: [JobID], _ active: [JSON], to listener: RequestID) async {
        for id in ids {
            guard let entry = journal.listeners[listener] else { return }
            guard let past = await storedJob(id) else { continue }
            flux.respond(
                to: entry.request,
                message(id, events: past.events, jobspec: past.jobspec, resources: past.resources, entry.value))
        }
        guard let entry = journal.listeners[listener] else { return }
        for message in active { flux.respond(to: entry.request, message) }
        flux.respond(to: entry.request, Self.endOfPast)
        for payload in entry.value.waiting ?? [] { flux.respond(to: entry.request, payload) }
        journal.listeners[listener]?.value.waiting = nil
    }

    /// What the KVS has of a job; nil when it cannot be read.
    func storedJob(_ id: JobID) async -> (events: [JSON], jobspec: JSON?, resources: JSON?)? {
        guard let log = try? await flux.lookup(id.key("eventlog")), let events = try? Eventlog(parsing: log) else {
            return nil
        }
        let jobspec = (try? await flux.lookup(id.key("jobspec"))).flatMap { try? JSON(parsing: $0) }
        var resources = (try? await flux.lookup(id.key("R"))).flatMap { try? JSON(parsing: $0) }
        if var object = resources?.objectValue {
            object["scheduling"] = nil
            resources = .object(object)
        }
        return (events.entries.map(\.json), jobspec, resources)
    }
}
