extension Command {
    /// The usage line with `[OPTIONS]` and operands.
    func usageLine(below parent: String?) -> String {
        if manners == .python, !subcommands.isEmpty {
            let head = "\(title(below: parent)) [-h]"
            let names = "{\(subcommands.map(\.name).joined(separator: ","))}"
            if "usage: \(head) \(names) ...".count <= 78 { return "\(head) \(names) ..." }
            let indent = String(repeating: " ", count: "usage: \(title(below: parent)) ".count)
            return "\(head)\n\(indent)\(names)\n\(indent)..."
        }
        return usage.isEmpty ? title(below: parent) : "\(title(below: parent)) \(usage)"
    }

    /// What `--help` shows.
    func help(below parent: String?) -> String {
        var lines: [String] = []
        if manners == .python {
            lines.append("usage: \(usageLine(below: parent))")
            if !abstract.isEmpty { lines += ["", abstract] }
            lines += ["", "options:"]
        } else if subcommands.isEmpty || (manners == .program && parent == nil) {
            lines.append("Usage: \(usageLine(below: parent))")
            if !abstract.isEmpty, subcommands.isEmpty { lines.append(abstract) }
        } else {
            for (index, verb) in subcommands.enumerated() {
                lines.append((index == 0 ? "Usage: " : "   or: ") + verb.usageLine(below: parent.map { "\($0) \(name)" } ?? name))
            }
            lines.append(abstract)
        }
        let helpOption = Option.flag(
            "help", "h", manners == .python ? "show this help message and exit" : "Display this message.")
        for option in [helpOption] + options where !option.help.isEmpty {
            lines += Self.helpLines(for: option)
        }
        if !subcommands.isEmpty, manners == .python || (manners == .program && parent == nil) {
            lines += ["", manners == .python ? "subcommands:" : "Common commands from \(program(below: parent)):"]
            for verb in subcommands {
                lines.append("   \(verb.name.padded(to: 15)) \(verb.abstract)")
            }
        }
        if !epilog.isEmpty { lines += ["", epilog] }
        return lines.joined(separator: "\n") + "\n"
    }

    /// `  -c, --count=N          Text`, the text in lines of 80 columns.
    private static func helpLines(for option: Option) -> [String] {
        var head = option.letter.map { "  -\($0)" } ?? "    "
        if option.hasLongForm { head += (option.letter == nil ? "  " : ", ") + "--\(option.name)" }
        switch option.argument {
        case .none: break
        case .required(let name): head += option.hasLongForm ? "=\(name)" : " \(name)"
        case .optional(let name): head += option.hasLongForm ? "[=\(name)]" : "[\(name)]"
        }
        var lines: [String] = []
        var line = ""
        for word in option.help.split(separator: " ") {
            if !line.isEmpty, line.count + word.count + 1 > 55 {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        lines.append(line)
        let indent = String(repeating: " ", count: 25)
        if head.count > 23 { return [head] + lines.map { indent + $0 } }
        return [head.padded(to: 25) + lines[0]] + lines.dropFirst().map { indent + $0 }
    }
}

extension String {
    /// The text with blanks behind it until it has `width` characters.
    package func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    /// The text with blanks in front of it until it has `width` characters.
    package func padded(leftTo width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
