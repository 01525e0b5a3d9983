import FluxJSON
import RFC19FLUID
import RFC20R
import RFC21JobStates

extension JobLedger {
    /// A job of the owner may bring its resources in the jobspec; the scheduler then never hears of it.
    ///
    /// Source: observed: flux-core 0.88, plug-in `alloc-bypass`.
    mutating func checkBypass(_ job: Job) throws(Refusal) {
        guard isBypassAllowed, let resources = job.jobspec["attributes"]?["system"]?["alloc-bypass"]?["R"] else { return }
        guard job.userID == owner else { throw Refusal(22, "Guest user cannot use alloc bypass") }
        do {
            _ = try ResourceSet(json: resources)
        } catch {
            throw Refusal(22, "alloc-bypass: invalid R: \(error)")
        }
        post(job.id, "set-flags", ["flags": ["alloc-bypass"]])
    }

    /// The resources of such a job are stored first; ``bypassCommitted(_:_:)`` goes on.
    mutating func bypassScheduler(_ job: Job) {
        guard job.machine.bypassesAllocation, !job.wasAllocated,
            let resources = job.jobspec["attributes"]?["system"]?["alloc-bypass"]?["R"]
        else { return }
        active[job.id]?.machine.resources = resources
        direct(.storeResources(job.id, resources))
    }

    /// The resources of a job that brought its own are in the KVS, or could not be put there.
    mutating func bypassCommitted(_ id: JobID, failure: String?) {
        guard let job = active[id], job.state == .sched else { return }
        if let failure {
            raise(id, type: "alloc", severity: 0, note: "failed to commit R to kvs: \(failure)")
        } else {
            post(id, "alloc", ["bypass": true])
        }
    }
}
