internal import CommandKit
internal import FluxJSON
internal import RFC18Eventlog
internal import RFC19FLUID
internal import Reactor

/// The progress bar of many jobs: how many wait, run, have succeeded and failed.
///
/// Identity: it owns the last line of the terminal and a timer.
final class JobProgress {
    /// What a job does, in four words.
    enum Status: Hashable, Sendable { case pending, running, complete, failed }

    private let reactor: Reactor
    private let showsRate: Bool
    private var statuses: [JobID: Status] = [:]
    private var finished: Set<JobID> = []
    private var counts: [Status: Int] = [:]
    private var startTime: Double?
    private var rate = 0.0
    private var timer: TimerID?
    private var line: BottomLine?

    init(_ reactor: Reactor, startTime: Double?, showsRate: Bool) {
        self.reactor = reactor
        self.startTime = startTime
        self.showsRate = showsRate
        line = BottomLine { [unowned self] in bar.text(width: $0) }
        line?.draw()
        timer = reactor.schedule(after: .seconds(0.25), every: .seconds(0.25)) { [unowned self] in line?.draw() }
    }

    /// Takes a job into the count.
    func add(_ id: JobID, _ status: Status, submitTime: Double) {
        startTime = min(startTime ?? submitTime, submitTime)
        statuses[id] = status
        counts[status, default: 0] += 1
        if status == .complete || status == .failed { finish(id) }
        line?.draw()
    }

    /// Takes an event of a job's log.
    func note(_ event: Eventlog.Entry, _ id: JobID) {
        switch (event.name, statuses[id]) {
        case ("alloc", .pending): move(id, to: .running)
        case ("exception", .pending) where event.context?["severity"]?.intValue == 0: move(id, to: .failed)
        case ("finish", .pending), ("finish", .running):
            move(id, to: event.context?["status"]?.intValue == 0 ? .complete : .failed)
        default: return
        }
        line?.draw()
    }

    /// No more is wanted of a job: the bar advances.
    func finish(_ id: JobID) {
        guard finished.insert(id).inserted else { return }
        rate = Double(finished.count) / max(0.001, Format.now - (startTime ?? Format.now))
        line?.draw()
    }

    /// Gives the terminal back.
    func end() {
        if let timer { reactor.cancel(timer) }
        timer = nil
        line?.end()
        line = nil
    }

    private func move(_ id: JobID, to status: Status) {
        if let old = statuses[id] { counts[old, default: 0] -= 1 }
        statuses[id] = status
        counts[status, default: 0] += 1
    }

    private var bar: ProgressBar {
        func count(_ status: Status) -> String { "\(counts[status, default: 0])".padded(to: 3) }
        var bar = ProgressBar()
        bar.total = statuses.count
        bar.count = finished.count
        bar.before = "PD:\(count(.pending)) R:\(count(.running)) CD:\(count(.complete)) F:\(count(.failed)) "
        bar.after =
            showsRate
            ? Format.text("%4.1f job/s", [rate]) : ProgressBar.clock(Format.now - (startTime ?? Format.now))
        return bar
    }
}
