internal import Broker
internal import CommandKit
internal import Glibc
internal import Service

/// `flux-broker`: the thin main around ``Broker/BrokerStartup``.
let broker = Command(
    "broker", "Run one broker of a Flux instance", usage: "[OPTIONS] [COMMAND [ARGS...]]", operands: 0...Int.max,
    stopsAtOperand: true,
    options: [
        .value("setattr", "S", "ATTR=VAL", "Set a broker attribute"),
        .value("config-path", "c", "PATH", "Read the configuration from a file or directory"),
        .value("conf", nil, "VALUE", "Add to the configuration: a file, KEY=VAL, or TOML or JSON text"),
        ConfigurationReader.option, TopologyReader.option,
        .optional("verbose", "v", "LEVEL", "Log to standard error: 1 for informational, 2 for debug messages"),
    ]
) { arguments in
    if let path = arguments.value("read-topology") { return try TopologyReader.run(path) }
    if let path = arguments.value("read-config") { return try ConfigurationReader.run(path) }
    var options = BrokerOptions()
    options.attributes = arguments.values("setattr").map { text in
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    }
    options.configPath = arguments.value("config-path")
    options.configValues = arguments.values("conf")
    options.verbosity = arguments.level("verbose")
    options.command = arguments.operands
    let startup = BrokerStartup(
        options: options, environment: Environment.all, factories: Services.factories,
        version: Installation.version, placement: { Services.reactor(for: $0) })
    return startup.run()
}

exit(broker.run(Array(CommandLine.arguments.dropFirst())))
