import FluxJSON
import RFC14Jobspec
import RFC19FLUID
import RFC21JobStates
import RFC23FSD
import Service

/// What the configuration allows a job to ask for.
///
/// Source: RFC 33; texts observed: flux-core 0.88, `.limit-duration`, `.limit-job-size`, `.validate-duration`.
struct Limits: Hashable, Sendable {
    /// Numbers of nodes, cores and GPUs; nil where nothing is said, -1 for no limit.
    struct Size: Hashable, Sendable {
        var nnodes: Int64?
        var ncores: Int64?
        var ngpus: Int64?

        func overridden(by other: Size) -> Size {
            Size(nnodes: other.nnodes ?? nnodes, ncores: other.ncores ?? ncores, ngpus: other.ngpus ?? ngpus)
        }
    }

    /// The limits of one queue, or those that count where a queue says nothing.
    struct Set: Hashable, Sendable {
        /// Seconds; 0 is no limit.
        var duration: Double?
        var maximum = Size()
        var minimum = Size()

        func overridden(by other: Set) -> Set {
            Set(
                duration: other.duration ?? duration, maximum: maximum.overridden(by: other.maximum),
                minimum: minimum.overridden(by: other.minimum))
        }
    }

    private var general = Set()
    private var queues: [String: Set] = [:]

    /// When the instance's own time is over; seconds since 1970-01-01 UTC, 0 for never.
    var instanceExpiration = 0.0
    var knowsInstanceExpiration = false

    init() {}

    /// Reads `[policy.limits]` and the limits of the queues.
    ///
    /// - Throws: ``Service/ServiceError`` with the place of the first mistake.
    init(configuration: JSON, instanceExpiration: Double) throws(ServiceError) {
        self.instanceExpiration = instanceExpiration
        knowsInstanceExpiration = instanceExpiration != 0
        general = try Self.read(configuration, at: "")
        let table = configuration["queues"]?.objectValue ?? [:]
        for (name, entry) in table {
            var limits = Set()
            if let parent = entry["parent"]?.stringValue, let entry = table[parent] {
                limits = try Self.read(entry, at: "queues.\(parent).")
            }
            queues[name] = limits.overridden(by: try Self.read(entry, at: "queues.\(name)."))
        }
    }

    private static func read(_ entry: JSON, at place: String) throws(ServiceError) -> Set {
        var set = Set()
        guard let limits = entry["policy"]?["limits"] else { return set }
        if let duration = limits["duration"] {
            guard let text = duration.stringValue, let value = try? FluxDuration(parsing: text) else {
                throw ServiceError(
                    errnum: 22, text: "\(place)policy.limits.duration: FSD value is malformed")
            }
            set.duration = value.seconds
        }
        set.maximum = try size(limits["job-size"]?["max"], at: "\(place)policy.limits.job-size.max")
        set.minimum = try size(limits["job-size"]?["min"], at: "\(place)policy.limits.job-size.min")
        return set
    }

    private static func size(_ entry: JSON?, at place: String) throws(ServiceError) -> Size {
        func number(_ key: String) throws(ServiceError) -> Int64? {
            guard let value = entry?[key] else { return nil }
            guard let number = value.intValue else {
                throw ServiceError(errnum: 22, text: "\(place): \(key): expected integer, found \(value.typeName)")
            }
            guard number >= -1 else {
                throw ServiceError(errnum: 22, text: "\(place): size must be -1 (unlimited), or >= 0")
            }
            return number
        }
        return Size(nnodes: try number("nnodes"), ncores: try number("ncores"), ngpus: try number("ngpus"))
    }

    // MARK: checks

    /// Refuses a job that asks for too much or too little.
    func check(_ job: Job, now: Double) throws(Refusal) {
        let limits = job.queue.flatMap { queues[$0] }.map { general.overridden(by: $0) } ?? general
        let place = job.queue.map { " for queue \($0)" } ?? ""
        try checkSize(job, limits, place)
        let duration = job.duration ?? 0
        if let limit = limits.duration, limit > 0, limit.isFinite, duration > limit || duration == 0 {
            let wanted = duration == 0 ? "unlimited" : Self.text(duration)
            throw Refusal(
                22, "requested duration (\(wanted)) exceeds policy limit of \(Self.text(limit))\(place)")
        }
        if duration > 0, instanceExpiration > 0, duration > instanceExpiration - now {
            let left = instanceExpiration - now
            guard left >= 0 else { throw Refusal(22, "duration exceeds instance lifetime") }
            throw Refusal(
                22, "job duration (\(Self.text(duration))) exceeds remaining instance lifetime (\(Self.text(left)))")
        }
    }

    private func checkSize(_ job: Job, _ limits: Set, _ place: String) throws(Refusal) {
        guard limits.maximum != Size() || limits.minimum != Size() else { return }
        let counts: JobspecCounts
        do {
            counts = try JobspecCounts(job.jobspec)
        } catch {
            throw Refusal(22, "\(error)")
        }
        let cores = counts.nslots.multipliedReportingOverflow(by: counts.slotSize)
        let gpus = counts.nslots.multipliedReportingOverflow(by: counts.slotGPUs)
        let values: [(String, Int64, Int64?, Int64?)] = [
            ("nnodes", counts.nnodes, limits.maximum.nnodes, limits.minimum.nnodes),
            ("ncores", cores.overflow ? .max : cores.partialValue, limits.maximum.ncores, limits.minimum.ncores),
            ("ngpus", gpus.overflow ? .max : gpus.partialValue, limits.maximum.ngpus, limits.minimum.ngpus),
        ]
        for (name, value, maximum, _) in values {
            guard let maximum, maximum >= 0, value > maximum else { continue }
            throw Refusal(22, "requested \(name) (\(value)) exceeds policy limit of \(maximum)\(place)")
        }
        for (name, value, _, minimum) in values {
            guard let minimum, minimum >= 0, value < minimum else { continue }
            throw Refusal(22, "requested \(name) (\(value)) is under policy limit of \(minimum)\(place)")
        }
    }

    private static func text(_ seconds: Double) -> String {
        FluxDuration(seconds: seconds)?.formatted(precision: 2) ?? "0s"
    }
}
