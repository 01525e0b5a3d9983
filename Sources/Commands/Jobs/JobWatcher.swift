internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC18Eventlog
internal import RFC19FLUID
internal import Reactor

/// Follows many jobs at once: output, events, how they end, and perhaps a progress bar.
///
/// Identity: it stands for the open streams of the jobs; it belongs to the reactor of its handle.
final class JobWatcher {
    struct Options: Sendable {
        /// The event after which a job is not followed any longer, `exec.NAME` for one of its execution; nil for none.
        var waitEvent: String? = "clean"
        var showsOutput = true
        var labelsIO = false
        /// Whether events are told: 1 for the end of each job, 2 for all.
        var verbosity = 0
        var hasProgress = false
        var showsRate = false
        /// When the clock of the progress bar began.
        var startTime: Double?
    }

    /// Where the output of a job goes.
    struct Sink: Sendable {
        var output: Int32 = 1
        var error: Int32 = 2
    }

    /// One job that is followed.
    private final class Entry {
        let id: JobID
        let sink: Sink
        let waitEvent: String?
        var tags: [String: UInt32] = [:]
        var hasStarted = false
        var waitsForExec: Bool { waitEvent?.hasPrefix("exec.") ?? false }

        init(_ id: JobID, _ sink: Sink, _ waitEvent: String?) {
            self.id = id
            self.sink = sink
            self.waitEvent = waitEvent
        }
    }

    private let flux: Handle
    private let options: Options
    private var openCount = 0
    private var exitCode: Int32 = 0
    private var waiter: CheckedContinuation<Void, Never>?
    private var timeZero: Double?
    private var progress: JobProgress?

    init(_ flux: Handle, _ options: Options) {
        self.flux = flux
        self.options = options
        timeZero = options.startTime
        if options.hasProgress {
            progress = JobProgress(flux.reactor, startTime: options.startTime, showsRate: options.showsRate)
        }
    }

    /// Begins to follow a job.
    ///
    /// - Parameters:
    ///   - status: what is known of it; `submitTime` may be now for a job that was just submitted.
    ///   - waitEvent: the event to wait for, when it is not that of the options.
    func follow(
        _ id: JobID, status: JobProgress.Status = .pending, submitTime: Double, into sink: Sink = Sink(),
        until waitEvent: String? = nil
    ) {
        timeZero = min(timeZero ?? submitTime, submitTime)
        progress?.add(id, status, submitTime: submitTime)
        let entry = Entry(id, sink, waitEvent ?? options.waitEvent)
        start("eventlog", entry) { [self] in receive($0, entry) }
    }

    /// - Returns: the highest exit code of all jobs.
    func finish() async -> Int32 {
        await withCheckedContinuation { continuation in
            if openCount > 0 { waiter = continuation } else { continuation.resume() }
        }
        progress?.end()
        return exitCode
    }

    // MARK: Streams

    private func start(_ path: String, _ entry: Entry, _ receive: @escaping (Eventlog.Entry) -> Void) {
        openCount += 1
        entry.tags[path] = 0
        let request = Message.request(
            "job-info.eventlog-watch", json: ["id": .int(entry.id.json), "path": .string(path), "flags": 0],
            flags: .streaming)
        let tag = flux.call(request) { [self] result in
            guard entry.tags[path] != nil else { return }
            switch result {
            case .success(let message):
                guard let line = (try? message.decodeJSON())?["event"]?.stringValue,
                    let event = (try? Eventlog(parsing: line))?.entries.first
                else { return }
                receive(event)
            case .failure:
                if path == "eventlog" { progress?.finish(entry.id) }
                end(path, entry)
            }
        }
        if entry.tags[path] != nil { entry.tags[path] = tag }
    }

    private func end(_ path: String, _ entry: Entry) {
        guard entry.tags.removeValue(forKey: path) != nil else { return }
        openCount -= 1
        guard openCount == 0 else { return }
        waiter?.resume()
        waiter = nil
    }

    private func cancel(_ path: String, _ entry: Entry) {
        guard let tag = entry.tags[path] else { return }
        flux.notify("job-info.eventlog-watch-cancel", ["matchtag": .int(Int64(tag))])
        flux.forget(tag)
        end(path, entry)
    }

    // MARK: Events

    private func receive(_ event: Eventlog.Entry, _ entry: Entry) {
        progress?.note(event, entry.id)
        timeZero = min(timeZero ?? event.timestamp, event.timestamp)
        if options.verbosity > 1 { tell(event, "", entry) }
        switch event.name {
        case "exception" where event.context?["severity"]?.intValue == 0:
            if !entry.hasStarted { exitCode = max(exitCode, 1) }
            tell(exception: event, entry)
        case "start":
            entry.hasStarted = true
            if options.showsOutput || entry.waitsForExec { start("guest.exec.eventlog", entry) { [self] in receive(exec: $0, entry) } }
        case "finish":
            let status = Int32(truncatingIfNeeded: event.context?["status"]?.intValue ?? 0)
            exitCode = max(exitCode, JobEnd(waitStatus: status).exitCode)
            if options.verbosity > 0 {
                say("\(status == 0 ? "complete" : "failed"): status=\(status)", at: event.timestamp, entry)
            }
        default: break
        }
        guard event.name == entry.waitEvent else { return }
        progress?.finish(entry.id)
        cancel("eventlog", entry)
    }

    private func receive(exec event: Eventlog.Entry, _ entry: Entry) {
        if options.verbosity > 1 { tell(event, "exec.", entry) }
        if options.showsOutput, event.name == "shell.init" {
            start("guest.output", entry) { [self] in receive(output: $0, entry) }
            if !entry.waitsForExec { cancel("guest.exec.eventlog", entry) }
        }
        guard entry.waitEvent == "exec.\(event.name)" else { return }
        progress?.finish(entry.id)
        cancel("guest.exec.eventlog", entry)
        cancel("eventlog", entry)
    }

    private func tell(_ event: Eventlog.Entry, _ prefix: String, _ entry: Entry) {
        let context = event.context.map { JSON.object($0).text(sortedKeys: true) } ?? ""
        say("\(prefix)\(event.name) \(context)", at: event.timestamp, entry)
    }

    private func tell(exception event: Eventlog.Entry, _ entry: Entry) {
        let note = event.context?["note"]?.stringValue ?? ""
        let type = event.context?["type"]?.stringValue ?? ""
        put("job.exception: type=\(type) severity=0\(note.isEmpty ? "" : " \(note)")\n", to: entry.sink.error)
    }

    private func say(_ text: String, at time: Double, _ entry: Entry) {
        put("\(entry.id.f58Python): \(Format.fixed(time - (timeZero ?? time), 3))s: \(text)\n", to: entry.sink.error)
    }

    private func put(_ text: String, to descriptor: Int32) {
        flushOutput()
        write(Array(text.utf8), to: descriptor)
    }

    // MARK: Output

    private func receive(output event: Eventlog.Entry, _ entry: Entry) {
        guard let text = JobOutputText(event, labelsRank: options.labelsIO) else { return }
        flushOutput()
        var bytes = progress == nil ? text.bytes : BottomLine.harmless(text.bytes)
        if options.labelsIO {
            let label = Array("\(entry.id.f58Python): ".utf8)
            bytes = Array(bytes.split(separator: 10).map { label + $0 + [10] }.joined())
        }
        write(bytes, to: text.isError ? entry.sink.error : entry.sink.output)
    }
}
