internal import CommandKit
internal import Glibc
internal import RFC23FSD
internal import RFC29Hostlist
internal import RFC34Taskmap

let startCommand = Command(
    "start", "Start an instance", usage: "[OPTIONS] command ...", operands: 0...Int.max, stopsAtOperand: true,
    options: [
        .value("setattr", "S", "ATTR=VAL", "Set an attribute of the brokers"),
        .value("config-path", "c", "PATH", "Read the configuration from a file or folder"),
        .value("conf", nil, "VALUE", "Add to the configuration: KEY=VAL, a file, or TOML or JSON text"),
        .optional("recovery", "r", "TARGET", "Start from a state folder or a dump, to repair it"),
        .flag("sysconfig", nil, "Read the configuration of the system"),
        .optional("verbose", "v", "LEVEL", "Show the commands; 2 shows PMI too"),
        .flag("noexec", "X", "Do not run anything"),
        .value("broker-opts", "o", "OPTS", "Options for the brokers, with commas between them"),
        .value("wrap", nil, "ARGS,...", "Words in front of the broker's command"),
        .value("test-size", "s", "N", "Run an instance of N brokers here"),
        .value("test-hosts", nil, "HOSTLIST", "Names of the hosts that the brokers believe to be on"),
        .value("test-exit-timeout", nil, "FSD", "When to kill the others after a broker has ended (default 20s)"),
        .value("test-exit-mode", nil, "any|leader", "Whose end counts (default any)"),
        .value("test-start-mode", nil, "all|leader", "Which brokers to start (default all)"),
        .value("test-rundir", nil, "DIR", "The folder for sockets"),
        .flag("test-rundir-cleanup", nil, "Remove that folder at the end"),
        .value("test-pmi-clique", nil, "single|per-broker|none|TASKMAP", "Which brokers PMI says share a node"),
        .value("killer-timeout", nil, "FSD", ""),
    ]
) { arguments in
    let options = try StartOptions(arguments)
    FluxEnvironment.apply()
    let plan = try BrokerPlan(arguments, program: Installation.companion("flux-broker"))
    guard options.size != nil else {
        let words = plan.words(rundir: nil, statedir: nil, hostname: nil) + arguments.operands
        if arguments.level("verbose") >= 1 { printError("flux-start: \(words.joined(separator: " "))") }
        if arguments.has("noexec") { return 0 }
        throw Program.replace(with: words)
    }
    return try TestInstance.run(plan, options, command: arguments.operands)
}

/// What `flux start` was told about a test instance.
struct StartOptions {
    enum ExitMode: String { case any, leader }
    enum StartMode: String { case all, leader }

    /// Number of brokers; nil when this is no test instance.
    let size: Int?
    let exitTimeoutSeconds: Double
    let exitMode: ExitMode
    let startMode: StartMode
    let hosts: Hostlist?
    let rundir: String?
    let removesRundir: Bool
    /// Value of PMI_process_mapping; nil for none.
    let processMapping: String?
    let verbosity: Int
    let runsNothing: Bool

    init(_ arguments: Arguments) throws {
        guard let exitMode = ExitMode(rawValue: arguments.value("test-exit-mode") ?? "any") else {
            throw CommandError("unknown --test-exit-mode: \(arguments.value("test-exit-mode") ?? "")")
        }
        guard let startMode = StartMode(rawValue: arguments.value("test-start-mode") ?? "all") else {
            throw CommandError("unknown --test-start-mode: \(arguments.value("test-start-mode") ?? "")")
        }
        self.exitMode = exitMode
        self.startMode = startMode
        let timeout = arguments.value("test-exit-timeout") ?? arguments.value("killer-timeout") ?? "20s"
        guard let seconds = FluxDuration(timeout)?.seconds else {
            throw CommandError("flux-start: Invalid argument for option 'test-exit-timeout': '\(timeout)'")
        }
        exitTimeoutSeconds = seconds
        size = try arguments.integer("test-size")
        if let size, size <= 0 { throw CommandError("--test-size argument must be > 0") }
        if size == nil, let option = arguments.command.options.first(where: {
            $0.name.hasPrefix("test-") && arguments.has($0.name)
        }) { throw CommandError("--\(option.name) only works with --test-size") }

        rundir = arguments.value("test-rundir")
        removesRundir = rundir == nil || arguments.has("test-rundir-cleanup")
        verbosity = arguments.level("verbose")
        runsNothing = arguments.has("noexec")
        hosts = try arguments.value("test-hosts").map { text in
            guard let hosts = Hostlist(text) else { throw CommandError("could not decode --test-hosts hostlist") }
            return hosts
        }
        if let hosts, hosts.count != size { throw CommandError("--test-hosts hostlist has incorrect size") }
        processMapping = try Self.processMapping(arguments.value("test-pmi-clique") ?? "single", size: size ?? 1)
    }

