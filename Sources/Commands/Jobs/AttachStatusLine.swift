internal import CSystemShims
internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC18Eventlog
internal import RFC19FLUID
internal import Reactor

/// The line that tells a person at a terminal what a job waits for, with a clock at its right end.
///
/// Identity: it owns a timer and belongs to the reactor of its handle.
final class AttachStatusLine {
    private let flux: Handle
    private let id: JobID
    private let name: String
    private let queueCheckInterval: Double
    private var isShown: Bool
    private var timer: TimerID?
    private var message: String?
    private var runningPrologs = 0
    private var timeZero: Double?
    private var queue: String?
    private var isQueueStopped = false
    private var lastQueueCheck = 0.0

    /// nil when no line is wanted: it is asked for, or all of input, output and error are a terminal.
    init?(_ flux: Handle, _ id: JobID, named name: String, _ options: AttachSession.Options) {
        guard options.showsOutput, !options.isBrief, Environment["FLUX_ATTACH_NONINTERACTIVE"] == nil else { return nil }
        guard options.showsStatus || (!options.showsEvents && [0, 1, 2].allSatisfy { isTerminal($0) }) else {
            return nil
        }
        self.flux = flux
        self.id = id
        self.name = name
        queueCheckInterval = options.queueCheckInterval
        isShown = options.showsStatus
        timer = flux.reactor.schedule(after: .seconds(isShown ? 0 : 2), every: .seconds(1)) { [unowned self] in
            isShown = true
            show(at: Format.now)
        }
    }

    /// Ends the line and the clock.
    func stop() {
        guard let timer else { return }
        flux.reactor.cancel(timer)
        self.timer = nil
        if isShown { printError("") }
        isShown = false
    }

    /// Makes room for another line.
    func clear() {
        if isShown { printError("\r\u{1b}[K", terminator: "") }
    }

    /// Takes an event of the job's log.
    func note(_ entry: Eventlog.Entry, since timeZero: Double) {
        self.timeZero = timeZero
        switch entry.name {
        case "submit": message = "submitted"
        case "validate": message = "resolving dependencies"
        case "depend": message = "waiting for priority assignment"
        case "priority": message = "waiting for resources"
        case "alloc": message = "starting"
        case "prolog-start":
            runningPrologs += 1
            message = "waiting for prolog"
        case "prolog-finish":
            runningPrologs -= 1
            message = runningPrologs > 0 ? "waiting for prolog" : "starting"
        case "start": message = "started"
        case "jobspec-update":
            // The job may be in another queue now.
            queue = nil
            isQueueStopped = false
        default: break
        }
        show(at: entry.timestamp)
    }

    private func show(at time: Double) {
        guard timer != nil, let message, let timeZero else { return }
        let elapsed = max(0, time - timeZero)
        let isWaiting = message == "waiting for resources"
        if isWaiting { checkQueue(elapsed) }
        guard isShown else { return }
        var text = message
        if isWaiting, isQueueStopped, let queue { text += " (\(queue) queue stopped)" }
        var rows: UInt16 = 0, columns: UInt16 = 80
        if flux_get_window_size(0, &rows, &columns) != 0 { columns = 80 }
        let seconds = Int(elapsed)
        let clock = Format.text("%02d:%02d:%02d", [Int32(seconds / 3600), Int32(seconds / 60 % 60), Int32(seconds % 60)])
        let width = Int(columns) - 20 - name.utf8.count
        printError("\rflux-job: \(name) \(text.padded(to: width)) \(clock)\r", terminator: "")
    }

    /// Asks which queue the job is in, and from time to time whether that is stopped.
    private func checkQueue(_ elapsed: Double) {
        guard let queue else {
            let request: JSON = ["id": .int(id.json), "attrs": ["queue"]]
            flux.call(.request("job-list.list-id", json: request)) { [weak self] result in
                guard case .success(let answer) = result, let json = try? answer.decodeJSON() else { return }
                self?.queue = json["job"]?["queue"]?.stringValue ?? "default"
            }
            return
        }
        guard lastQueueCheck <= 0 || elapsed - lastQueueCheck >= queueCheckInterval else { return }
        lastQueueCheck = max(elapsed, 0.001)
        let request: JSON = queue == "default" ? [:] : ["name": .string(queue)]
        flux.call(.request("job-manager.queue-status", json: request, nodeID: 0)) { [weak self] result in
            guard case .success(let answer) = result, let json = try? answer.decodeJSON() else { return }
            self?.isQueueStopped = json["start"]?.boolValue == false
        }
    }
}
