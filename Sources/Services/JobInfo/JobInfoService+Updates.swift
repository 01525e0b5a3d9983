import Client
import FluxJSON
import KVSClient
import RFC03Message
import RFC18Eventlog
import RFC19FLUID
import Reactor
import Service

extension JobInfoService {
    /// The jobspec or R of a job now, and again after each change.
    func watchUpdates(_ request: Message) throws -> Reply {
        let fields = try request.fields()
        let id = JobID(UInt64(bitPattern: try fields.int("id")))
        let key = try fields.string("key"), flags = try fields.int("flags")
        guard flags == 0 else {
            throw ServiceError(errnum: Errno.proto, text: "update-watch request rejected with invalid flag")
        }
        guard request.flags.contains(.streaming) else {
            let text = "update-watch request rejected without streaming RPC flag"
            throw ServiceError(errnum: Errno.proto, text: text)
        }
        guard let kind = UpdatedValue.Kind(rawValue: key) else {
            throw ServiceError(errnum: Errno.invalid, text: "update-watch unsupported key specified")
        }
        let token = watches.add(request, Watch(kind: .update))
        Task {
            do throws(ServiceError) {
                try await self.followUpdates(id, kind, token)
                self.end(token, errnum: Errno.noData, nil)
            } catch {
                self.end(token, errnum: error.errnum, error.text)
            }
        }
        return .deferred
    }

    /// When the log of a job is followed for who watches its updates: most jobs that end sooner are spared the costs.
    private static let followDelay = Duration.milliseconds(200)

    private func followUpdates(
        _ id: JobID, _ kind: UpdatedValue.Kind, _ token: PendingRequests<Watch>.ID
    ) async throws(ServiceError) {
        guard let request = watches[token]?.request else { return }
        let stored = try await read(id, [kind.rawValue], withLog: true, for: request)
        let json = try value(of: kind.rawValue, stored[kind.rawValue], log: nil, decoded: true, current: false)
        guard case .success(let past)? = stored["eventlog"], let entry = watches[token] else { return }
        var value = UpdatedValue(kind, json), cutter = LineCutter()
        var isClean = false
        for line in cutter.cut(past) { isClean = take(line, &value).isClean || isClean }
        flux.respond(to: entry.request, [kind.rawValue: value.json])
        if isClean { return }

        await context.reactor.sleep(for: Self.followDelay)
        guard watches[token] != nil else { return }
        let stream = flux.watch("\(id.kvs).eventlog", flags: .watchAppend)
        watches[token]?.value.stream = stream
        var known = past.count
        do {
            while let answer = try await stream.nextJSON(), let entry = watches[token] {
                guard let object = answer["val"] else { continue }
                let bytes = try Handle.bytes(ofValue: object)
                let new = bytes.dropFirst(known)
                known -= bytes.count - new.count
                for line in cutter.cut(Array(new)) {
                    let (isChanged, isClean) = take(line, &value)
                    if isChanged { flux.respond(to: entry.request, [kind.rawValue: value.json]) }
                    if isClean { return }
                }
            }
        } catch {
            throw ServiceError(error)
        }
    }

    /// Applies one entry of a job's log to a value that follows it.
    private func take(_ line: some Collection<UInt8>, _ value: inout UpdatedValue) -> (isChanged: Bool, isClean: Bool) {
        guard let event = try? JSON(parsing: line), let name = event["name"]?.stringValue else { return (false, false) }
        return (value.apply(name: name, context: event["context"]?.objectValue), name == "clean")
    }
}
