internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC19FLUID

let jobWait = Command(
    "wait", "Wait for a job submitted with the flag waitable", usage: "[--all] [id]", operands: 0...1,
    options: [.flag("all", "a", "Wait for all of them"), .flag("verbose", "v", "Tell of successful jobs too")]
) { arguments in
    let text = arguments.operands.first
    let id = try text.map { try JobID.argument($0) }
    if id != nil, arguments.has("all") { throw CommandError("jobid not supported with --all: No such file or directory") }
    return try Session.run(arguments) { flux in
        var code: Int32 = 0
        repeat {
            let answer: JSON
            do throws(RPCError) { answer = try await flux.query("job-manager.wait", ["id": .int(id?.json ?? -1)]) } catch {
                if error.errnum == Errno.noChild, arguments.has("all") { return code }
                guard error.errnum == Errno.noChild else { throw error }
                throw CommandError("\(error)", exitCode: 2)
            }
            let ended = JobID(UInt64(bitPattern: answer["id"]?.intValue ?? 0)).shown
            let hasSucceeded = answer["success"]?.boolValue ?? false
            let reason = answer["errstr"]?.stringValue ?? ""
            if arguments.has("all") {
                if !hasSucceeded {
                    printError("\(ended): \(reason)")
                    code = 1
                } else if arguments.has("verbose") {
                    printError("\(ended): job completed successfully")
                }
            } else {
                if id == nil { print(ended) }
                if !hasSucceeded { throw CommandError(reason) }
            }
        } while arguments.has("all")
        return code
    }
}
