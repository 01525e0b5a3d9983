import Client
import FluxJSON
import KVSClient
import RFC18Eventlog
import RFC19FLUID
import Reactor
import Service

extension JobExecService {
    /// When the module ends, what running jobs have stored is put where a later run finds it.
    func graftRunning() async {
        flushPrimary()
        for (id, job) in jobs.sorted(by: { $0.key < $1.key }) where job.machine.isRunning {
            guard let object = try? await flux.lookupObject(".", namespace: job.namespace, flags: .treeObject) else {
                continue
            }
            var transaction = KVSTransaction()
            transaction.put("\(id.kvs).guest", object: object)
            _ = try? await flux.commit(transaction)
        }
    }

    /// Takes up the namespace of a job that ran before the instance was restarted.
    func recoverNamespace(_ id: JobID) async {
        let object = try? await flux.lookupObject("\(id.kvs).guest", flags: .treeObject)
        guard let job = jobs[id] else { return }
        guard let root = object?["data"]?.arrayValue?.first?.stringValue else {
            context.log(.err, "could not recover guest namespace for \(shown(id))")
            change(id) { $0.namespaceFailed("Invalid argument") }
            return
        }
        let namespace = job.namespace
        createNamespace(id, job, root: root) { service, error in
            // The namespace may still be there when only this module was restarted.
            if let error, error.errnum != Errno.exists {
                service.change(id) { $0.namespaceFailed(error.description) }
                return
            }
            Task { await service.reattach(id, namespace: namespace) }
        }
    }

    private func reattach(_ id: JobID, namespace: String) async {
        let bytes = try? await flux.lookup("exec.eventlog", namespace: namespace)
        let log = try? await flux.lookup("\(id.kvs).eventlog")
        let events = bytes.flatMap { try? Eventlog(parsing: $0) }
        let started = log.flatMap { try? Eventlog(parsing: $0) }?.last("start")?.timestamp
        let now = context.reactor.wallTime
        change(id) {
            $0.reattach(isRecoverable: events?.contains("recoverable") ?? false, startedAt: started, now: now)
        }
    }
}

extension ExecMachine {
    /// Goes on with a job that was started before a restart, if that is possible.
    mutating func reattach(isRecoverable: Bool, startedAt start: Double?, now: Double) {
        namespaceSettled()
        direct(.log("reattach", [:]))
        direct(.link)
        guard jobspec["attributes"]?["system"]?["exec"]?["test"] != nil, var simulation = Simulation(jobspec: jobspec) else {
            fail("reattach to running job is not implemented: Function not implemented")
            return
        }
        guard isRecoverable else {
            fail("job is not recoverable: no recoverable event")
            return
        }
        let isDone = jobspec["attributes"]?["system"]?["exec"]?["test"]?["reattach_finish"]?.intValue ?? 0 != 0
        if let start, simulation.duration > 0 {
            let left = start + simulation.duration - now
            simulation.duration = isDone || left <= 0 ? -1 : left
        } else if isDone {
            simulation.duration = -1
        }
        self.simulation = simulation
        isStarted = true
        if simulation.duration != 0 { direct(.setTimer(.simulation, seconds: max(1e-5, simulation.duration))) }
        isRunning = true
        direct(.respond("reattached", [:]))
    }

    /// Numbers about the job for stats-get.
    var statistics: JSON {
        [
            "implementation": simulation == nil ? "bulk-exec" : "testexec", "ns": .string("job-\(id.value)"),
            "critical_ranks": .string("\(criticalRanks)"), "multiuser": isMultiuser ? 1 : 0,
            "has_namespace": hasNamespace ? 1 : 0, "exception_in_progress": isExceptionInProgress ? 1 : 0,
            "started": isStarted ? 1 : 0, "running": isRunning ? 1 : 0, "finalizing": isFinalizing ? 1 : 0,
            "expiration": .real(expiration), "kill_timeout": .real(killTimeout), "kill_count": .int(Int64(killCount)),
            "kill_shell_count": .int(Int64(killShellCount)), "total_shells": .int(Int64(shells.count)),
            "active_shells": .int(Int64(activeShellCount)), "active_ranks": .string("\(activeRanks)"),
        ]
    }
}
