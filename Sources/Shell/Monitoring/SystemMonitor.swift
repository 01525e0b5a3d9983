internal import Client
internal import FluxJSON
internal import RFC23FSD
internal import Reactor

/// The shell option `sysmon`: what the tasks of this node use of processors and memory, in the log.
///
/// Source: texts observed: flux-core 0.88.
final class SystemMonitor {
    /// One look at the processor time used.
    private struct Sample {
        let now: Int64
        let microseconds: UInt64
    }

    private let group: ControlGroup
    private let log: ShellLog
    private let flux: Handle
    /// Seconds between looks; nil for each heartbeat.
    private let period: Double?
    private let seesMemory: Bool
    private var first: Sample?
    private var previous: Sample?
    private var timer: TimerID?

    /// - Returns: nil when the option is not set or nothing can be measured here.
    /// - Throws: ``ShellExit`` for a wrong option.
    init?(_ option: JSON?, flux: Handle, log: ShellLog) throws(ShellExit) {
        period = try Self.period(option)
        switch option {
        case nil, .some(.null), .some(.bool(false)), .some(.int(0)): return nil
        default: break
        }
        guard let group = ControlGroup.own else {
            log.warn("incompatible cgroup configuration (disabled)", component: "sysmon")
            return nil
        }
        self.group = group
        self.log = log
        self.flux = flux
        seesMemory = group.bytes("memory.peak") != nil && group.bytes("memory.current") != nil
        if group.processorMicroseconds == nil { log.warn("no cpu.stat (disabled)", component: "sysmon") }
        if !seesMemory { log.warn("no memory.peak/memory.current (disabled)", component: "sysmon") }
        guard seesMemory || group.processorMicroseconds != nil else { return nil }
        log.debug("sysmon is enabled", component: "sysmon")
    }

    /// Seconds between looks that the option names.
    static func period(_ option: JSON?) throws(ShellExit) -> Double? {
        guard let table = option?.objectValue else { return nil }
        let others = table.keys.filter { $0 != "period" }
        guard others.isEmpty else {
            throw ShellExit(
                1, "option parse error: \(others.count) object item(s) left unpacked: \(others.joined(separator: ", "))",
                component: "sysmon")
        }
        guard let value = table["period"] else { return nil }
        guard let seconds = ShellOptions.seconds(value) else {
            throw ShellExit(1, "sysmon.period is not a valid FSD", component: "sysmon")
        }
        return seconds
    }

    /// Begins, once the tasks run; looks again and again when all is logged.
    func start() async {
        first = sample()
        previous = first
        guard log.level >= .trace else { return }
        if let period {
            let delay = Duration.milliseconds(Int(min(max(period, 0.001), 1e9) * 1000))
            timer = flux.reactor.schedule(after: delay, every: delay) { [weak self] in self?.look() }
        } else {
            try? await flux.subscribe("heartbeat.pulse") { [weak self] _ in self?.look() }
        }
    }

    private func sample() -> Sample? {
        group.processorMicroseconds.map { Sample(now: flux.reactor.now, microseconds: $0) }
    }

    private func look() {
        if seesMemory { log.log(.trace, "memory.current=\(size("memory.current"))", component: "sysmon") }
        guard let previous, let now = sample() else { return }
        log.log(.trace, "loadavg=\(Self.load(previous, now))", component: "sysmon")
        self.previous = now
    }

    /// Sums up, once the tasks have ended.
    func finish() {
        if let timer { flux.reactor.cancel(timer) }
        timer = nil
        if seesMemory { log.log(.notice, "memory.peak=\(size("memory.peak"))", component: "sysmon") }
        guard let first, let now = sample() else { return }
        log.log(.notice, "loadavg-overall=\(Self.load(first, now))", component: "sysmon")
        self.first = nil
    }

    private func size(_ name: String) -> String { group.bytes(name).map(Self.size) ?? "unknown" }

    /// Processors that were busy on the average, with two decimals.
    private static func load(_ from: Sample, _ to: Sample) -> String {
        let elapsed = Double(to.now - from.now) / 1000
        guard elapsed > 0, to.microseconds >= from.microseconds else { return "0.00" }
        return ExpirationSignal.fixed(Double(to.microseconds - from.microseconds) / elapsed, 2)
    }

    /// Bytes with the largest unit that leaves a number from 1 on, and at most eight digits.
    static func size(_ bytes: UInt64) -> String {
        var value = Double(bytes), unit = 0
        let units = ["", "K", "M", "G", "T", "P", "E"]
        while value >= 1024, unit + 1 < units.count {
            value /= 1024
            unit += 1
        }
        let whole = value.rounded(.down) == value
        return (whole ? "\(Int(value))" : ExpirationSignal.fixed(value, 2)) + units[unit]
    }
}
