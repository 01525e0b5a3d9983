package import FluxJSON
package import Client

/// The entries of `cron` and what becomes of them; decisions only, ``CronService`` carries them out.
///
/// Source: job-protocol 8 (observed: flux-core 0.88).
package struct CronTable: Sendable {
    /// What the service has to do.
    package enum Directive: Hashable, Sendable {
        /// Call ``CronTable/timerFired(_:at:)`` after so many seconds.
        case arm(id: Int64, seconds: Double)
        case disarm(id: Int64)
        /// Call ``CronTable/eventArrived(_:at:)`` on events of the topic, or no longer.
        case subscribe(id: Int64, topic: String)
        case unsubscribe(id: Int64)
        /// Run the entry's command.
        case run(id: Int64)
        case kill(id: Int64)
        case log(Severity, String)
    }

    package private(set) var entries: [CronEntry] = []
    /// The event that due entries wait for; nil when they do not wait.
    package private(set) var syncTopic: String?
    /// Seconds after a sync event in which an entry need not wait for the next.
    package var syncEpsilon = 0.015
    private var lastSync = 0.0
    private var deferred: [Int64] = []
    private var nextID: Int64 = 1

    package init() {}

    package func entry(_ id: Int64) -> CronEntry? { entries.first { $0.id == id } }

    // MARK: requests

    /// `cron.create`: the entry is started at once.
    package mutating func create(_ payload: JSON.Object, at now: Double) throws -> (id: Int64, [Directive]) {
        let entry = try CronEntry(id: nextID, payload: payload, now: now)
        nextID += 1
        entries.append(entry)
        return (entry.id, start(entry.id, at: now) ?? [])
    }

    /// `cron.start`; nil when the entry runs already.
    package mutating func start(_ id: Int64, at now: Double) -> [Directive]? {
        guard let index = index(id), entries[index].isStopped else { return nil }
        entries[index].isStopped = false
        entries[index].statistics.started = now
        entries[index].statistics.count = 0
        entries[index].statistics.failCount = 0
        switch entries[index].schedule {
        case .interval(let interval): return arm(index, interval.after, at: now)
        case .datetime: return armCalendar(index, at: now)
        case .event(var event):
            event.counter = 0
            event.isPaused = false
            entries[index].schedule = .event(event)
            return [.subscribe(id: id, topic: event.topic)]
        }
    }

    /// `cron.stop`; nil when the entry is stopped already.
    package mutating func stop(_ id: Int64) -> [Directive]? {
        guard let index = index(id), !entries[index].isStopped else { return nil }
        entries[index].isStopped = true
        entries[index].wakeup = nil
        if case .event = entries[index].schedule { return [.unsubscribe(id: id), .disarm(id: id)] }
        return [.disarm(id: id)]
    }

    /// `cron.delete`: an entry whose task runs is gone when the task is.
    package mutating func delete(_ id: Int64, kills: Bool) -> [Directive] {
        guard let index = index(id) else { return [] }
        var directives = stop(id) ?? []
        guard let task = entries[index].task, task.started != nil else {
            deferred.removeAll { $0 == id }
            entries.remove(at: index)
            return directives
        }
        entries[index].isDeleted = true
        if kills { directives.append(.kill(id: id)) }
        return directives
    }

    /// `cron.sync` and the module's arguments: nil runs due entries at once, and those that waited now.
    package mutating func synchronize(on topic: String?, at now: Double) -> [Directive] {
        syncTopic = topic
        guard topic == nil else { return [] }
        return releaseDeferred(at: now)
    }

    // MARK: what happens

    /// The sync event came.
    package mutating func syncArrived(at now: Double) -> [Directive] {
        lastSync = now
        return releaseDeferred(at: now)
    }

    /// The timer of the entry is due.
    package mutating func timerFired(_ id: Int64, at now: Double) -> [Directive] {
        guard let index = index(id), !entries[index].isStopped else { return [] }
        entries[index].wakeup = nil
        var directives = schedule(index, at: now)
        switch entries[index].schedule {
        case .interval(let interval):
            if interval.seconds > 0, !entries[index].isStopped { directives += arm(index, interval.seconds, at: now) }
        case .datetime:
            if !entries[index].isStopped { directives += armCalendar(index, at: now) }
        case .event(var event):
            event.isPaused = false
            entries[index].schedule = .event(event)
        }
        return directives
    }

    /// An event of the entry's topic came.
    package mutating func eventArrived(_ id: Int64, at now: Double) -> [Directive] {
        guard let index = index(id), !entries[index].isStopped, case .event(var event) = entries[index].schedule else { return [] }
        let isDue = event.count()
        let rest = event.minimumInterval - (now - entries[index].statistics.lastRun)
        event.isPaused = event.isPaused || (isDue && event.minimumInterval > 0 && rest > 1e-5)
        entries[index].schedule = .event(event)
        guard isDue else { return [] }
        guard event.isPaused else { return schedule(index, at: now) }
        let text = "cron-\(id): delaying \(Self.thousandths(rest))s due to min interval"
        return [.arm(id: id, seconds: rest), .log(.debug, text)]
    }

    /// The request to run the task was sent, its process exists, it took too long.
    package mutating func update(_ id: Int64, _ change: (inout CronTask) -> Void) {
        guard let index = index(id), entries[index].task != nil else { return }
        change(&entries[index].task!)
    }

    /// The task is over; its record says how.
    package mutating func finished(_ id: Int64) -> [Directive] {
        guard let index = index(id), let task = entries[index].task else { return [] }
        entries[index].task = nil
        entries[index].history.insert(task, at: 0)
        if entries[index].history.count > entries[index].historyLimit { entries[index].history.removeLast() }
        var directives: [Directive] = []
        if task.isSuccess {
            entries[index].statistics.success += 1
        } else {
            directives = failed(index, task)
        }
        if entries[index].isDeleted { entries.remove(at: index) }
        return directives
    }

    // MARK: parts

    private func index(_ id: Int64) -> Int? { entries.firstIndex { $0.id == id } }

    /// Makes the entry's next run, which starts now or with the next sync event.
    private mutating func schedule(_ index: Int, at now: Double) -> [Directive] {
        let entry = entries[index]
        guard entry.task == nil else {
            return [.log(.info, "cron-\(entry.id): \(entry.name): task still running or scheduled")]
        }
        entries[index].task = CronTask(created: now)
        entries[index].statistics.total += 1
        entries[index].statistics.count += 1
        var directives: [Directive] = []
        if entries[index].statistics.count == entry.limit { directives += stop(entry.id) ?? [] }
        guard let syncTopic, now - lastSync >= syncEpsilon else { return directives + run(entry.id, at: now) }
        deferred.append(entry.id)
        entries[index].statistics.deferred += 1
        return directives + [.log(.debug, "deferring cron-\(entry.id) to next \(syncTopic) event")]
    }

    private mutating func run(_ id: Int64, at now: Double) -> [Directive] {
        guard let index = index(id) else { return [] }
        entries[index].statistics.lastRun = now
        entries[index].task?.started = now
        return [.run(id: id)]
    }

    private mutating func releaseDeferred(at now: Double) -> [Directive] {
        defer { deferred = [] }
        return deferred.flatMap { run($0, at: now) }
    }

    private mutating func failed(_ index: Int, _ task: CronTask) -> [Directive] {
        let entry = entries[index]
        entries[index].statistics.failure += 1
        entries[index].statistics.failCount += 1
        let text =
            task.failure.map { "failure running \(entry.command): \(RPCError(errnum: $0))" }
            ?? "\"\(entry.command)\": Failed: \(task.isTimedOut ? "Timeout" : "exit code \(task.code)")"
        var directives: [Directive] = [.log(.err, "cron-\(entry.id): \(text)")]
        if entry.failureLimit > 0, entries[index].statistics.failCount >= entry.failureLimit, let stopped = stop(entry.id) {
            directives.append(.log(.err, "cron-\(entry.id): exceeded failure limit of \(entry.failureLimit). stopping"))
            directives += stopped
        }
        return directives
    }

    private mutating func arm(_ index: Int, _ seconds: Double, at now: Double) -> [Directive] {
        entries[index].wakeup = now + seconds
        return [.arm(id: entries[index].id, seconds: seconds)]
    }

    private mutating func armCalendar(_ index: Int, at now: Double) -> [Directive] {
        let entry = entries[index]
        guard case .datetime(let rule) = entry.schedule else { return [] }
        if let next = rule.next(after: now) { return arm(index, next - now, at: now) }
        var directives = stop(entry.id) ?? []
        if entry.limit == 0 || entry.limit > entry.statistics.count {
            directives.append(.log(.err, "cron-\(entry.id): Unable to get next wakeup. Stopping."))
        }
        return directives
    }

    private static func thousandths(_ seconds: Double) -> String {
        let count = Int((seconds * 1000).rounded())
        let rest = String(count % 1000)
        return "\(count / 1000)." + String(repeating: "0", count: 3 - rest.utf8.count) + rest
    }
}
