import Client
import FluxJSON
import KVSClient
import RFC03Message
import RFC18Eventlog
import RFC19FLUID
import Service

extension JobInfoService {
    /// Wait for a log that does not exist yet.
    private static let waitCreateFlag: Int64 = 1
    /// Mark the end of what existed at first with an empty answer.
    private static let sentinelFlag: Int64 = 2

    func watchEventlog(_ request: Message) throws -> Reply {
        let fields = try request.fields()
        let id = JobID(UInt64(bitPattern: try fields.int("id")))
        let path = try fields.string("path"), flags = try fields.int("flags")
        guard flags & ~(Self.waitCreateFlag | Self.sentinelFlag) == 0 else {
            throw ServiceError(errnum: Errno.proto, text: "eventlog-watch request rejected with invalid flag")
        }
        guard request.flags.contains(.streaming) else {
            let text = "eventlog-watch request rejected without streaming RPC flag"
            throw ServiceError(errnum: Errno.proto, text: text)
        }
        var kvsFlags: KVSLookupFlags = .watchAppend
        if flags & Self.waitCreateFlag != 0 { kvsFlags.insert(.waitCreate) }
        if flags & Self.sentinelFlag != 0 { kvsFlags.insert(.initialSentinel) }
        let isGuest = path.hasPrefix("guest.")
        let token = watches.add(request, Watch(kind: isGuest ? .guest : .main))
        let reader = Reader(id: id, path: path, flags: kvsFlags, token: token)
        Task {
            do throws(ServiceError) {
                if isGuest { try await self.followGuest(reader) } else { try await self.followMain(reader) }
                self.end(token, errnum: Errno.noData, nil)
            } catch {
                self.end(token, errnum: error.errnum, error.text)
            }
        }
        return .deferred
    }

    /// One watch of a log.
    struct Reader: Sendable {
        let id: JobID
        let path: String
        let flags: KVSLookupFlags
        let token: PendingRequests<Watch>.ID
    }

    func cancelWatch(_ request: Message) -> Reply {
        guard let tag = (try? request.fields())?["matchtag"]?.intValue.flatMap({ UInt32(exactly: $0) }) else {
            return .deferred
        }
        for (id, entry) in watches.all
        where entry.request.matchtag == tag && entry.request.sender == request.sender
            && (request.roles.contains(.owner) || request.userID == entry.request.userID)
        {
            end(id, errnum: Errno.noData, nil)
        }
        return .deferred
    }

    /// Ends a watch with its last answer, unless it has ended.
    func end(_ token: PendingRequests<Watch>.ID, errnum: Int32, _ text: String?) {
        guard let entry = watches[token] else { return }
        finish(token)
        flux.respond(to: entry.request, errnum: errnum, text)
    }

    /// Forgets a watch and what it reads.
    func finish(_ token: PendingRequests<Watch>.ID) {
        released.remove(token)
        guard let entry = watches.remove(token), let stream = entry.value.stream else { return }
        stream.cancel("kvs-watch.cancel")
        stream.abandon()
    }

    // MARK: reading

    /// The next piece of a log: nil at the end or when nobody wants it any more; empty bytes for the sentinel.
    private func next(_ reader: Reader) async throws(RPCError) -> [UInt8]? {
        guard let stream = watches[reader.token]?.value.stream else { return nil }
        guard let answer = try await stream.nextJSON(), watches[reader.token] != nil else { return nil }
        guard let value = answer["val"] else { return [] }
        let bytes = try Handle.bytes(ofValue: value)
        if bytes.isEmpty { throw RPCError(errnum: Errno.invalid, text: "illegal append of zero bytes") }
        return bytes
    }

    private func open(_ reader: Reader, _ key: String, namespace: String, flags: KVSLookupFlags) {
        guard let old = watches[reader.token]?.value.stream else {
            watches[reader.token]?.value.stream = flux.watch(key, namespace: namespace, flags: flags)
            return
        }
        old.cancel("kvs-watch.cancel")
        old.abandon()
        watches[reader.token]?.value.stream = flux.watch(key, namespace: namespace, flags: flags)
    }

    private func sendSentinel(_ reader: Reader) {
        if let entry = watches[reader.token] { flux.respond(to: entry.request) }
    }

    private func send(_ line: some Collection<UInt8>, _ reader: Reader) {
        guard let entry = watches[reader.token] else { return }
        flux.respond(to: entry.request, ["event": .string(String(decoding: line, as: UTF8.self))])
    }

