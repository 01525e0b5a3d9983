internal import CommandKit
internal import Glibc
internal import RFC22Idset

/// `flux pmi`: a program of a parallel job that only talks to its process manager.
let pmiCommand = Command(
    "pmi", "Simple PMI test client", .builtin, usage: "[OPTIONS] COMMAND ARGS", operands: 0...Int.max,
    stopsAtOperand: true,
    options: [
        .value("method", nil, "URI", "The way to the process manager: simple or single"),
        .optional("verbose", "v", "LEVEL", "Trace the operations"),
        .value("timeout", "t", "FSD", "Give up after a time"),
        // For flux-core's other methods; there is no library to be looked for here.
        .flag("libpmi-noflux", nil, ""), .flag("libpmi2-cray", nil, ""),
    ]
) { general in
    if let seconds = try general.duration("timeout"), seconds.isFinite {
        var time = itimerval()
        time.it_value.tv_sec = Int(seconds)
        time.it_value.tv_usec = Int((seconds - seconds.rounded(.down)) * 1e6)
        signal(SIGALRM) { _ in
            let text: StaticString = "flux-pmi: timeout expired before PMI operation completed\n"
            Glibc.write(2, text.utf8Start, text.utf8CodeUnitCount)
            _exit(1)
        }
        setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &time, nil)
    }
    let method = general.value("method"), isTraced = general.level("verbose") > 0
    // The verbs read what stands behind the options of the group.
    let verbs = Command(
        "pmi", "Simple PMI test client", .builtin,
        subcommands: [
            Command(
                "barrier", "Execute PMI barrier", .builtin, options: [
                    .value("test-count", nil, "N", "Do it N times"),
                    .value("test-abort", nil, "RANK", "RANK aborts instead"),
                    .flag("test-timing", nil, "Tell how long it took"),
                ]
            ) { try barrier($0, try PMIConnection(method: method, isTraced: isTraced)) },
            Command(
                "exchange", "Perform an allgather style exchange", .builtin,
                options: [.value("count", nil, "N", "Do it N times")]
            ) { try exchange($0, try PMIConnection(method: method, isTraced: isTraced)) },
            Command(
                "get", "Get PMI KVS key", .builtin, usage: "[OPTIONS] [KEY...]", operands: 0...Int.max,
                options: [.value("ranks", nil, "{IDSET|all}", "The ranks that print (default 0)")]
            ) { try get($0, try PMIConnection(method: method, isTraced: isTraced)) },
        ])
    return verbs.run(general.operands)
}

private var label: String { Environment["FLUX_JOB_CC"] ?? Environment["FLUX_JOB_ID"] ?? "0" }

private func barrier(_ arguments: Arguments, _ pmi: PMIConnection) throws -> Int32 {
    if arguments.has("test-timing") { try pmi.barrier() }
    if let rank = try arguments.integer("test-abort"), rank == pmi.rank {
        try pmi.abort("flux-pmi: rank \(rank) is aborting")
    }
    for _ in 0..<max(0, try arguments.integer("test-count") ?? 1) {
        let start = Format.monotonic
        try pmi.barrier()
        guard pmi.rank == 0 else { continue }
        let time = arguments.has("test-timing") ? " in \(Format.fixed(Format.monotonic - start, 3))s." : ""
        print("\(label): completed pmi barrier on \(pmi.size) tasks\(time)")
        flushOutput()
    }
    try pmi.finalize()
    return 0
}

private func exchange(_ arguments: Arguments, _ pmi: PMIConnection) throws -> Int32 {
    try pmi.barrier()
    for _ in 0..<max(0, try arguments.integer("count") ?? 1) {
        let start = Format.monotonic
        func value(of rank: Int) -> String { "\(pmi.name)-\(rank)-\(pmi.size)" }
        try pmi.put("key.\(pmi.rank)", value(of: pmi.rank))
        try pmi.barrier()
        for rank in 0..<pmi.size where try pmi.get("key.\(rank)") != value(of: rank) {
            throw CommandError("get key.\(rank): returned unexpected value")
        }
        // The time is that of all ranks.
        try pmi.barrier()
        guard pmi.rank == 0 else { continue }
        let seconds = Format.fixed(Format.monotonic - start, 3)
        print("\(label): completed pmi exchange on \(pmi.size) tasks in \(seconds)s.")
        flushOutput()
    }
    try pmi.finalize()
    return 0
}

private func get(_ arguments: Arguments, _ pmi: PMIConnection) throws -> Int32 {
    let text = arguments.value("ranks") ?? "0"
    var ranks: Idset?
    if text != "all" {
        guard let set = Idset(text) else { throw CommandError("could not decode --ranks argument") }
        ranks = set
    }
    if ranks?.contains(UInt32(clamping: pmi.rank)) ?? true {
        for key in arguments.operands { print(try pmi.get(key)) }
    }
    try pmi.finalize()
    return 0
}
