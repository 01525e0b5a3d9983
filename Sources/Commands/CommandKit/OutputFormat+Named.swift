extension OutputFormat {
    /// Finds the format that `--format`, the environment or the default names.
    ///
    /// - Parameters:
    ///   - program: the name that `help` shows.
    ///   - settings: the name of the files with the formats of users, when it is another.
    ///   - table: the subcommand, where those files have a table for each.
    ///   - formats: the built-in ones by name, in the order that `help` shows.
    /// - Returns: nil after the list of formats was printed for `help`, or a snippet for `get-config=NAME`.
    public static func text(
        option: String?, variable: String, program: String, settings: String? = nil, table: String? = nil,
        formats builtin: [NamedFormat]
    ) throws(CommandError) -> String? {
        let own = try UserSettings(settings ?? program).formats(in: table, builtin: builtin.map(\.name))
        let formats = builtin + own
        let name = option ?? "default"
        if name.contains("{") { return name }
        if name == "help" {
            print("\nConfigured \(program) output formats:\n")
            for format in formats {
                print("  \(format.name.padded(to: 12))\(format.description.isEmpty ? "" : " \(format.description)")")
            }
            return nil
        }
        if name.hasPrefix("get-config=") {
            let wanted = name.dropFirst("get-config=".count)
            guard let format = formats.first(where: { $0.name == wanted }) else {
                throw CommandError("--format: No such format \(wanted)")
            }
            print("[\(table.map { "\($0)." } ?? "")formats.\(format.name)]")
            if !format.description.isEmpty { print("description = \"\(format.description)\"") }
            print("format = \"\(format.format)\"")
            return nil
        }
        let chosen = name == "default" ? Environment[variable] ?? name : name
        if name == "default", chosen.contains("{") { return chosen }
        guard let format = formats.first(where: { $0.name == chosen }) else {
            throw CommandError("--format: No such format \(chosen) (Did you mean '\(inBraces(chosen))'?)")
        }
        return format.format
    }

    /// The text with each of its words in braces.
    private static func inBraces(_ text: String) -> String {
        var result = ""
        var isInWord = false
        for character in text {
            let isWord = character.isLetter || character.isNumber || character == "_"
            if isWord != isInWord { result.append(isWord ? "{" : "}") }
            isInWord = isWord
            result.append(character)
        }
        return result + (isInWord ? "}" : "")
    }
}
