import FluxJSON
import RFC19FLUID
import RFC21JobStates

extension JobLedger {
    /// Adds what the jobspec says the job waits for.
    ///
    /// Source: RFC 26; texts observed: flux-core 0.88.
    mutating func addDependencies(_ job: Job) throws(Refusal) {
        guard let value = job.jobspec["attributes"]?["system"]?["dependencies"] else { return }
        guard let dependencies = value.arrayValue else {
            throw Refusal(22, "dependencies must be an array")
        }
        for dependency in dependencies {
            guard let scheme = dependency["scheme"]?.stringValue else {
                throw Refusal(22, "missing or invalid dependency scheme")
            }
            guard let value = dependency["value"]?.stringValue else {
                throw Refusal(22, "missing or invalid dependency value")
            }
            switch scheme {
            case "begin-time": try addBeginTime(job.id, value)
            case "singleton": try addSingleton(job)
            default:
                guard let condition = Dependents.Condition(scheme: scheme) else {
                    throw Refusal(22, "dependency scheme \"\(scheme)\" not supported")
                }
                try addAfter(job, scheme, value, condition)
            }
        }
    }

    private mutating func addAfter(
        _ job: Job, _ scheme: String, _ value: String, _ condition: Dependents.Condition
    ) throws(Refusal) {
        if scheme == "after" {
            raise(
                job.id, type: "dependency", severity: 3,
                note: "dependency scheme 'after' is deprecated, use 'afterstart'")
        }
        guard let target = try? JobID(parsing: value), target.value != 0, target.value != .max else {
            throw Refusal(22, "dependency: \(scheme): \"\(value)\" is not a valid jobid")
        }
        let description = "\(condition.rawValue)=\(value)"
        if let other = active[target] {
            guard other.userID == job.userID else {
                throw Refusal(22, "\(scheme): Permission denied for job \(value)")
            }
            post(job.id, "dependency-add", ["description": .string(description)])
            if condition == .start, other.machine.hasStarted {
                post(job.id, "dependency-remove", ["description": .string(description)])
                return
            }
            dependents.add(.init(waiting: job.id, condition: condition, description: description), target: target)
        } else if let other = inactive[target] {
            guard other.userID == job.userID else {
                throw Refusal(22, "\(scheme): Permission denied for job \(value)")
            }
            try checkEnded(other, condition, value)
            post(job.id, "dependency-add", ["description": .string(description)])
            post(job.id, "dependency-remove", ["description": .string(description)])
        } else {
            throw Refusal(22, "dependency: \(scheme): id \(value): job not found")
        }
    }

    private func checkEnded(
        _ other: InactiveJob, _ condition: Dependents.Condition, _ value: String
    ) throws(Refusal) {
        let neverStarted = condition != .finish && !other.wasAllocated || condition == .start && !other.wasStarted
        if neverStarted { throw Refusal(22, "dependency: after: \(value) never started") }
        switch condition {
        case .success where other.result != .completed:
            throw Refusal(22, "dependency: afterok: job \(value) failed or was canceled")
        case .failure where other.result == .completed:
            throw Refusal(22, "dependency: afternotok: job \(value) succeeded")
        case .exception where !other.endedByException:
            throw Refusal(22, "dependency: afterexcept: job \(value): no exception")
        default: return
        }
    }

    /// A job started: those that wait for just that go on.
    mutating func releaseDependents(startOf job: Job) {
        for entry in dependents.take(target: job.id, where: { $0.condition == .start }) { release(entry) }
    }

    /// A job ended: those that wait for this kind of end go on, the others never will.
    mutating func releaseDependents(endOf job: Job) {
        dependents.forget(job.id)
        let result = job.result, endedByException = job.endedByException
        let isSatisfied: (Dependents.Entry) -> Bool = { entry in
            switch entry.condition {
            case .finish: true
            case .success: job.wasAllocated && result == .completed
            case .failure: job.wasAllocated && result != .completed
            case .exception: job.wasAllocated && result != .completed && endedByException
            case .start: false
            }
        }
        for entry in dependents.take(target: job.id, where: isSatisfied) { release(entry) }
        let reason = job.wasAllocated ? "can never be satisfied" : "job never started"
        for entry in dependents.take(target: job.id, where: { _ in true }) {
            raise(entry.waiting, type: "dependency", severity: 0, note: "dependency \(entry.description) \(reason)")
        }
    }

    private mutating func release(_ entry: Dependents.Entry) {
        post(entry.waiting, "dependency-remove", ["description": .string(entry.description)])
    }

    // MARK: begin-time

    private mutating func addBeginTime(_ id: JobID, _ value: String) throws(Refusal) {
        guard let time = Double(value), time >= 0, time.isFinite else { throw Refusal(22, "Invalid begin-time=\(value)") }
        post(id, "dependency-add", ["description": .string(Self.beginTimeText(time))])
        active[id]?.beginTime = time
        direct(.wake(time))
    }

    private static func beginTimeText(_ time: Double) -> String {
        let milliseconds = Int64((min(time, 9e15) * 1000).rounded(.toNearestOrEven))
        let rest = String(milliseconds % 1000)
        return "begin-time=\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.utf8.count))\(rest)"
    }

    /// Lets go the jobs whose time has come.
    mutating func timePassed() {
        for job in active.values.sorted(by: { $0.id < $1.id }) {
            guard let time = job.beginTime, time <= now else { continue }
            active[job.id]?.beginTime = nil
            post(job.id, "dependency-remove", ["description": .string(Self.beginTimeText(time))])
        }
    }

    // MARK: singleton

    private mutating func addSingleton(_ job: Job) throws(Refusal) {
        guard let name = job.name else { throw Refusal(22, "singleton jobs require a job name") }
        let key = Singletons.Key(userID: job.userID, name: name)
        // A singleton that is alone does not wait.
        guard singletons.groups[key]?.count ?? 0 > 0 else { return }
        post(job.id, "dependency-add", ["description": "singleton"])
        singletons.groups[key, default: .init()].waiting.append(job.id)
    }

    mutating func joinSingletons(_ job: Job) {
        guard let name = job.name else { return }
        singletons.groups[.init(userID: job.userID, name: name), default: .init()].count += 1
    }

    mutating func leaveSingletons(_ job: Job) {
        guard let name = job.name else { return }
        let key = Singletons.Key(userID: job.userID, name: name)
        guard var group = singletons.groups[key] else { return }
        group.waiting.removeAll { $0 == job.id }
        group.count -= 1
        // All that are left wait: the first of them may go.
        let next = group.count == group.waiting.count && !group.waiting.isEmpty ? group.waiting.removeFirst() : nil
        singletons.groups[key] = group.count > 0 ? group : nil
        if let next { post(next, "dependency-remove", ["description": "singleton"]) }
    }
}
