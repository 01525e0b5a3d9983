import FluxJSON
import RFC19FLUID
import RFC21JobStates

/// What the exec service answers to its start request.
///
/// Source: RFC 32.
enum ExecAnswer: Hashable, Sendable {
    case start
    case reattached
    case exception(severity: Int64, type: String, note: String?)
    case finish(status: Int64)
    case release(ranks: String, isFinal: Bool)
}

extension JobLedger {
    /// An exec service offers itself.
    mutating func execHello(_ service: String) throws(Refusal) {
        guard execService == nil || !active.values.contains(where: \.isStartPending) else { throw Refusal(22) }
        execService = service
        for id in active.values.filter({ $0.state == .run }).map(\.id).sorted() { act(on: id) }
    }

    mutating func execLost(_ reason: String) {
        guard execService != nil else { return }
        direct(.log(isError: false, "start: stop due to \(reason)"))
        execService = nil
        for id in active.values.filter(\.isStartPending).map(\.id).sorted() {
            if active[id]?.machine.flags.contains(.debug) == true { post(id, "debug.start-lost", ["note": .string(reason)]) }
            active[id]?.machine.outstanding.isStartPending = false
        }
    }

    /// Asks the exec service to start a job, once.
    mutating func start(_ id: JobID) {
        guard execService != nil, let job = active[id], !job.isStartPending, job.resources != nil else { return }
        active[id]?.machine.outstanding.isStartPending = true
        direct(.start(id))
        if job.machine.flags.contains(.debug) { post(id, "debug.start-request") }
    }

    mutating func execAnswered(_ id: JobID, _ answer: ExecAnswer) {
        guard let job = active[id] else {
            direct(.log(isError: true, "start response: id=\(id) not active"))
            return
        }
        switch answer {
        case .start:
            guard !job.machine.hasStarted else {
                direct(.log(isError: true, "start response: id=\(id) should not get start event"))
                return
            }
            post(id, "start")
        case .reattached:
            if job.machine.flags.contains(.debug) { post(id, "debug.exec-reattach-finish") }
        case .exception(let severity, let type, let note):
            post(id, "exception", [
                "type": .string(type), "severity": .int(severity), "userid": .int(Int64(owner)),
                "note": .string(note ?? ""),
            ])
        case .finish(let status):
            post(id, "finish", ["status": .int(status)])
        case .release(let ranks, let isFinal):
            if isFinal { active[id]?.machine.outstanding.isStartPending = false }
            post(id, "release", ["ranks": .string(ranks), "final": .bool(isFinal)])
        }
    }
}
