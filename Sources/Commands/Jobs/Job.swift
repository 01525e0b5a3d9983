internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import RFC18Eventlog
internal import RFC19FLUID
internal import RFC21JobStates
internal import RFC23FSD
internal import RFC39Signature

let jobCommand = Command(
    "job", "State, output and events of jobs",
    subcommands: [
        jobAttach, jobStatus, jobSubmit, jobID, jobLast, jobUrgency, jobKill, jobKillAll, jobRaise, jobRaiseAll, jobWait,
        jobWaitEvent, jobEventlog, jobInfo, jobStats, jobNamespace, jobMemo, jobPurge, jobTimeleft, jobTaskmap,
    ])

private let jobAttach = Command(
    "attach", "Show the output of a job until it ends", usage: "[OPTIONS] id", operands: 1...1,
    options: [
        .flag("label-io", "l", "Put the rank in front of each line"),
        .flag("show-events", "E", "Show the events of the job"),
        .flag("show-exec", "X", "Show the events of its execution"),
        .flag("show-status", nil, "Show a status line while the job waits"),
        .value("wait-event", "w", "NAME", "The event that ends it (default finish)"),
        .flag("verbose", "v", "Say more"),
        .flag("quiet", "q", "Do not show messages of the shell"),
        .flag("read-only", "r", "Do not read standard input and do not hand signals on"),
        .flag("unbuffered", "u", "Do not buffer standard input"),
        .value("stdin-ranks", "i", "RANKS", "The tasks that get standard input"),
        .optional("tail", nil, "NUM", "Begin with the last NUM lines (default 10)"),
        .flag("debug", nil, ""),
    ]
) { arguments in
    let text = arguments.operands[0]
    let id = try JobID.argument(text)
    var options = AttachSession.Options()
    options.labelsIO = arguments.has("label-io")
    options.showsEvents = arguments.has("show-events")
    options.showsExec = arguments.has("show-exec")
    options.isQuiet = arguments.has("quiet")
    options.isVerbose = arguments.has("verbose")
    options.isReadOnly = arguments.has("read-only")
    options.stdinRanks = arguments.value("stdin-ranks") ?? "all"
    options.waitEvent = arguments.value("wait-event") ?? "finish"
    if arguments.has("tail") { options.tail = try arguments.integer("tail") ?? 10 }
    let chosen = options
    return try Session.run(arguments) { flux in
        try await AttachSession(flux, id, named: text, chosen).run()
    }
}

private let jobStatus = Command(
    "status", "Wait for jobs and exit with the highest exit code", usage: "[OPTIONS] id [id...]", operands: 1...Int.max,
    options: [
        .flag("verbose", "v", "Tell how jobs ended; twice to tell of successful ones too"),
        .flag("json", "j", "Print results as JSON"),
        .value("exception-exit-code", "e", "N", "Exit code of a job that never ran (default 1)"),
    ]
) { arguments in
    let fallback = Int32(truncatingIfNeeded: try arguments.integer("exception-exit-code") ?? 1)
    let ids = try arguments.operands.map { ($0, try JobID.argument($0)) }
    return try Session.run(arguments) { flux in
        var code: Int32 = 0
        for (text, id) in ids {
            let end: JobOutcome
            do { end = try await JobOutcome(of: id, flux) } catch let error as RPCError where error.errnum == Errno.noEntry {
                throw CommandError("\(text): No such job")
            }
            if arguments.has("json") { print(end.json.text) }
            code = max(code, end.exitCode)
            if end.hasFatalException { code = max(code, fallback) }
            guard arguments.has("verbose") else { continue }
            if end.signal != 0 {
                printError("flux-job: \(text): job shell died by signal \(end.signal)")
            } else if arguments.count("verbose") > 1 || end.exitCode != 0 || end.waitStatus == nil {
                printError(
                    end.hasFatalException
                        ? "flux-job: \(text): exception type=\(end.exceptionType)"
                        : "flux-job: \(text): exited with exit code \(end.exitCode)")
            }
        }
        return code
    }
}

