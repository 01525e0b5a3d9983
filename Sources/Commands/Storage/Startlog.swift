internal import Client
internal import CommandKit
internal import KVSClient
internal import RFC18Eventlog
internal import RFC23FSD

let startlogCommand = Command(
    "startlog", "List the runs of an instance", .builtin,
    options: [
        .flag("check", nil, "Fail if the last run was not ended in order"),
        .flag("quiet", nil, "Print nothing, for --check"),
        .flag("show-version", "v", "Show the version of flux-core"),
        .flag("post-start-event", nil, ""), .flag("post-finish-event", nil, ""),
        .value("test-startlog-key", nil, "PATH", ""), .value("test-startlog-version", nil, "VERSION", ""),
    ]
) { arguments in
    let key = arguments.value("test-startlog-key") ?? StartLog.key
    let version = Int64(try arguments.integer("test-startlog-version") ?? Int(StartLog.version))
    return try Session.run(arguments) { flux in
        if arguments.has("post-start-event") {
            let event = StartLog.start(at: Format.now, coreVersion: Installation.version, version: version)
            try await post(event, key, flags: KVSTransaction.syncFlag, flux)
            return 0
        }
        if arguments.has("post-finish-event") {
            try await post(StartLog.finish(at: Format.now, version: version), key, flags: 0, flux)
            return 0
        }
        let log = StartLog(try await entries(key, flux), version: version)
        if !arguments.has("quiet") {
            for run in log.runs { print(line(run, showsVersion: arguments.has("show-version"))) }
        }
        return arguments.has("check") && log.hasCrashed ? 1 : 0
    }
}

private func complaint(_ text: String) -> CommandError { CommandError("flux: \(text)", isBare: true) }

private func post(_ event: Eventlog.Entry, _ key: String, flags: Int64, _ flux: Handle) async throws {
    guard try await flux.rank() == 0 else { throw complaint("Startlog events may only be posted from rank 0") }
    do throws(RPCError) { try await flux.commit(appending: event, to: key, flags: flags) } catch {
        throw complaint("Error committing \(event.name) event: \(error)")
    }
}

private func entries(_ key: String, _ flux: Handle) async throws(CommandError) -> [Eventlog.Entry] {
    let bytes: [UInt8]
    do throws(RPCError) { bytes = try await flux.lookup(key) } catch {
        throw complaint("Error fetching eventlog: \(error)")
    }
    do throws(Eventlog.ParseError) { return try Eventlog(parsing: bytes).entries } catch {
        throw complaint("Error decoding eventlog: \(error)")
    }
}

/// `2026-11-20 23:58 - running (20s)`.
private func line(_ run: StartLog.Run, showsVersion: Bool) -> String {
    let format = "%Y-%m-%d %H:%M"
    func length(_ end: Double) -> String { FluxDuration(seconds: max(0, end - run.began))?.formatted(precision: 2) ?? "0s" }
    let version = showsVersion ? "\(run.coreVersion.padded(leftTo: 25))  " : ""
    let end =
        switch run.end {
        case .finished(let time): "\(Format.time(time, format)) (\(length(time)))"
        case .crashed: "crashed"
        case .running: "running (\(length(Format.now)))"
        }
    return "\(version)\(Format.time(run.began, format)) - \(end)"
}
