internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import RFC03Message
internal import RFC18Eventlog
internal import RFC19FLUID
internal import RFC24IO
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
        var stdinRanks = "all"
        /// The event of the job after which nothing more of its log is wanted.
        var waitEvent = "finish"
        /// How many lines of earlier output to show.
        var tail: Int?
        /// Whether exceptions are told without time and id.
        var isBrief = false
        /// Whether output is shown at all.
        var showsOutput = true
    }

    private let flux: Handle
    private let id: JobID
    private let name: String
    private let options: Options

    private var streams: [String: UInt32] = [:]
    private var waiter: CheckedContinuation<Void, Never>?
    private var failure: CommandError?
    private var timeZero: Double?
    private var exitCode: Int32 = 0
    private var hasFatalException = false
    private var isFinished = false
    private var outputStarted = false
    private var service: (name: String, rank: UInt32)?
    private var inputPump: InputPump?
    private var tailed: [() -> Void] = []
    private var isTailing: Bool
    private var pendingOutput: [UInt8] = []
    private var interruptTime = -10.0
    private var stopWatch: WatchID?

    init(_ flux: Handle, _ id: JobID, named name: String? = nil, _ options: Options) {
        self.flux = flux
        self.id = id
        self.name = name ?? id.shown
        self.options = options
        isTailing = options.tail != nil
    }

    /// Runs until the log of the job and its output have ended.
    ///
    /// - Returns: the exit code of the job.
    func run() async throws -> Int32 {
        let watch = options.isReadOnly || !options.showsOutput ? nil : watchSignals()
        start("eventlog") { [self] in receive(job: $0) }
        await withCheckedContinuation { continuation in
            if streams.isEmpty { continuation.resume() } else { waiter = continuation }
        }
        inputPump?.stop()
        watch.map { flux.reactor.unwatch($0) }
        flushPending()
        if let failure { throw failure }
        return hasFatalException && exitCode == 0 ? 1 : exitCode
    }

    // MARK: Streams

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

    private func finish(_ path: String) {
        streams[path] = nil
        guard streams.isEmpty || failure != nil else { return }
        waiter?.resume()
        waiter = nil
    }

    private func cancel(_ path: String) {
        guard let tag = streams[path] else { return }
        flux.notify("job-info.eventlog-watch-cancel", ["matchtag": .int(Int64(tag))])
        flux.forget(tag)
        finish(path)
    }

    // MARK: Events

    private func time(_ entry: Eventlog.Entry) -> String {
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
            sayError(options.isBrief ? "job.exception: \(text)\n" : "\(time(entry)): job.exception \(name) \(text)\n")
            hasFatalException = hasFatalException || severity == 0
            if severity == 0 { inputPump?.stop() }
        case "finish":
            let status = Int32(truncatingIfNeeded: context["status"]?.intValue ?? 0)
            let end = JobEnd(waitStatus: status)
            exitCode = end.exitCode
            isFinished = true
            if let text = end.text { sayError(options.labelsJob ? "\(name): \(text)\n" : "flux-job: \(text)\n") }
        default: break
        }
        if options.showsEvents, entry.name != "exception" { tell(entry, "job") }
        let last = options.showsEvents && options.waitEvent == "finish" ? "clean" : options.waitEvent
        if entry.name == last { cancel("eventlog") }
    }

    private func receive(exec entry: Eventlog.Entry?) {
        guard let entry else { return }
        let context = entry.context ?? [:]
        switch entry.name {
        case "shell.init":
            let rank = (context["leader-rank"]?.intValue).flatMap { UInt32(exactly: $0) } ?? 0
            service = (context["service"]?.stringValue ?? "", rank)
            startOutput()
            if !isFinished, !options.isReadOnly, !options.isBrief { startInput() }
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

    private func startOutput() {
        guard !outputStarted else { return }
        outputStarted = true
        start("guest.output", flags: isTailing ? 2 : 0) { [self] in receive(output: $0) }
    }

    private func receive(output entry: Eventlog.Entry?) {
        guard let entry else {
            isTailing = false
            for show in tailed.suffix(options.tail ?? 0) { show() }
            tailed = []
            return
        }
        guard entry.name != "header" else { return }
        if isTailing, entry.name != "redirect" {
            tailed.append { [self] in show(entry) }
            if tailed.count > 2 * (options.tail ?? 0) + 16 { tailed.removeFirst(tailed.count - (options.tail ?? 0)) }
        } else {
            show(entry)
        }
    }

    private func show(_ entry: Eventlog.Entry) {
        let context = entry.context ?? [:]
        switch entry.name {
        case "data":
            guard let data = try? IOData(json: .object(context)), let bytes = data.bytes else { return }
            var line: [UInt8] = []
            if options.labelsJob { line += "\(name): ".utf8 }
            if options.labelsIO { line += "\(data.rank): ".utf8 }
            line += bytes
            data.stream == "stderr" ? writeError(line) : say(line)
        case "redirect":
            guard !options.isQuiet else { return }
            let path = context["path"]?.stringValue.map { " to \($0)" } ?? ""
            sayError("\(context["rank"]?.stringValue ?? ""): \(context["stream"]?.stringValue ?? "") redirected\(path)\n")
        case "log":
            guard !options.isQuiet else { return }
            let level = Int(context["level"]?.intValue ?? 5)
            let labels = ["FATAL", "FATAL", "FATAL", "ERROR", " WARN", "", "DEBUG", "TRACE"]
            var text = "\(time(entry)): flux-shell"
            if let rank = context["rank"]?.intValue, rank >= 0 { text += "[\(rank)]" }
            if labels.indices.contains(level), !labels[level].isEmpty { text += ": \(labels[level])" }
            if let component = context["component"]?.stringValue { text += ": \(component)" }
            if options.isVerbose, let file = context["file"]?.stringValue {
                text += ": \(file)"
                if let line = context["line"]?.intValue, line > 0 { text += ":\(line)" }
            }
            sayError("\(text): \(context["message"]?.stringValue ?? "")\n")
        default: break
        }
    }

    // MARK: Output

    /// Output of one turn of the reactor leaves in one write.
    private func say(_ bytes: [UInt8]) {
        if pendingOutput.isEmpty { flux.reactor.later { [self] in flushPending() } }
        pendingOutput += bytes
        if pendingOutput.count > 1 << 16 { flushPending() }
    }

    private func flushPending() {
        guard !pendingOutput.isEmpty else { return }
        printBytes(pendingOutput)
        pendingOutput.removeAll(keepingCapacity: true)
    }

    private func writeError(_ bytes: [UInt8]) {
        flushPending()
        write(bytes, to: 2)
    }

    private func sayError(_ text: String) { writeError(Array(text.utf8)) }

    // MARK: Input and signals

    private func startInput() {
        guard let service else { return }
        let ranks = options.stdinRanks
        let pump = InputPump(flux.reactor) { [self] bytes, done in
            let io = IOData(stream: "stdin", rank: ranks, bytes: bytes, isEnd: bytes.isEmpty)
            flux.call(.request("\(service.name).stdin", json: io.json, nodeID: service.rank)) { result in
                if case .success = result { done() }
            }
        }
        inputPump = pump
        pump.start()
    }

    private func watchSignals() -> WatchID? {
        try? flux.reactor.watchSignals([SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGUSR1, SIGUSR2]) { [self] signal in
            guard signal == SIGINT else {
                flux.call(
                    .request("job-manager.kill", json: ["id": .int(id.json), "signum": .int(Int64(signal))])
                ) { _ in }
                return
            }
            let now = Format.monotonic
            if now - interruptTime > 2 {
                interruptTime = now
                watchStop()
                sayError("flux-job: one more ctrl-C within 2s to cancel or ctrl-Z to detach\n")
            } else {
                let request: JSON = [
                    "id": .int(id.json), "type": "cancel", "severity": 0, "note": "interrupted by ctrl-C",
                ]
                flux.call(.request("job-manager.raise", json: request)) { _ in }
            }
        }
    }

    private func watchStop() {
        guard stopWatch == nil else { return }
        stopWatch = try? flux.reactor.watchSignals([SIGTSTP]) { [self] _ in
            if Format.monotonic - interruptTime <= 2 {
                sayError("flux-job: detaching...\n")
                for path in ["guest.exec.eventlog", "guest.output", "eventlog"] { cancel(path) }
            } else {
                if let stopWatch { flux.reactor.unwatch(stopWatch) }
                stopWatch = nil
                var mask = sigset_t()
                sigemptyset(&mask)
                sigaddset(&mask, SIGTSTP)
                pthread_sigmask(SIG_UNBLOCK, &mask, nil)
                sayError("flux-job: one more ctrl-Z to suspend\n")
            }
        }
    }
}

/// How a job ended, by the status of its finish event.
struct JobEnd {
    let exitCode: Int32
    /// What to tell; nil for success.
    let text: String?

    init(waitStatus: Int32) {
        let signal = waitStatus & 0x7f
        if signal != 0 {
            exitCode = 128 + signal
            text = "job shell \(String(cString: strsignal(signal)))"
        } else {
            exitCode = (waitStatus >> 8) & 0xff
            text =
                exitCode == 0
                ? nil
                : exitCode > 128
                    ? "task(s) \(String(cString: strsignal(exitCode - 128)))" : "task(s) exited with exit code \(exitCode)"
        }
    }
}