private let jobSubmit = Command(
    "submit", "Submit a jobspec", usage: "[OPTIONS] [jobspec]", operands: 0...1,
    options: [
        .value("urgency", "u", "N", "Urgency from 0 to 31 (default 16)"),
        .value("flags", "f", "FLAG,...", "Submission flags: debug, waitable, novalidate"),
    ]
) { arguments in
    let urgency = try arguments.integer("urgency") ?? 16
    var flags: JobFlags = []
    for name in arguments.list("flags") {
        guard let flag = JobFlags(name: name) else { throw CommandError("unknown flag: \(name)") }
        flags.insert(flag)
    }
    let path = arguments.operands.first ?? "-"
    let bytes = try path == "-" ? Files.standardInputBytes() : Files.bytes(path)
    if bytes.isEmpty { throw CommandError("required jobspec is empty") }
    let chosen = flags
    return try Session.run(arguments) { flux in
        let answer = try await flux.query(
            "job-ingest.submit",
            [
                "J": .string(SignedPayload.wrapNone(bytes, userID: getuid())), "urgency": .int(Int64(urgency)),
                "flags": .int(Int64(chosen.rawValue)),
            ])
        print(JobID(UInt64(bitPattern: answer["id"]?.intValue ?? 0)).shown)
        return 0
    }
}

private let jobID = Command(
    "id", "Convert job ids", usage: "[OPTIONS] [id ...]", operands: 0...Int.max,
    options: [.value("to", "t", "FORM", "dec (default), kvs, hex, dothex, words, f58, f58plain, emoji")]
) { arguments in
    let form = arguments.value("to") ?? "dec"
    guard let encoding = JobID.Encoding(name: form) else { throw CommandError("Unknown to=\(form)") }
    let texts = try arguments.operands.isEmpty
        ? Files.standardInput().split(whereSeparator: \.isNewline).map(String.init) : arguments.operands
    for text in texts {
        guard let id = JobID(text) else { throw CommandError("\(text): malformed input") }
        print(form == "f58" ? id.shown : id.text(encoding))
    }
    return 0
}

private let jobLast = Command("last", "List the ids of the latest own jobs", usage: "SLICE", operands: 0...1) { arguments in
    var slice = arguments.operands.first ?? "[:1]"
    if let number = Int(slice) { slice = "[:\(number)]" }
    guard slice.hasPrefix("["), slice.hasSuffix("]") else { throw UsageError(.usage) }
    let wanted = slice
    return try Session.run(arguments) { flux in
        let jobs = try await flux.query("job-manager.history.get", ["slice": .string(wanted)])["jobs"]?.arrayValue ?? []
        if jobs.isEmpty { throw CommandError("job history is empty") }
        for job in jobs { print(JobID(UInt64(bitPattern: job.intValue ?? 0)).shown) }
        return 0
    }
}

private let jobUrgency = Command(
    "urgency", "Change the urgency of a job", usage: "[OPTIONS] id urgency", operands: 2...2,
    options: [.flag("verbose", "v", "Show the old urgency")]
) { arguments in
    let id = try JobID.argument(arguments.operands[0])
    guard let urgency = ["hold": 0, "expedite": 31, "default": 16][arguments.operands[1]] ?? Int64(arguments.operands[1])
    else { throw CommandError("error parsing urgency: \"\(arguments.operands[1])\"") }
    return try Session.run(arguments) { flux in
        let answer: JSON
        do {
            answer = try await flux.query("job-manager.urgency", ["id": .int(id.json), "urgency": .int(urgency)])
        } catch { throw CommandError("\(arguments.operands[0]): \(error)") }
        if arguments.has("verbose") {
            let old = answer["old_urgency"]?.intValue ?? 0
            let text = old == 0 ? "job held" : old == 31 ? "job expedited" : "\(old)"
            printError("old urgency: \(text)")
        }
        return 0
    }
}

