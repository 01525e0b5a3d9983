internal import Client
internal import Glibc
internal import RFC19FLUID
internal import Reactor
internal import Shell

/// Ends the shell before it could tell the job's log.
func fail(_ text: String) -> Never {
    let line = Array("flux-shell: \(text)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(1)
}

/// The variables of its own environment that the shell looks at; the rest is the execution system's.
func ownEnvironment() -> [String: String] {
    var result: [String: String] = [:]
    for name in JobShell.ownVariables {
        if let value = getenv(name) { result[name] = String(cString: value) }
    }
    return result
}

let words = CommandLine.arguments.dropFirst()
guard let text = words.first, words.count == 1, !text.hasPrefix("-") else { fail("Usage: flux-shell JOBID") }
guard let jobID = try? JobID(parsing: text) else { fail("jobid (\(text)): not a job id") }

do {
    let reactor = try Reactor()
    let code = try reactor.run {
        let flux = try Handle.open(on: reactor)
        let code = await JobShell(jobID: jobID, flux: flux, environment: ownEnvironment()).run()
        flux.close()
        return code
    }
    // Nothing is left that a destructor would have to write.
    _exit(code)
} catch {
    fail("\(error)")
}
