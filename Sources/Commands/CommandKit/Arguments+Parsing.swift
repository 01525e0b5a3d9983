extension Arguments {
    /// Reads the words behind a command's name.
    ///
    /// Options may stand among the operands unless the command stops at the first of them; `--` ends the options.
    /// Values may be joined to an option: `-n4`, `-Sname=value`, `--count=3`.
    ///
    /// - Throws: ``UsageError``.
    package init(_ words: [String], for command: Command, below parent: String? = nil) throws(UsageError) {
        self.init(
            command: command, program: command.program(below: parent), title: command.title(below: parent))
        guard !command.readsOwnWords else {
            operands = words
            return
        }
        var rest = words[...]
        var unknown: [String] = []
        while let word = rest.popFirst() {
            if word == "--" {
                operands += rest
                break
            } else if word.hasPrefix("--") {
                try readLong(word, &rest, &unknown)
            } else if word.hasPrefix("-"), word != "-", !isNegativeOperand(word) {
                try readShort(word, &rest, &unknown)
            } else if command.stopsAtOperand {
                operands = [word] + rest
                break
            } else {
                operands.append(word)
            }
        }
        guard !has("help") else { return }
        if !unknown.isEmpty { throw UsageError(.unknownOption, unknown.joined(separator: " ")) }
        if !command.operands.contains(operands.count), command.subcommands.isEmpty {
            if command.manners == .python, operands.count > command.operands.upperBound {
                let extra = operands[command.operands.upperBound...].joined(separator: " ")
                throw UsageError(.usage, "unrecognized arguments: \(extra)")
            }
            throw UsageError(.usage, missingOperandText)
        }
    }

    private var isPython: Bool { command.manners == .python }

    private var missingOperandText: String {
        let names = command.usage.split(separator: " ").map(String.init)
            .filter { !$0.hasPrefix("[") && !$0.hasSuffix("]") }
            .map { $0.hasSuffix("...") ? String($0.dropLast(3)) : $0 }
        return "the following arguments are required: \(names.dropFirst(operands.count).joined(separator: ", "))"
    }

    /// A number below zero can be an operand where no option is a digit.
    private func isNegativeOperand(_ word: String) -> Bool {
        Double(word) != nil && (isPython || !operands.isEmpty)
    }

    private var helpOption: Option { .flag("help", "h", "Display this message.") }

    private func option(long name: Substring) -> Option? {
        let known = command.options + [helpOption]
        if let exact = known.first(where: { $0.longNames.contains { $0 == name } }) { return exact }
        guard !isPython, !name.isEmpty else { return nil }
        let candidates = known.filter { $0.longNames.contains { $0.hasPrefix(name) } }
        return candidates.count == 1 ? candidates[0] : nil
    }

    private mutating func readLong(
        _ word: String, _ rest: inout ArraySlice<String>, _ unknown: inout [String]
    ) throws(UsageError) {
        let body = word.dropFirst(2)
        let equal = body.firstIndex(of: "=")
        guard let option = option(long: body[..<(equal ?? body.endIndex)]) else {
            unknown.append(word)
            return
        }
        if let equal {
            if option.argument == .none {
                let value = String(body[body.index(after: equal)...])
                if isPython {
                    throw UsageError(.usage, "argument \(option.title): ignored explicit argument '\(value)'")
                }
                unknown.append(word)
                return
            }
            occurrences.append((option.name, String(body[body.index(after: equal)...])))
        } else {
            try take(option, word, &rest)
        }
    }

    /// A cluster of letters; the first that wants a value gets the rest of the word.
    private mutating func readShort(
        _ word: String, _ rest: inout ArraySlice<String>, _ unknown: inout [String]
    ) throws(UsageError) {
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            guard let option = (command.options + [helpOption]).first(where: { $0.letter == letter }) else {
                unknown.append("-\(letter)" + (isPython ? letters : ""))
                if isPython { return }
                continue
            }
            if option.argument == .none {
                occurrences.append((option.name, nil))
            } else if letters.isEmpty {
                try take(option, "-\(letter)", &rest)
            } else {
                if isPython, letters.first == "=" { letters = letters.dropFirst() }
                occurrences.append((option.name, String(letters)))
                return
            }
        }
    }

    /// Takes an option that has no joined value, with the next word where it needs one.
    private mutating func take(
        _ option: Option, _ word: String, _ rest: inout ArraySlice<String>
    ) throws(UsageError) {
        switch option.argument {
        case .none:
            occurrences.append((option.name, nil))
        case .optional:
            if isPython, let next = rest.first, isValue(next) {
                rest = rest.dropFirst()
                occurrences.append((option.name, next))
            } else {
                occurrences.append((option.name, nil))
            }
        case .required:
            guard let next = rest.first, !isPython || isValue(next) else {
                throw isPython
                    ? UsageError(.usage, "argument \(option.title): expected one argument")
                    : UsageError(.message, "'\(word)' missing argument")
            }
            rest = rest.dropFirst()
            occurrences.append((option.name, next))
        }
    }

    private func isValue(_ word: String) -> Bool {
        !word.hasPrefix("-") || word == "-" || Double(word) != nil || word.contains(" ")
    }
}