/// The number of a signal by name, with or without `SIG`, or in digits.
func signalNumber(_ text: String) -> Int32? {
    if let number = Int32(text) { return (1...64).contains(number) ? number : nil }
    let upper = text.uppercased()
    return signalNames[upper.hasPrefix("SIG") ? String(upper.dropFirst(3)) : upper]
}

private let signalNames: [String: Int32] = [
    "HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "TRAP": 5, "ABRT": 6, "BUS": 7, "FPE": 8, "KILL": 9, "USR1": 10,
    "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15, "STKFLT": 16, "CHLD": 17, "CONT": 18, "STOP": 19,
    "TSTP": 20, "TTIN": 21, "TTOU": 22, "URG": 23, "XCPU": 24, "XFSZ": 25, "VTALRM": 26, "PROF": 27, "WINCH": 28,
    "IO": 29, "POLL": 29, "PWR": 30, "SYS": 31,
]

private let jobKill = Command(
    "kill", "Send a signal to the tasks of jobs", usage: "[OPTIONS] ids...", operands: 1...Int.max,
    options: [.value("signal", "s", "SIG", "The signal (default SIGTERM)")]
) { arguments in
    let name = arguments.value("signal") ?? "SIGTERM"
    guard let signal = signalNumber(name) else { throw CommandError("kill: Invalid signal \(name)") }
    let ids = try arguments.operands.map { ($0, try JobID.argument($0)) }
    return try Session.run(arguments) { flux in
        var code: Int32 = 0
        for (text, id) in ids {
            do {
                try await flux.rpc("job-manager.kill", ["id": .int(id.json), "signum": .int(Int64(signal))])
            } catch {
                printError("flux-job: kill \(text): \(error)")
                code = 1
            }
        }
        return code
    }
}

private func user(_ arguments: Arguments) throws(CommandError) -> Int64 {
    switch arguments.value("user") {
    case nil: return Int64(Users.current)
    case "all": return -1
    case .some(let name):
        guard let id = UInt32(name) ?? Users.id(of: name) else { throw CommandError("unknown user \(name)") }
        return Int64(id)
    }
}

private let jobKillAll = Command(
    "killall", "Send a signal to many jobs", operands: 0...0,
    options: [
        .value("signal", "s", "SIG", "The signal (default SIGTERM)"),
        .value("user", "u", "USER", "The jobs of a user; all for everybody"),
        .flag("force", "f", "Do it; without this jobs are only counted"),
    ]
) { arguments in
    let name = arguments.value("signal") ?? "SIGTERM"
    guard let signal = signalNumber(name) else { throw CommandError("killall: Invalid signal \(name)") }
    let request: JSON = [
        "dry_run": .bool(!arguments.has("force")), "userid": .int(try user(arguments)), "signum": .int(Int64(signal)),
    ]
    return try Session.run(arguments) { flux in
        let answer: JSON
        do { answer = try await flux.query("job-manager.killall", request) } catch {
            throw CommandError("killall: \(error)")
        }
        let count = answer["count"]?.intValue ?? 0
        if count > 0, !arguments.has("force") {
            printError("flux-job: Command matched \(count) jobs (-f to confirm)")
        } else if count > 0 {
            let what = String(cString: strsignal(signal))
            printError("flux-job: \(what) \(count) jobs (\(answer["errors"]?.intValue ?? 0) errors)")
        } else {
            printError("flux-job: Command matched 0 jobs")
        }
        return 0
    }
}

