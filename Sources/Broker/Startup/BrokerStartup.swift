internal import CSystemShims
internal import Client
package import Config
package import FluxJSON
internal import Glibc
package import Reactor
package import Service

/// What the command line of `flux broker` says.
package struct BrokerOptions: Sendable {
    package var attributes: [(name: String, value: String)] = []
    package var configPath: String?
    package var configValues: [String] = []
    package var verbosity = 0
    package var command: [String] = []
    package init() {}
}

/// Makes a broker out of a command line and an environment, and runs it to its end.
package struct BrokerStartup {
    package let options: BrokerOptions
    package let environment: [String: String]
    package let factories: [ServiceFactory]
    /// On which reactor each module lives; nil for the broker's own.
    package let placement: @Sendable (String) -> Reactor?
    /// What `version` shows.
    package let version: String

    package init(
        options: BrokerOptions, environment: [String: String], factories: [ServiceFactory], version: String,
        placement: @escaping @Sendable (String) -> Reactor?
    ) {
        self.options = options
        self.environment = environment
        self.factories = factories
        self.version = version
        self.placement = placement
    }

    /// - Returns: the exit code of the broker.
    package func run() -> Int32 {
        do {
            return try runBroker()
        } catch {
            printError("flux-broker: \(error)")
            return 1
        }
    }

    private func runBroker() throws -> Int32 {
        let reactor = try Reactor()
        let userID = UInt32(getuid())
        signal(SIGPIPE, SIG_IGN)
        raiseDescriptorLimit()
        var attributes = AttributeTable()
        for (name, value) in options.attributes { try attributes.setFromCommandLine(name, value) }
        let configuration = try loadConfiguration(&attributes)
        if let hint = environment["FLUX_IPADDR_INTERFACE"] ?? environment["FLUX_IPADDR_HOSTNAME"].map({ _ in "hostname" }) {
            attributes.putDefault("tbon.interface-hint", hint)
        }

        let hostname = attributes["hostname"] ?? Self.hostname()
        var boot = try Boot.choose(
            environment: environment, configuration: configuration, attributes: attributes, hostname: hostname,
            uuid: reactor.makeUUID())
        var directories = BrokerDirectories()
        var keeps: (rundir: Bool?, statedir: Bool?) = (nil, nil)
        defer { directories.cleanUp(rundir: keeps.rundir, statedir: keeps.statedir) }
        try prepareDirectories(&directories, &attributes, rank: boot.result.rank, userID: userID)
        try boot.connect(&attributes, rundir: directories.rundir, reactor: reactor)

        putDefaults(&attributes, boot: boot.result, hostname: hostname, userID: userID, wallTime: reactor.wallTime)
        flux_set_thread_name("flux-broker-\(boot.result.rank)")

        var settings = BrokerSettings(
            attributes: attributes, configuration: configuration, command: options.command, factories: factories)
        settings.placement = placement
        if let path = options.configPath ?? environment["FLUX_CONF_DIR"] {
            settings.reloadConfiguration = { try Configuration.load(path: path) }
        }
        let logFile = attributes["log-filename"]
        try attributes.check(size: boot.result.size)
        keeps = (attributes["rundir-cleanup"] == "1", attributes["statedir-cleanup"] == "1")
        if let logFile, !appendLine("", to: logFile) {
            throw BrokerDirectories.Failure(description: "\(logFile): \(String(cString: strerror(errno)))")
        }
        var host = BrokerHost(
            userID: userID, processID: getpid(), environment: environment,
            programPath: Self.companion("flux-broker"),
            printError: { printError($0) },
            appendToLogFile: { line in if let logFile { _ = appendLine(line + "\n", to: logFile) } },
            hasConnector: true, ownsProcess: true)
        host.installation = Installation.values(programPath: host.programPath, environment: environment)
        let network = try boot.makeNetwork(attributes, reactor: reactor)
        let broker = try Broker(settings: settings, host: host, boot: boot.result, network: network, reactor: reactor)
        let deadly = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGALRM]
        _ = try reactor.watchSignals(deadly) { signal in broker.assumeIsolated { $0.receive(signal: signal) } }
        let code = try reactor.run { await broker.run() }
        if getpgrp() == getpid() {
            signal(SIGHUP, SIG_IGN)
            kill(0, SIGHUP)
        }
        return code
    }

    private func loadConfiguration(_ attributes: inout AttributeTable) throws -> JSON {
        var result: JSON = .object([:])
        if let path = options.configPath ?? environment["FLUX_CONF_DIR"] {
            result = try Configuration.load(path: path)
            attributes.putDefault("config.path", path)
        }
        for value in options.configValues {
            result = Configuration.merge(try Configuration.load(option: value), over: result)
        }
        return result
    }

    private func prepareDirectories(
        _ directories: inout BrokerDirectories, _ attributes: inout AttributeTable, rank: UInt32, userID: UInt32
    ) throws {
        let temporary = environment["TMPDIR"]
        let isNewRundir = try directories.prepareRundir(attributes["rundir"], temporary: temporary, userID: userID)
        attributes.put("rundir", directories.rundir)
        attributes.putDefault("rundir-cleanup", isNewRundir ? "1" : "0")
        directories.linkCommand(environment["FLUX_COMMAND_PATH"] ?? Self.companion("flux"))
        attributes.putDefault("local-uri", "local://\(directories.rundir)/local-\(rank)")
        try BrokerDirectories.check(localURI: attributes["local-uri"] ?? "", userID: userID)
        if rank == 0 {
            let isNew = try directories.prepareStatedir(attributes["statedir"], temporary: temporary, userID: userID)
            attributes.put("statedir", directories.statedir)
            attributes.putDefault("statedir-cleanup", isNew ? "1" : "0")
        }
    }

    private func putDefaults(
        _ attributes: inout AttributeTable, boot: BootResult, hostname: String, userID: UInt32, wallTime: Double
    ) {
        attributes.put("rank", "\(boot.rank)")
        attributes.put("size", "\(boot.size)")
        attributes.put("version", version)
        attributes.put("security.owner", "\(userID)")
        attributes.put("broker.pid", "\(getpid())")
        attributes.put("broker.uuid", boot.uuid)
        attributes.put("broker.starttime", Self.hundredths(wallTime))
        attributes.putDefault("broker.quorum", "\(boot.size)")
        attributes.putDefault("hostname", hostname)
        let isJob = attributes["jobid"] != nil
        attributes.putDefault("parent-uri", isJob ? environment["FLUX_URI"] : nil)
        if isJob, let namespace = environment["FLUX_KVS_NAMESPACE"] {
            attributes.put("parent-kvs-namespace", namespace)
        }
        attributes.putDefault("instance-level", "0")
        attributes.putDefault("jobid-path", isJob ? environment["FLUX_JOB_ID_PATH"] ?? "/" : "/")
        attributes.putDefault("conf.shell_initrc", "")
        attributes.putDefault("conf.shell_pluginpath", "")
        if options.verbosity > 0 {
            attributes.putDefault("log-stderr-mode", "local")
            attributes.putDefault("log-stderr-level", options.verbosity == 1 ? "6" : "7")
        }
        if boot.rank != 0 { attributes.put("log-filename", nil) }
        attributes.putFixedDefaults()
    }

    /// `1795229621.67`
    static func hundredths(_ seconds: Double) -> String {
        let hundredths = Int64((seconds * 100).rounded())
        let fraction = String(hundredths % 100)
        return "\(hundredths / 100).\(fraction.count < 2 ? "0" : "")\(fraction)"
    }

    static func hostname() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        gethostname(&buffer, 255)
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The path of a program beside this one.
    static func companion(_ name: String) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, 4095)
        guard count > 0 else { return name }
        let path = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let slash = path.lastIndex(of: "/") else { return name }
        return "\(path[...slash])\(name)"
    }

    private func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(7), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(7), &limit)
    }
}

/// Writes one line to standard error in one call, so that lines of several brokers do not mix.
func printError(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
}

/// - Returns: false when the file cannot be written, with the reason in `errno`.
private func appendLine(_ text: String, to path: String) -> Bool {
    guard let file = fopen(path, "ae") else { return false }
    fputs(text, file)
    fclose(file)
    return true
}
