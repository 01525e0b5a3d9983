internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC18Eventlog
internal import RFC19FLUID
internal import RFC22Idset
internal import Reactor

/// Follows one job to its end: shows output and exceptions, hands on input and signals.
///
/// Identity: it stands for the open streams of one job and belongs to the reactor of its handle.
/// Source: job-protocol 11, "flux job attach".
final class AttachSession {
    struct Options: Sendable {
        var labelsIO = false
        var labelsJob = false
        var showsEvents = false
        var showsExec = false
        var isQuiet = false
        var isVerbose = false
        var isReadOnly = false
        /// The tasks that get standard input; nil for all.
        var stdinRanks: Idset?
        /// Whether pieces of a line are sent when they are typed.
        var isUnbuffered = false
        /// Whether a status line is shown at once; on a terminal it comes after two seconds anyway.
        var showsStatus = false
        /// Seconds between questions about a queue that may be stopped.
        var queueCheckInterval = 10.0
        /// The event of the job after which nothing more of its log is wanted.
        var waitEvent = "clean"
        /// How many lines of earlier output to show.
        var tail: Int?
        /// Whether exceptions are told without time and id.
        var isBrief = false
        /// Whether output is shown at all.
        var showsOutput = true
    }

    let flux: Handle
    let id: JobID
    let name: String
    let options: Options

    private var streams: [String: UInt32] = [:]
    private var waiter: CheckedContinuation<Void, Never>?
    private var failure: CommandError?
    private var timeZero: Double?
    private var exitCode: Int32 = 1
    private var hasFatalException = false
    private(set) var isFinished = false
    private var outputStarted = false
    var service: (name: String, rank: UInt32)?
    var inputPump: InputPump?
    var hasSentInput = false
    var terminal: TerminalClient?
    var capturesTerminal = false
    private var tail: OutputTail?
    var pendingOutput: [UInt8] = []
    var interruptTime = -10.0
    var stopWatch: WatchID?
    private var statusLine: AttachStatusLine?

    init(_ flux: Handle, _ id: JobID, named name: String? = nil, _ options: Options) {
        self.flux = flux
        self.id = id
        self.name = name ?? id.shown
        self.options = options
        tail = options.tail.map { OutputTail($0) }
    }

    /// Runs until the log of the job and its output have ended.
    ///
    /// - Returns: the exit code of the job.
    func run() async throws -> Int32 {
        let watch = options.isReadOnly || !options.showsOutput ? nil : watchSignals()
        statusLine = AttachStatusLine(flux, id, named: name, options)
        start("eventlog") { [self] in receive(job: $0) }
        await withCheckedContinuation { continuation in
            if streams.isEmpty { continuation.resume() } else { waiter = continuation }
        }
        inputPump?.stop()
        statusLine?.stop()
        watch.map { flux.reactor.unwatch($0) }
        flushPending()
        if let failure { throw failure }
        return hasFatalException && exitCode == 0 ? 1 : exitCode
    }

    // MARK: Streams

    /// Ends everything with an error.
    func fail(_ text: String) {
        failure = failure ?? CommandError(text)
        waiter?.resume()
        waiter = nil
    }

    private func start(_ path: String, flags: Int64 = 0, _ receive: @escaping (Eventlog.Entry?) -> Void) {
        let request = Message.request(
            "job-info.eventlog-watch",
            json: ["id": .int(id.json), "path": .string(path), "flags": .int(flags)], flags: .streaming)
        streams[path] = 0
        let tag = flux.call(request) { [self] result in
            switch result {
            case .success(let message):
                let line = (try? message.decodeJSON())?["event"]?.stringValue
                if let line, let entry = (try? Eventlog(parsing: line))?.entries.first {
                    receive(entry)
                } else if line == nil {
                    receive(nil)
                }
            case .failure(let error): end(path, error)
            }
        }
        if streams[path] != nil { streams[path] = tag }
    }

    private func end(_ path: String, _ error: RPCError) {
        switch (path, error.errnum) {
        case (_, Errno.noData): break
        case ("eventlog", Errno.noEntry): failure = CommandError("Failed to attach to \(name): No such job")
        case ("eventlog", Errno.perm): failure = CommandError("Failed to attach to \(name): that is not your job")
        case ("guest.output", Errno.noEntry): printError("flux-job: No job output found")
        default: failure = CommandError("flux_job_event_watch_get: \(error)")
        }
        finish(path)
    }

