import Client
import FluxJSON
import RFC03Message
import RFC19FLUID
import Service

extension JobManagerService {
    func update(_ request: Message) async throws -> Reply {
        let fields = try request.fields()
        let id = JobID(json: try fields.int("id")), changes = try fields.object("updates")
        let update = try ask { ledger throws(Refusal) in
            try ledger.checkUpdate(id, changes, by: request.requester)
        }
        switch update.check {
        case .none: break
        case .feasibility(let jobspec):
            try await flux.rpc("feasibility.check", ["jobspec": jobspec], nodeID: 0)
        case .expiration(let time):
            do {
                try await flux.rpc("sched.expiration", ["id": id.json, "expiration": .real(time)], nodeID: 0)
            } catch {
                // A scheduler that does not care has no such method.
                if error.errnum != Errno.noSystem {
                    throw ServiceError(errnum: error.errnum, text: "scheduler refused expiration update")
                }
            }
        }
        try ask { ledger throws(Refusal) in try ledger.perform(update) }
        return .empty
    }
}
