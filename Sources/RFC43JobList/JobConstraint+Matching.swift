import FluxJSON
public import RFC21JobStates
import RFC22Idset
import RFC29Hostlist

extension JobConstraint {
    /// Whether a job is an answer.
    ///
    /// - Throws: ``JobListError`` when the meter runs out.
    public func matches(
        _ job: JobRecord, _ meter: inout ComparisonMeter, in environment: Environment = Environment()
    ) throws(JobListError) -> Bool {
        switch self {
        case .everything:
            try meter.add()
            return true
        case .users(let users):
            for user in users {
                try meter.add()
                if user == .max || Int64(user) == job.userID { return true }
            }
            return false
        case .names(let names):
            for name in names {
                try meter.add()
                if name == job.name { return true }
            }
            return false
        case .queues(let queues):
            for queue in queues {
                try meter.add()
                if let own = job.queue, queue == own || queue == environment.parentQueues[own] { return true }
            }
            return false
        case .states(let states):
            try meter.add()
            return states.contains(job.state.bit)
        case .results(let results):
            try meter.add()
            return job.result.map { results.rawValue & $0.rawValue != 0 } ?? false
        case .hosts(let hosts):
            guard let text = job.nodelist, let own = try? Hostlist(parsing: text) else { return false }
            let names = Set(own)
            for host in hosts {
                try meter.add()
                if names.contains(host) { return true }
            }
            return false
        case .ranks(let ranks):
            guard let text = job.ranks, let own = try? Idset(parsing: text) else { return false }
            try meter.add(max(1, min(own.count, ranks.count)))
            return !own.isDisjoint(with: ranks)
        case .time(let attribute, let comparison, let value):
            try meter.add()
            guard let time = job.value(of: attribute)?.numberValue else { return false }
            return switch comparison {
            case .atLeast: time >= value
            case .atMost: time <= value
            case .after: time > value
            case .before: time < value
            }
        case .and(let children): return try Self.all(children, job, &meter, environment)
        case .not(let children): return try !Self.all(children, job, &meter, environment)
        case .or(let children):
            for child in children where try child.matches(job, &meter, in: environment) { return true }
            return children.isEmpty
        }
    }

    private static func all(
        _ children: [JobConstraint], _ job: JobRecord, _ meter: inout ComparisonMeter, _ environment: Environment
    ) throws(JobListError) -> Bool {
        for child in children where try !child.matches(job, &meter, in: environment) { return false }
        return true
    }

    /// Whether any job in one of the states can be an answer; a list of jobs for which it cannot need not be searched.
    public func mayMatch(_ states: JobStates) -> Bool { outcomes(states).canMatch }

    private func outcomes(_ states: JobStates) -> (canMatch: Bool, canFail: Bool) {
        func reached(_ later: JobStates) -> (Bool, Bool) { (!states.isDisjoint(with: later), true) }
        switch self {
        case .everything: return (true, false)
        case .states(let wanted): return (!wanted.isDisjoint(with: states), !wanted.isSuperset(of: states))
        case .results, .time(.inactiveTime, _, _): return reached(.inactive)
        case .time(.cleanupTime, _, _): return reached([.cleanup, .inactive])
        case .time(.runTime, _, _): return reached([.run, .cleanup, .inactive])
        case .users, .names, .queues, .hosts, .ranks, .time: return (true, true)
        case .and(let children):
            let all = children.map { $0.outcomes(states) }
            return (all.allSatisfy(\.canMatch), all.contains(where: \.canFail))
        case .or(let children):
            let all = children.map { $0.outcomes(states) }
            return (all.isEmpty || all.contains(where: \.canMatch), !all.isEmpty && all.allSatisfy(\.canFail))
        case .not(let children):
            let all = children.map { $0.outcomes(states) }
            return (all.contains(where: \.canFail), all.allSatisfy(\.canMatch))
        }
    }
}