    /// Refuses who may not see the job; looks into its log when it is not known whose it is.
    private func authorize(_ reader: Reader) async throws(ServiceError) {
        guard let request = watches[reader.token]?.request, !request.roles.contains(.owner) else { return }
        if let owner = owner(of: reader.id) {
            guard request.mayTouch(owner) else { throw ServiceError(errnum: Errno.perm, text: nil) }
            return
        }
        do {
            try authorize(request, reader.id, try await flux.lookup("\(reader.id.kvs).eventlog"))
        } catch let error as RPCError {
            throw ServiceError(error)
        } catch {
            throw ServiceError(errnum: Errno.perm)
        }
    }

    /// A log in the primary namespace. That of the job itself ends with `clean`, others never end.
    private func followMain(_ reader: Reader) async throws(ServiceError) {
        try await authorize(reader)
        open(reader, "\(reader.id.kvs).\(reader.path)", namespace: "primary", flags: reader.flags)
        var cutter = LineCutter(), view = EventlogView()
        var owesSentinel = reader.flags.contains(.initialSentinel)
        do {
            while let bytes = try await next(reader) {
                if bytes.isEmpty {
                    sendSentinel(reader)
                    owesSentinel = false
                    continue
                }
                for line in cutter.cut(bytes) {
                    send(line, reader)
                    guard reader.path == "eventlog" else { continue }
                    view.append(line)
                    guard view.isClean else { continue }
                    if owesSentinel { sendSentinel(reader) }
                    return
                }
            }
        } catch {
            throw ServiceError(error)
        }
    }

    /// A log in the job's own namespace, which moves to the primary one when the job ends.
    private func followGuest(_ reader: Reader) async throws(ServiceError) {
        let path = String(reader.path.dropFirst("guest.".count))
        guard try await waitForStart(reader) else { return }
        var sent = 0
        var owesSentinel = reader.flags.contains(.initialSentinel)
        var cutter = LineCutter()
        if !isReleased(reader) {
            // The job may have ended since its log was read, and its namespace with it.
            let flags = reader.flags.union(.existingNamespace)
            open(reader, path, namespace: "job-\(reader.id.value)", flags: flags)
            do {
                while let bytes = try await next(reader) {
                    if bytes.isEmpty {
                        sendSentinel(reader)
                        owesSentinel = false
                        continue
                    }
                    sent += bytes.count
                    for line in cutter.cut(bytes) { send(line, reader) }
                }
                return
            } catch {
                // The namespace is gone: its content is in the primary one.
                guard error.errnum == Errno.notSupported else { throw ServiceError(error) }
            }
        }
        guard watches[reader.token] != nil else { return }
        let bytes: [UInt8]
        do {
            bytes = try await flux.lookup("\(reader.id.kvs).\(reader.path)")
        } catch {
            throw ServiceError(error)
        }
        for line in cutter.cut(Array(bytes.dropFirst(sent))) { send(line, reader) }
        if owesSentinel { sendSentinel(reader) }
    }

    /// Whether the job's content was found to be in the primary namespace already: then no stream is open.
    private func isReleased(_ reader: Reader) -> Bool { released.contains(reader.token) }

    /// Waits until the shells run. False when that will never be.
    private func waitForStart(_ reader: Reader) async throws(ServiceError) -> Bool {
        let key = "\(reader.id.kvs).eventlog"
        let bytes: [UInt8]
        do {
            bytes = try await flux.lookup(key)
        } catch {
            throw ServiceError(error)
        }
        guard let request = watches[reader.token]?.request else { return false }
        do {
            try authorize(request, reader.id, bytes)
        } catch {
            throw ServiceError(errnum: error.errnum)
        }
        var view = EventlogView(bytes) ?? EventlogView()
        if view.isReleased || view.isClean {
            released.insert(reader.token)
            return view.hasStarted
        }
        if view.hasStarted { return true }
        open(reader, key, namespace: "primary", flags: .watchAppend)
        view = EventlogView()
        var cutter = LineCutter()
        do {
            while let bytes = try await next(reader) {
                for line in cutter.cut(bytes) { view.append(line) }
                if view.hasStarted { return true }
                if view.isClean { return false }
            }
        } catch {
            throw ServiceError(error)
        }
        return false
    }
}
