internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import JobSubmission
internal import RFC03Message
internal import RFC19FLUID
internal import Reactor

/// Sends many jobs, prints their ids in order, and follows them as the options ask.
///
/// Identity: it stands for the requests under way; it belongs to the reactor of its handle.
final class SubmissionQueue {
    /// How many submissions may wait for their answer.
    private static let window = 128

    private let requests: [Submission.Request]
    private let options: SubmissionOptions
    private let flux: Handle
    private let watcher: JobWatcher?
    private var answers: [Result<JobID, RPCError>?]
    private var next = 0
    private var printed = 0
    private var exitCode: Int32 = 0
    private var waiter: CheckedContinuation<Void, Never>?
    private var logFiles: [String: Int32] = [:]
    private var progress: SubmissionProgress?

    init(_ requests: [Submission.Request], _ options: SubmissionOptions, _ flux: Handle) {
        self.requests = requests
        self.options = options
        self.flux = flux
        answers = Array(repeating: nil, count: requests.count)
        let event = options.waitEvent ?? (options.has(.watch) ? "clean" : nil)
        let hasProgress = options.has(.progress) && isTerminal(1)
        guard let event else {
            watcher = nil
            if hasProgress {
                progress = SubmissionProgress(flux.reactor, total: requests.count, showsRate: options.has(.jps))
            }
            return
        }
        var watch = JobWatcher.Options()
        watch.waitEvent = event
        watch.showsOutput = options.has(.watch)
        watch.labelsIO = options.labelsIO
        watch.verbosity = options.verbosity
        watch.hasProgress = hasProgress
        watch.showsRate = options.has(.jps)
        watcher = JobWatcher(flux, watch)
    }

    /// - Returns: the highest exit code.
    func run() async throws -> Int32 {
        sendMore()
        await withCheckedContinuation { continuation in
            if printed < requests.count { waiter = continuation } else { continuation.resume() }
        }
        flushOutput()
        progress?.end()
        let code = await watcher?.finish() ?? 0
        for descriptor in logFiles.values { close(descriptor) }
        return max(exitCode, code)
    }

    private func sendMore() {
        while next < requests.count, next - printed < Self.window {
            let index = next
            next += 1
            flux.call(.request("job-ingest.submit", json: Submission.payload(requests[index]))) { [self] result in
                answers[index] = result.flatMap { message in
                    guard let id = (try? message.decodeJSON())?["id"]?.intValue else {
                        return .failure(RPCError(errnum: Errno.proto, topic: "job-ingest.submit"))
                    }
                    return .success(JobID(UInt64(bitPattern: id)))
                }
                takeAnswers()
            }
        }
    }

    private func takeAnswers() {
        while printed < requests.count, let answer = answers[printed] {
            take(answer, of: requests[printed])
            printed += 1
            progress?.advance()
        }
        if printed == requests.count {
            waiter?.resume()
            waiter = nil
        } else {
            sendMore()
        }
    }

    private func take(_ answer: Result<JobID, RPCError>, of request: Submission.Request) {
        let sink = sink(of: request.options)
        switch answer {
        case .success(let id):
            if !options.isQuiet {
                if sink.output == 1 { print(id.f58Python) } else { write(Array("\(id.f58Python)\n".utf8), to: sink.output) }
            }
            watcher?.follow(id, submitTime: Format.now, into: sink, until: request.options.waitEvent)
        case .failure(let error):
            let label = request.copyID.map { "cc=\($0): " } ?? ""
            flushOutput()
            write(Array("\(label)[Errno \(error.errnum)] \(error)\n".utf8), to: sink.error)
            exitCode = max(exitCode, 1)
        }
    }

    /// Where `--log` and `--log-stderr` send the output of a job.
    private func sink(of options: SubmissionOptions) -> JobWatcher.Sink {
        var sink = JobWatcher.Sink()
        if let path = options[.log] {
            sink.output = logFile(path)
            sink.error = sink.output
        }
        if let path = options[.logStderr] { sink.error = logFile(path) }
        return sink
    }

    private func logFile(_ path: String) -> Int32 {
        if let descriptor = logFiles[path] { return descriptor }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            printError("flux: ERROR: \(path): \(SystemText.of(errno))")
            exit(1)
        }
        logFiles[path] = descriptor
        return descriptor
    }
}

/// The progress bar of a submission that nobody waits for.
final class SubmissionProgress {
    private let reactor: Reactor
    private let startTime = Format.now
    private let showsRate: Bool
    private var bar = ProgressBar()
    private var line: BottomLine?
    private var timer: TimerID?

    init(_ reactor: Reactor, total: Int, showsRate: Bool) {
        self.reactor = reactor
        self.showsRate = showsRate
        bar.total = total
        bar.before = "Submitting \(total) jobs: "
        line = BottomLine { [unowned self] in text(width: $0) }
        line?.draw()
        timer = reactor.schedule(after: .seconds(0.25), every: .seconds(0.25)) { [unowned self] in line?.draw() }
    }

    private func text(width: Int) -> String {
        let elapsed = Format.now - startTime
        bar.after =
            showsRate
            ? Format.text("%4.1f job/s", [Double(bar.count) / max(0.001, elapsed)]) : ProgressBar.clock(elapsed)
        return bar.text(width: width)
    }

    /// One more job was sent.
    func advance() { bar.count += 1 }

    /// Gives the terminal back.
    func end() {
        if let timer { reactor.cancel(timer) }
        timer = nil
        line?.draw()
        line?.end()
        line = nil
    }
}