private let jobRaise = Command(
    "raise", "Raise an exception for jobs", usage: "[OPTIONS] ids... [--] [message...]", operands: 1...Int.max,
    options: [
        .value("severity", "s", "N", "From 0, which ends the job and is the default, to 7"),
        .value("type", "t", "TYPE", "The type (default cancel)"),
        .value("message", "m", "NOTE", "The text"),
    ]
) { arguments in
    let severity = try arguments.integer("severity") ?? 0
    var ids: [(String, JobID)] = []
    var rest = arguments.operands[...]
    while let word = rest.first, let id = JobID(word) {
        ids.append((word, id))
        rest = rest.dropFirst()
    }
    if ids.isEmpty { throw CommandError("invalid jobid: \(rest.first ?? "")") }
    if !rest.isEmpty, arguments.has("message") {
        throw CommandError("Do not set note on command line and with --message")
    }
    let note = arguments.value("message") ?? (rest.isEmpty ? nil : rest.joined(separator: " "))
    let targets = ids
    return try Session.run(arguments) { flux in
        var code: Int32 = 0
        for (text, id) in targets {
            var request: JSON.Object = [
                "id": .int(id.json), "severity": .int(Int64(severity)),
                "type": .string(arguments.value("type") ?? "cancel"),
            ]
            request["note"] = note.map { .string($0) }
            do { try await flux.rpc("job-manager.raise", .object(request)) } catch {
                printError("flux-job: raise \(text): \(error)")
                code = 1
            }
        }
        return code
    }
}

private let jobRaiseAll = Command(
    "raiseall", "Raise an exception for many jobs", usage: "[OPTIONS] type [message...]", operands: 1...Int.max,
    options: [
        .value("severity", "s", "N", "From 0, which ends the job, to 7 (default)"),
        .value("user", "u", "USER", "The jobs of a user; all for everybody"),
        .value("states", "S", "STATE,...", "The jobs in these states (default ACTIVE)"),
        .flag("force", "f", "Do it; without this jobs are only counted"),
    ]
) { arguments in
    var states: JobStates = []
    for name in (arguments.value("states") ?? "ACTIVE").split(separator: ",") {
        guard let bits = JobStates(name: String(name)) else { throw CommandError("unknown job state \(name)") }
        states.formUnion(bits)
    }
    if states.contains(.inactive) { throw CommandError("Exceptions cannot be raised on inactive jobs") }
    var request: JSON.Object = [
        "dry_run": .bool(!arguments.has("force")), "userid": .int(try user(arguments)),
        "states": .int(Int64(states.rawValue)), "severity": .int(Int64(try arguments.integer("severity") ?? 7)),
        "type": .string(arguments.operands[0]),
    ]
    let note = arguments.operands.dropFirst()
    if !note.isEmpty { request["note"] = .string(note.joined(separator: " ")) }
    let payload = JSON.object(request)
    return try Session.run(arguments) { flux in
        let answer: JSON
        do { answer = try await flux.query("job-manager.raiseall", payload) } catch {
            throw CommandError("raiseall: \(error)")
        }
        let count = answer["count"]?.intValue ?? 0
        if count > 0, !arguments.has("force") {
            printError("flux-job: Command matched \(count) jobs (-f to confirm)")
        } else if count > 0 {
            printError("flux-job: Raised exception on \(count) jobs (\(answer["errors"]?.intValue ?? 0) errors)")
        } else {
            printError("flux-job: Command matched 0 jobs")
        }
        return 0
    }
}

