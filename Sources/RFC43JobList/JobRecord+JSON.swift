public import FluxJSON
import RFC21JobStates

extension JobRecord {
    /// The object a client gets: `id` and those of the attributes that are known.
    public func json(_ attributes: some Sequence<JobAttribute>) -> JSON {
        var fields: JSON.Object = ["id": .int(Int64(bitPattern: id))]
        for attribute in attributes {
            if let value = value(of: attribute) { fields[attribute.rawValue] = value }
        }
        return .object(fields)
    }

    /// An attribute; nil when it is not known or has no meaning yet.
    public func value(of attribute: JobAttribute) -> JSON? {
        func text(_ value: String?) -> JSON? { value.map { .string($0) } }
        func number(_ value: Int64?) -> JSON? { value.map { .int($0) } }
        func time(_ value: Double, _ state: JobStates) -> JSON? { states.contains(state) ? .real(value) : nil }
        let isInactive = states.contains(.inactive)
        let hasRun = states.contains(.run)
        return switch attribute {
        case .userID: .int(userID)
        case .urgency: .int(Int64(urgency))
        case .priority: states.contains(.sched) ? .int(priority) : nil
        case .submitTime: .real(submitTime)
        case .dependTime: logVersion ?? 0 < 1 ? .real(submitTime) : time(dependTime, .depend)
        case .priorityTime: priorityTime == 0 ? nil : .real(priorityTime)
        case .schedTime: schedTime == 0 ? nil : .real(schedTime)
        case .runTime: time(runTime, .run)
        case .cleanupTime: time(cleanupTime, .cleanup)
        case .inactiveTime: time(inactiveTime, .inactive)
        case .state: .int(Int64(state.rawValue))
        case .name: text(name)
        case .cwd: text(cwd)
        case .queue: text(queue)
        case .project: text(project)
        case .bank: text(bank)
        case .ntasks: number(ntasks)
        case .ncores: number(ncores)
        case .nnodes: number(nnodes)
        case .duration: duration.flatMap { $0 < 0 ? nil : .real($0) }
        case .ranks: hasRun ? text(ranks) : nil
        case .nodelist: hasRun ? text(nodelist) : nil
        case .expiration: hasRun ? expiration.map { .real($0) } : nil
        case .waitStatus: waitStatus.flatMap { $0 < 0 ? nil : .int($0) }
        case .success: isInactive ? .bool(isSuccessful) : nil
        case .exceptionOccurred: isInactive ? .bool(exception != nil) : nil
        case .exceptionType: isInactive ? text(exception?.type) : nil
        case .exceptionSeverity: isInactive ? exception.map { .int(Int64($0.severity)) } : nil
        case .exceptionNote: isInactive ? text(exception?.note) : nil
        case .result: isInactive ? result.map { .int(Int64($0.rawValue)) } : nil
        case .annotations: annotations.map { .object($0) }
        case .dependencies: dependencies.map { .array($0.map { .string($0) }) }
        }
    }
}