    private static func processMapping(_ text: String, size: Int) throws -> String? {
        switch text {
        case "none": return nil
        case "single": return "(vector,(0,1,\(size)))"
        case "per-broker": return "(vector,(0,\(size),1))"
        default:
            do {
                guard let mapping = try Taskmap(parsing: text).formatted(.pmi), !mapping.isEmpty else { return nil }
                return mapping
            } catch {
                throw CommandError("test-pmi-clique: \(error)")
            }
        }
    }
}

/// How a broker is called.
struct BrokerPlan {
    private let head: [String]
    private let tail: [String]

    init(_ arguments: Arguments, program: String) throws {
        head = arguments.list("wrap") + [program]
        var tail = arguments.values("setattr").map { "-S\($0)" } + arguments.list("broker-opts")
        var configPath: String?
        if arguments.has("recovery") {
            let target = arguments.value("recovery")
            tail += [
                "-Sbroker.recovery-mode=1", "-Sbroker.quorum=1", "-Sbroker.module-nopanic=1", "-Slog-stderr-level=5",
                try Self.recoverySource(target ?? "/var/lib/flux"),
            ]
            if target == nil { configPath = Self.systemConfig }
        }
        if arguments.has("sysconfig") { configPath = Self.systemConfig }
        if let path = arguments.value("config-path") {
            if configPath != nil {
                printError("flux-start: Warning: overriding recovery/--sysconfig path with \(path)")
            }
            configPath = path
        }
        if let configPath { tail.append("-c\(configPath)") }
        tail += arguments.values("conf").map { "--conf=\($0)" }
        self.tail = tail
    }

    private static let systemConfig = "/etc/flux/system/conf.d"

    private static func recoverySource(_ path: String) throws(CommandError) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { throw CommandError("\(path): \(SystemText.of(errno))") }
        guard status.st_mode & S_IFMT == S_IFDIR else { return "-Scontent.restore=\(path)" }
        guard status.st_uid == getuid() else { throw CommandError("\(path): not owned by you") }
        guard status.st_mode & 0o700 == 0o700 else { throw CommandError("\(path): no access") }
        let store = "\(path)/content.sqlite"
        guard access(store, F_OK) == 0 else { throw CommandError("\(store): \(SystemText.of(errno))") }
        guard access(store, R_OK) == 0 else { throw CommandError("\(store): no read permission") }
        guard access(store, W_OK) == 0 else { throw CommandError("\(store): no write permission") }
        return "-Sstatedir=\(path)"
    }

    /// Whether the user has said where the leader keeps its state, or whether it is kept.
    var namesStatedir: Bool {
        tail.contains { word in
            ["-Sstatedir", "--setattr=statedir"].contains { word.hasPrefix("\($0)=") || word.hasPrefix("\($0)-cleanup=") }
        }
    }

    /// The words of one broker, without the initial program.
    ///
    /// - Parameter statedir: a folder that whoever starts the broker removes at the end.
    func words(rundir: String?, statedir: String?, hostname: String?) -> [String] {
        head + tail + (rundir.map { ["--setattr=rundir=\($0)"] } ?? [])
            + (statedir.map { ["--setattr=statedir=\($0)", "--setattr=statedir-cleanup=1"] } ?? [])
            + (hostname.map { ["--setattr=hostname=\($0)"] } ?? [])
    }
}