    func finish(_ path: String) {
        streams[path] = nil
        guard streams.isEmpty || failure != nil else { return }
        waiter?.resume()
        waiter = nil
    }

    func cancel(_ path: String) {
        guard let tag = streams[path] else { return }
        flux.notify("job-info.eventlog-watch-cancel", ["matchtag": .int(Int64(tag))])
        flux.forget(tag)
        finish(path)
    }

    // MARK: Events

    func time(_ entry: Eventlog.Entry) -> String {
        Format.fixed(entry.timestamp - (timeZero ?? entry.timestamp), 3) + "s"
    }

    private func tell(_ entry: Eventlog.Entry, _ prefix: String) {
        let context = entry.context.map { " \(JSON.object($0).text)" } ?? ""
        sayError("\(time(entry)): \(prefix).\(entry.name)\(context)\n")
    }

    private func receive(job entry: Eventlog.Entry?) {
        guard let entry else { return }
        if timeZero == nil { timeZero = entry.timestamp }
        let context = entry.context ?? [:]
        switch entry.name {
        case "submit":
            if options.showsOutput { start("guest.exec.eventlog") { [self] in receive(exec: $0) } }
        case "exception":
            let severity = context["severity"]?.intValue ?? 0
            let text = "type=\(context["type"]?.stringValue ?? "") severity=\(severity) "
                + (context["note"]?.stringValue ?? "")
            statusLine?.clear()
            sayError(options.isBrief ? "job.exception: \(text)\n" : "\(time(entry)): job.exception \(name) \(text)\n")
            hasFatalException = hasFatalException || severity == 0
            if severity == 0 {
                inputPump?.stop()
                leaveUnattachedTerminal()
            }
        case "finish":
            let status = Int32(truncatingIfNeeded: context["status"]?.intValue ?? 0)
            let end = JobEnd(waitStatus: status)
            exitCode = end.exitCode
            isFinished = true
            leaveUnattachedTerminal()
            if let text = end.text { sayError(options.labelsJob ? "\(name): \(text)\n" : "flux-job: \(text)\n") }
        default: break
        }
        if options.showsEvents, entry.name != "exception" { tell(entry, "job") }
        if !hasFatalException { statusLine?.note(entry, since: timeZero ?? entry.timestamp) }
        if entry.name == "start" || entry.name == "clean" { statusLine?.stop() }
        if entry.name == options.waitEvent { cancel("eventlog") }
    }

    private func receive(exec entry: Eventlog.Entry?) {
        guard let entry else { return }
        let context = entry.context ?? [:]
        switch entry.name {
        case "shell.init":
            let rank = (context["leader-rank"]?.intValue).flatMap { UInt32(exactly: $0) } ?? 0
            service = (context["service"]?.stringValue ?? "", rank)
            startOutput()
            capturesTerminal = context["capture"]?.intValue == 1
            if let session = context["pty"]?.stringValue {
                guard !options.isReadOnly else { return fail("Cannot connect to pty in readonly mode") }
                if !isFinished { attachTerminal(session) }
            } else if !isFinished, !options.isReadOnly, !options.isBrief, options.stdinRanks == nil {
                startInput(to: "all")
            }
        case "shell.start":
            if let map = context["taskmap"], let ranks = options.stdinRanks, !isFinished { startInput(to: ranks, of: map) }
        case "log":
            let rank = context["rank"]?.stringValue ?? "?"
            let head = "\(time(entry)): \(context["component"]?.stringValue ?? "")[\(rank)]: "
                + "\(context["stream"]?.stringValue ?? ""): "
            sayError((options.isQuiet ? "" : head) + (context["data"]?.stringValue ?? ""))
        case "complete": startOutput()
        default: break
        }
        if options.showsExec, entry.name != "log" { tell(entry, "exec") }
    }

    func startOutput() {
        guard !outputStarted else { return }
        outputStarted = true
        start("guest.output", flags: tail != nil ? 2 : 0) { [self] in receive(output: $0) }
    }

    private func receive(output entry: Eventlog.Entry?) {
        guard let entry else {
            for entry in tail?.entries ?? [] { show(entry) }
            tail = nil
            return
        }
        guard entry.name != "header" else { return }
        if tail != nil, entry.name != "redirect" { tail?.append(entry) } else { show(entry) }
    }
}