private let jobWait = Command(
    "wait", "Wait for a job submitted with the flag waitable", usage: "[--all] [id]", operands: 0...1,
    options: [.flag("all", "a", "Wait for all of them"), .flag("verbose", "v", "Tell of successful jobs too")]
) { arguments in
    let text = arguments.operands.first
    let id = try text.map { try JobID.argument($0) }
    if id != nil, arguments.has("all") { throw CommandError("jobid not supported with --all") }
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

private let jobInfo = Command(
    "info", "Print stored data of a job", usage: "[OPTIONS] id key", operands: 2...2,
    options: [
        .flag("original", "o", "The jobspec as it was submitted"),
        .flag("base", "b", "The data without later changes"),
    ]
) { arguments in
    let id = try JobID.argument(arguments.operands[0])
    let key = arguments.operands[1]
    let isOriginal = arguments.has("original") && key == "jobspec"
    return try Session.run(arguments) { flux in
        let wanted = isOriginal ? "J" : key
        let isCurrent = !isOriginal && !arguments.has("base") && (key == "R" || key == "jobspec")
        let answer = try await flux.query(
            "job-info.lookup", ["id": .int(id.json), "keys": [.string(wanted)], "flags": .int(isCurrent ? 2 : 0)])
        let text = answer[wanted]?.stringValue ?? ""
        guard isOriginal else {
            print(text)
            return 0
        }
        do {
            print(String(decoding: try SignedPayload(parsing: text).payload, as: UTF8.self))
        } catch {
            throw CommandError("Failed to unwrap J to get jobspec: \(error)")
        }
        return 0
    }
}

private let jobStats = Command("stats", "Count jobs", usage: "") { arguments in
    try Session.run(arguments) { flux in
        print(try await flux.query("job-list.job-stats").text)
        return 0
    }
}

private let jobNamespace = Command("namespace", "Print the KVS namespace of jobs", usage: "[id ...]", operands: 0...Int.max) {
    arguments in
    for text in arguments.operands { print("job-\(try JobID.argument(text).dec)") }
    return 0
}

private let jobMemo = Command(
    "memo", "Add notes to a job", usage: "[--volatile] id key=value [key=value ...]", operands: 2...Int.max,
    options: [.flag("volatile", nil, "Do not store them")]
) { arguments in
    let id = try JobID.argument(arguments.operands[0])
    var memo: JSON = [:]
    for word in arguments.operands.dropFirst() {
        guard let equal = word.firstIndex(of: "=") else { throw CommandError("error parsing memo key=value: \(word)") }
        let text = String(word[word.index(after: equal)...])
        memo[path: String(word[..<equal])] = (try? JSON(parsing: text)) ?? .string(text)
    }
    let payload: JSON = ["id": .int(id.json), "volatile": .bool(arguments.has("volatile")), "memo": memo]
    return try Session.run(arguments) { flux in
        do { try await flux.rpc("job-manager.memo", payload) } catch { throw CommandError("memo: \(error)") }
        return 0
    }
}

private let jobPurge = Command(
    "purge", "Forget jobs that have ended", usage: "[OPTIONS] [id...]", operands: 0...Int.max,
    options: [
        .value("age-limit", nil, "FSD", "Jobs that ended longer ago"),
        .value("num-limit", nil, "N", "All but the latest N"),
        .flag("force", "f", "Do it; without this jobs are only counted"),
        .value("batch", nil, "N", "How many at a time (default 50)"),
    ]
) { arguments in
    let ids = try arguments.operands.map { ($0, try JobID.argument($0)) }
    let limit = try arguments.integer("num-limit") ?? -1
    let batch = try arguments.integer("batch") ?? 50
    guard let age = arguments.value("age-limit").map({ FluxDuration($0)?.seconds }) ?? -1 else {
        throw CommandError("Invalid argument for option 'age-limit'")
    }
    return try Session.run(arguments) { flux in
        let isReal = arguments.has("force")
        if !ids.isEmpty {
            for (text, id) in ids {
                do {
                    try await flux.rpc("job-manager.purge-id", ["id": .int(id.json), "force": .int(isReal ? 1 : 0)])
                } catch { throw CommandError("purge: \(text): \(error)") }
            }
            print(isReal ? "purged \(ids.count) inactive jobs" : "use --force to purge \(ids.count) inactive jobs")
            return 0
        }
        var total: Int64 = 0
        while true {
            let answer = try await flux.query(
                "job-manager.purge",
                [
                    "age_limit": .real(age), "num_limit": .int(Int64(limit)), "batch": .int(Int64(batch)),
                    "force": .bool(isReal),
                ])
            let count = answer["count"]?.intValue ?? 0
            total += count
            if !isReal || count < Int64(batch) { break }
        }
        let left = try await flux.query("job-manager.stats-get")["inactive_jobs"]?.intValue ?? 0
        print(
            isReal
                ? "purged \(total) inactive jobs, \(left) remaining" : "use --force to purge \(total) of \(left) inactive jobs")
        return 0
    }
}
