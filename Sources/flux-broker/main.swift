internal import ArgumentParser
internal import Broker
internal import Glibc
internal import Service

/// `flux-broker`: the thin main around ``Broker/BrokerStartup``.
struct FluxBroker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flux-broker", abstract: "Run one broker of a Flux instance")

    @Option(name: [.customShort("S", allowingJoined: true), .customLong("setattr")], help: "Set a broker attribute.")
    var setattr: [String] = []

    @Option(name: [.customShort("c", allowingJoined: true), .customLong("config-path")], help: "Read the configuration from a file or directory.")
    var configPath: String?

    @Option(help: "Add to the configuration: a file, KEY=VAL, or TOML or JSON text.")
    var conf: [String] = []

    @Flag(name: .customShort("v"), help: "Log to standard error; twice for debug messages.")
    var verboseCount: Int

    @Option(help: "Log to standard error: 1 for informational, 2 for debug messages.")
    var verbose: Int = 0

    @Argument(help: "The initial program and its arguments.")
    var command: [String] = []

    func run() throws {
        var options = BrokerOptions()
        options.attributes = setattr.map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
        options.configPath = configPath
        options.configValues = conf
        options.verbosity = max(verbose, verboseCount)
        options.command = command
        let startup = BrokerStartup(
            options: options, environment: processEnvironment(), factories: Services.factories,
            version: "0.88.0", placement: { Services.reactor(for: $0) })
        throw ExitCode(startup.run())
    }
}

func processEnvironment() -> [String: String] {
    var result: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
        let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
        entry += 1
    }
    return result
}

/// Brings the words into the form that the parser understands: a value joined to a short option (`-Srank=0`) becomes
/// a word of its own, and `--` comes before the first word that is no option, which begins the initial program.
func normalized(_ arguments: [String]) -> [String] {
    let short: Set = ["-S", "-c"]
    let long: Set = ["--setattr", "--config-path", "--conf", "--verbose"]
    var result: [String] = []
    var index = 0
    while index < arguments.count {
        let word = arguments[index]
        if word == "--" { return result + arguments[index...] }
        guard word.hasPrefix("-"), word != "-" else { return result + ["--"] + arguments[index...] }
        let head = String(word.prefix(2))
        if short.contains(head), word.count > 2 {
            result += [head, String(word.dropFirst(2))]
        } else {
            result.append(word)
            if short.contains(word) || long.contains(word), index + 1 < arguments.count {
                index += 1
                result.append(arguments[index])
            }
        }
        index += 1
    }
    return result
}

FluxBroker.main(normalized(Array(CommandLine.arguments.dropFirst())))
