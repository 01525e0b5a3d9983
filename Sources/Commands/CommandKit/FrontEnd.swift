internal import Client
internal import Glibc
internal import Reactor

/// `flux` itself: its own options, then a verb of ours, a program `flux-VERB`, or a path.
public struct FrontEnd: Sendable {
    private let families: [any Family.Type]

    public init(families: [any Family.Type]) { self.families = families }

    private static let options: [Option] = [
        .flag("verbose", "v", "Show the environment and where commands are looked for"),
        .flag("version", "V", "Show versions"),
        .flag("parent", "p", "Talk to the enclosing instance"),
        .flag("root", "r", "Talk to the outermost instance"),
    ]

    /// - Parameter words: the whole command line.
    /// - Returns: the exit status.
    public func run(_ words: [String]) -> Int32 {
        let command = Command(
            "flux", "", .builtin, usage: "[OPTIONS] COMMAND ARGS", operands: 0...Int.max, stopsAtOperand: true,
            options: Self.options
        ) { _ in 0 }
        let arguments: Arguments
        do {
            arguments = try Arguments(Array(words.dropFirst()), for: command, below: nil)
        } catch {
            printError("flux: unrecognized option '\(error.text.split(separator: " ").first ?? "")'")
            printError("Try `flux --help' for more information.")
            return 1
        }
        if arguments.has("help") {
            printError(Overview.text, terminator: "")
            return 0
        }
        if arguments.has("version") { return dispatch("version", []) }
        guard let verb = arguments.operands.first else {
            printError(Overview.text, terminator: "")
            return 1
        }
        do {
            try enterParent(arguments)
        } catch {
            printError("flux: \(error)")
            return 1
        }
        if arguments.has("verbose") {
            for (name, value) in FluxEnvironment.variables() { print("\(name)=\(value)") }
        }
        return dispatch(verb, Array(arguments.operands.dropFirst()))
    }

    private func dispatch(_ verb: String, _ words: [String]) -> Int32 {
        if verb == "help" { return help(words.first) }
        if let command = command(named: verb) { return command.run(words) }
        return runForeign(verb, words)
    }

    private func command(named name: String) -> Command? {
        for family in families { if let command = family.command(named: name) { return command } }
        return nil
    }

    private func help(_ topic: String?) -> Int32 {
        guard let topic else {
            printError(Overview.text, terminator: "")
            return 0
        }
        if let command = command(named: topic) {
            print(command.help(below: nil), terminator: "")
            return 0
        }
        printError("flux: no help on \(topic)")
        return 1
    }

    // MARK: Programs of others

    private func runForeign(_ verb: String, _ words: [String]) -> Int32 {
        FluxEnvironment.apply()
        if verb.contains("/") {
            printError("flux: \(Program.replace(with: [verb] + words))")
            return 1
        }
        let folders = (Environment["FLUX_EXEC_PATH"] ?? "").split(separator: ":")
            + (Environment["PATH"] ?? "/bin:/usr/bin").split(separator: ":")
        for folder in folders where folder != Installation.folder[...] || !Overview.knows(verb) {
            let path = "\(folder)/flux-\(verb)"
            for candidate in [path, "\(path).py"] where Program.isExecutable(candidate) {
                printError("flux: \(Program.replace(with: [candidate] + words))")
                return 1
            }
        }
        if Overview.knows(verb) {
            printError("flux-\(verb): this command is not built yet")
            return 1
        }
        printError("flux: `\(verb)' is not a flux command.  See 'flux --help'")
        if let similar = Overview.similar(to: verb) {
            printError("flux: The most similar command is")
            printError("flux: \t\(similar)")
        }
        return 1
    }

    // MARK: Enclosing instances

    private func enterParent(_ arguments: Arguments) throws {
        var steps = arguments.count("parent")
        if arguments.has("root") { steps = Int.max }
        let reactor = steps > 0 ? try Reactor() : nil
        while steps > 0, let reactor {
            let parent: String? = try reactor.run {
                let flux = try Handle.open(on: reactor)
                let level = try await flux.attribute("instance-level")
                guard level != "0" else { return nil }
                return try await flux.attribute("parent-uri")
            }
            guard let parent else { return }
            Environment["FLUX_URI"] = parent
            Environment["FLUX_KVS_NAMESPACE"] = nil
            steps -= 1
        }
    }
}
