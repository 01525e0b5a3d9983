import Client
import FluxJSON
import KVSClient
import RFC03Message
import RFC18Eventlog
import RFC19FLUID
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

    private func followUpdates(
        _ id: JobID, _ kind: UpdatedValue.Kind, _ token: PendingRequests<Watch>.ID
    ) async throws(ServiceError) {
        guard let request = watches[token]?.request else { return }
        let stored = try await lookup(id, [kind.rawValue], decoded: true, current: false, for: request)
        guard watches[token] != nil, let json = stored[kind.rawValue] else { return }
        var value = UpdatedValue(kind, json)
        let stream = flux.watch("\(id.kvs).eventlog", flags: [.watchAppend, .initialSentinel])
        watches[token]?.value.stream = stream
        var cutter = LineCutter(), isPast = true
        do {
            while let answer = try await stream.nextJSON(), let entry = watches[token] {
                guard let object = answer["val"] else {
                    // All changes of the past are in: this is the value now.
                    isPast = false
                    flux.respond(to: entry.request, [kind.rawValue: value.json])
                    continue
                }
                for line in cutter.cut(try Handle.bytes(ofValue: object)) {
                    guard let event = try? JSON(parsing: line), let name = event["name"]?.stringValue else { continue }
                    let isChange = value.apply(name: name, context: event["context"]?.objectValue)
                    if isChange, !isPast { flux.respond(to: entry.request, [kind.rawValue: value.json]) }
                    guard name == "clean" else { continue }
                    if isPast { flux.respond(to: entry.request, [kind.rawValue: value.json]) }
                    return
                }
            }
        } catch {
            throw ServiceError(error)
        }
    }
}
