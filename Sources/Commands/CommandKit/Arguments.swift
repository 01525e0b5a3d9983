internal import RFC23FSD

/// A command line that was read: options and operands of one verb.
public struct Arguments: Sendable {
    public let command: Command
    /// `flux-NAME`, for messages.
    public let program: String
    /// What usage lines begin with.
    public let title: String
    /// Words that are no options.
    public internal(set) var operands: [String] = []
    var occurrences: [(name: String, value: String?)] = []

    init(command: Command, program: String, title: String) {
        self.command = command
        self.program = program
        self.title = title
    }

    /// Whether an option was given.
    public func has(_ name: String) -> Bool { occurrences.contains { $0.name == name } }

    /// How often an option was given.
    public func count(_ name: String) -> Int { occurrences.count { $0.name == name } }

    /// The last value of an option.
    public func value(_ name: String) -> String? { occurrences.last { $0.name == name }?.value }

    /// All values of an option, in order.
    public func values(_ name: String) -> [String] { occurrences.filter { $0.name == name }.compactMap(\.value) }

    /// All words of an option whose values may be lists with commas.
    public func list(_ name: String) -> [String] {
        values(name).flatMap { $0.split(separator: ",").map(String.init) }
    }

    /// A verbosity: `-vv`, `-v2` or `--verbose=2`.
    public func level(_ name: String) -> Int {
        occurrences.filter { $0.name == name }.reduce(0) { sum, item in
            guard let value = item.value else { return sum + 1 }
            return Int(value) ?? sum + 1 + value.count
        }
    }

    /// The value of an option as a whole number.
    ///
    /// - Throws: ``CommandError`` in the words that scripts know.
    public func integer(_ name: String) throws -> Int? {
        guard let text = value(name) else { return nil }
        let isPython = command.manners == .python
        if let number = Int(text), isPython || Int32(exactly: number) != nil { return number }
        guard isPython else { throw optionError("Option '\(name)' requires an integer argument") }
        throw UsageError(.usage, "argument \(option(name)?.title ?? name): invalid int value: '\(text)'")
    }

    /// The value of an option as a duration, in seconds; `inf` is infinity.
    ///
    /// - Throws: ``CommandError`` in the words that scripts know.
    public func duration(_ name: String) throws -> Double? {
        guard let text = value(name) else { return nil }
        if let duration = FluxDuration(text) { return duration.seconds }
        guard command.manners == .python else { throw optionError("Invalid argument for option '\(name)': '\(text)'") }
        throw CommandError("invalid Flux standard duration")
    }

    /// The value of an option as a number of bytes: digits and perhaps `k`, `M`, `G` … of 1024 each.
    ///
    /// - Throws: ``CommandError`` in the words that scripts know.
    public func size(_ name: String) throws(CommandError) -> Int? {
        guard let text = value(name) else { return nil }
        if let size = ByteSize.parse(text) { return size }
        throw optionError("invalid argument for option '\(name)': \(text): Invalid argument")
    }

    /// What is wrong with the value of an option: the program, the verb, the reason.
    public func optionError(_ text: String) -> CommandError {
        CommandError("\(title): \(title == program ? program : command.name): \(text)", isBare: true)
    }

    private func option(_ name: String) -> Option? { command.options.first { $0.name == name } }

    /// Throws the error of a wrong number of operands.
    public func requireOperands(_ range: ClosedRange<Int>) throws {
        guard !range.contains(operands.count) else { return }
        throw UsageError(.usage)
    }
}
