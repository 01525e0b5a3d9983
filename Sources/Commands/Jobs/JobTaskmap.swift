internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC18Eventlog
internal import RFC19FLUID
internal import RFC20R
internal import RFC22Idset
internal import RFC23FSD
internal import RFC29Hostlist
internal import RFC34Taskmap

let jobTaskmap = Command(
    "taskmap", "Show or convert the task map of a job", usage: "[OPTION] id|taskmap", operands: 1...1,
    options: [.value("to", nil, "raw|pmi|multiline|hosts", "Another form")]
) { arguments in
    let text = arguments.operands[0]
    let form = arguments.value("to")
    guard let id = JobID(text), !text.hasPrefix("[") else {
        let map: Taskmap
        do { map = try Taskmap(parsing: text) } catch { throw CommandError("error decoding taskmap: \(error)") }
        return try showTaskmap(map, form, nil)
    }
    return try Session.run(arguments) { flux in
        let log = flux.stream(
            "job-info.eventlog-watch", ["id": .int(id.json), "path": "guest.exec.eventlog", "flags": 0])
        var map: Taskmap?
        while map == nil, let answer = try await log.nextJSON() {
            guard let entry = try Eventlog(parsing: answer["event"]?.stringValue ?? "").entries.first,
                entry.name == "shell.start", let json = entry.context?["taskmap"]
            else { continue }
            map = try Taskmap(json: json)
        }
        log.abandon()
        guard let map else { throw CommandError("job \(text) has no task map") }
        var hosts: Hostlist?
        if form == "hosts" {
            let answer = try await flux.query("job-info.lookup", ["id": .int(id.json), "keys": ["R"], "flags": 0])
            hosts = try ResourceSet(parsing: answer["R"]?.stringValue ?? "").nodelist
        }
        return try showTaskmap(map, form, hosts)
    }
}

private func showTaskmap(_ map: Taskmap, _ form: String?, _ hosts: Hostlist?) throws -> Int32 {
    switch form {
    case nil: print(map)
    case "raw": print(map.formatted(.raw) ?? "")
    case "pmi": print(map.formatted(.pmi) ?? "")
    case "multiline": print(map.formatted(.multiline) ?? "", terminator: "")
    case "hosts":
        guard let hosts, let lines = map.lines(hosts: Array(hosts)) else {
            throw CommandError("--to=hosts requires a job id")
        }
        print(lines, terminator: "")
    case .some(let other): throw CommandError("invalid value --to=\(other)")
    }
    return 0
}

let jobTimeleft = Command(
    "timeleft", "Print how many seconds a job may still run", usage: "[OPTIONS] [JOBID]", operands: 0...1,
    options: [.flag("human", "H", "As a duration with a unit")]
) { arguments in
    let text = arguments.operands.first ?? Environment["FLUX_JOB_ID"]
    let id = try text.map { try JobID.argument($0) }
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
            if state < 16 { throw CommandError("\(text): job has not started") }
            isRunning = state == 16
        } else {
            let answer = try await flux.query("resource.status", nodeID: 0)
            expiration = answer["R"]?["execution"]?["expiration"]?.numberValue ?? 0
        }
        let left = !isRunning ? 0 : expiration == 0 ? Double.infinity : max(0, expiration - Format.now)
        if arguments.has("human") {
            print(left.isInfinite ? "infinity" : FluxDuration(seconds: left)?.description ?? "0s")
        } else {
            print(left.isInfinite ? "4294967295" : "\(UInt32(min(left.rounded(), 4_294_967_295)))")
        }
        return 0
    }
}
