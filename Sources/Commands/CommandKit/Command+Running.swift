internal import Client
internal import Glibc

extension Command {
    /// Reads the words behind the name, runs the verb, reports errors.
    ///
    /// - Returns: the exit status.
    public func run(_ words: [String]) -> Int32 { run(words, below: nil) }

    private func run(_ words: [String], below parent: String?) -> Int32 {
        do throws(UsageError) {
            let arguments = try Arguments(words, for: self, below: parent)
            if arguments.has("help") {
                show(help(below: parent))
                return subcommands.isEmpty || manners != .program ? 0 : 1
            }
            guard subcommands.isEmpty else { return runSubcommand(arguments, below: parent) }
            return perform(arguments, below: parent)
        } catch {
            return report(error, below: parent)
        }
    }

    private func runSubcommand(_ arguments: Arguments, below parent: String?) -> Int32 {
        let path = parent.map { "\($0) \(name)" } ?? name
        guard let verb = arguments.operands.first else {
            switch manners {
            case .python: return report(UsageError(.usage, "the following arguments are required: subcommand"), below: parent)
            case .builtin: printError("\(title(below: parent)): missing subcommand")
            case .program:
                if parent != nil || name == "module" { printError("\(title(below: parent)): missing subcommand") }
            }
            show(help(below: parent))
            return 1
        }
        guard let command = subcommands.first(where: { $0.name == verb }) else {
            switch manners {
            case .python:
                let known = subcommands.map { "'\($0.name)'" }.joined(separator: ", ")
                return report(
                    UsageError(.usage, "argument subcommand: invalid choice: '\(verb)' (choose from \(known))"),
                    below: parent)
            case .builtin: printError("\(title(below: parent)): Unknown subcommand: \(verb)")
            case .program:
                if name == "module" || name == "event" { printError("\(program(below: parent)): Unknown subcommand: \(verb)") }
            }
            show(help(below: parent))
            return 1
        }
        let words = Array(arguments.operands.dropFirst())
        if manners == .python, let unknown = command.unknownWords(words, below: path) {
            // What nobody knows is the complaint of the whole program there.
            return report(UsageError(.usage, "unrecognized arguments: \(unknown)"), below: parent)
        }
        return command.run(words, below: path)
    }

    private func unknownWords(_ words: [String], below parent: String?) -> String? {
        do {
            _ = try Arguments(words, for: self, below: parent)
            return nil
        } catch {
            if error.kind == .unknownOption { return error.text }
            let prefix = "unrecognized arguments: "
            return error.text.hasPrefix(prefix) ? String(error.text.dropFirst(prefix.count)) : nil
        }
    }

    private func perform(_ arguments: Arguments, below parent: String?) -> Int32 {
        do {
            return try action(arguments)
        } catch let error as UsageError {
            return report(error, below: parent)
        } catch let error as CommandError {
            if !error.description.isEmpty {
                printError(error.isBare ? error.description : prefix(below: parent) + error.description)
            }
            return error.exitCode
        } catch let error as OpenError {
            if manners == .python {
                printError("\(prefix(below: parent))Unable to connect to Flux: \(error)")
            } else {
                let name = manners == .builtin ? "flux" : program(below: parent)
                printError("\(name): flux_open: \(SystemText.of(error.errnum))")
            }
            return 1
        } catch {
            printError("\(prefix(below: parent))\(error)")
            return 1
        }
    }

    private func prefix(below parent: String?) -> String {
        let top = parent.map { String($0.prefix { $0 != " " }) } ?? name
        return manners == .python ? "flux-\(top): ERROR: " : "flux-\(top): "
    }

    private func show(_ text: String) {
        if manners == .python { print(text, terminator: "") } else { printError(text, terminator: "") }
    }

    private func report(_ error: UsageError, below parent: String?) -> Int32 {
        let title = title(below: parent)
        if manners == .python {
            printError("usage: \(usageLine(below: parent))")
            let text = error.kind == .unknownOption ? "unrecognized arguments: \(error.text)" : error.text
            printError("\(title): error: \(text)")
            return 2
        }
        switch error.kind {
        case .unknownOption:
            let first = error.text.split(separator: " ").first.map(String.init) ?? ""
            printError("\(title): unrecognized option '\(first)'")
            printError("Try `\(title) --help' for more information.")
        case .message: printError("\(title): \(error.text)")
        case .usage: printError(help(below: parent), terminator: "")
        }
        return 1
    }
}
