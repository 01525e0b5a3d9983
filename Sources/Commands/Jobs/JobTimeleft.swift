internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC19FLUID
internal import RFC23FSD

let jobTimeleft = Command(
    "timeleft", "Print how many seconds a job may still run", usage: "[OPTIONS] [JOBID]", operands: 0...1,
    options: [.flag("human", "H", "As a duration with a unit")]
) { arguments in
    let text = arguments.operands.first ?? Environment["FLUX_JOB_ID"]
    let id = try text.map { text in
        guard let id = JobID(text) else { throw CommandError("failed to parse jobid \(text)") }
        return id
    }
    return try Session.run(arguments) { flux in
        var expiration = 0.0
        var isRunning = true
        if let id, let text {
            let answer: JSON
            do throws(RPCError) {
                answer = try await flux.query(
                    "job-list.list-id", ["id": .int(id.json), "attrs": ["expiration", "state"]])
            } catch {
                throw CommandError(error.errnum == Errno.noEntry ? "\(text): no such jobid" : "\(text): \(error)")
            }
            expiration = answer["job"]?["expiration"]?.numberValue ?? 0
            let state = answer["job"]?["state"]?.intValue ?? 0
            if state < 16 { throw CommandError("job \(text) has not started") }
            isRunning = state == 16
        } else {
            let answer = try await flux.query("resource.status", nodeID: 0)
            expiration = answer["R"]?["execution"]?["expiration"]?.numberValue ?? 0
        }
        let left = !isRunning ? 0 : expiration == 0 ? Double.infinity : max(0, expiration - Format.now)
        if arguments.has("human") {
            print(left.isInfinite ? "infinity" : FluxDuration(seconds: left)?.description ?? "0s")
        } else {
            // A job that still runs has at least one second left.
            let seconds = left > 0 ? max(1, left.rounded(.down)) : 0
            print(UInt32(min(seconds, 4_294_967_295)))
        }
        return 0
    }
}
