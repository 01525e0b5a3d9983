internal import Client
internal import CommandKit
internal import FluxJSON
internal import JobSubmission
internal import RFC03Message
internal import RFC18Eventlog
internal import RFC19FLUID

/// Waits for submitted jobs as `--wait`, `--wait-event` and `--watch` ask.
///
/// Identity: it stands for the open streams of the jobs; it belongs to the reactor of its handle.
final class JobFollower {
    private let flux: Handle
    private let showsOutput: Bool
    private let waitEvent: String?
    private var openCount = 0
    private var exitCode: Int32 = 0
    private var waiter: CheckedContinuation<Void, Never>?

    init(_ flux: Handle, _ options: SubmissionOptions) {
        self.flux = flux
        showsOutput = options.has(.watch)
        waitEvent = options.waitEvent ?? (options.has(.watch) ? "clean" : nil)
    }

    /// Begins to wait for a job.
    func follow(_ id: JobID, _ options: SubmissionOptions) {
        guard let waitEvent else { return }
        openCount += 1
        if showsOutput { watchOutput(id, options) }
        watch(id, waitEvent)
    }

    /// - Returns: the highest exit code of all jobs.
    func finish() async throws -> Int32 {
        await withCheckedContinuation { continuation in
            if openCount > 0 { waiter = continuation } else { continuation.resume() }
        }
        return exitCode
    }

    private func close() {
        openCount -= 1
        guard openCount == 0 else { return }
        waiter?.resume()
        waiter = nil
    }

    private func watch(_ id: JobID, _ wanted: String) {
        let path = wanted.hasPrefix("exec.") ? "guest.exec.eventlog" : "eventlog"
        let event = wanted.hasPrefix("exec.") ? String(wanted.dropFirst(5)) : wanted
        var tag: UInt32 = 0
        var isDone = false
        var hasFinished = false
        let request = Message.request(
            "job-info.eventlog-watch", json: ["id": .int(id.json), "path": .string(path), "flags": 0],
            flags: .streaming)
        tag = flux.call(request) { [self] result in
            guard !isDone else { return }
            guard case .success(let message) = result else {
                isDone = true
                if !hasFinished, wanted != "clean" {
                    printError("\(id.shown): event '\(wanted)' never received")
                    exitCode = max(exitCode, 1)
                }
                return close()
            }
            guard let line = (try? message.decodeJSON())?["event"]?.stringValue,
                let entry = (try? Eventlog(parsing: line))?.entries.first
            else { return }
            let context = entry.context ?? [:]
            switch entry.name {
            case "exception":
                let severity = context["severity"]?.intValue ?? 0
                printError(
                    "job.exception: type=\(context["type"]?.stringValue ?? "") severity=\(severity) "
                        + (context["note"]?.stringValue ?? ""))
                if severity == 0, !hasFinished { exitCode = max(exitCode, 1) }
            case "finish":
                hasFinished = true
                let end = JobEnd(waitStatus: Int32(truncatingIfNeeded: context["status"]?.intValue ?? 0))
                exitCode = max(exitCode, end.exitCode)
            default: break
            }
            guard entry.name == event else { return }
            isDone = true
            flux.notify("job-info.eventlog-watch-cancel", ["matchtag": .int(Int64(tag))])
            close()
        }
    }

    private func watchOutput(_ id: JobID, _ options: SubmissionOptions) {
        openCount += 1
        let output = JobOutput(flux, id, labelsIO: options.labelsIO) { [self] in close() }
        output.start()
    }
}
