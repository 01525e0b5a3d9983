extension SubmissionCommand {
    /// Options whose help batch and alloc do not show, although they know them.
    private static let quietOptions: Set<SubmissionOption> = [.input, .output, .error, .labelIO]

    /// The options in the order of the help.
    public var options: [SubmissionOption] {
        SubmissionOption.allCases.filter { option in
            option.isKnown(to: self) && !option.helpText.isEmpty
                && !(isNested && Self.quietOptions.contains(option))
        }
    }

    /// The text of `--help`.
    public var help: String {
        let width = 34
        let lines = options.map { option -> String in
            let names = option.names.filter { !["--dry", "--require", "--broker-opt"].contains($0) }
            var left = "  " + names.joined(separator: ", ")
            switch option.argument {
            case .none, .count: break
            case .value(let name), .list(let name), .integer(let name):
                left += names.last?.hasPrefix("--") == true ? "=\(name)" : " \(name)"
            case .optional(let name, _): left += "[=\(name)]"
            }
            let padding =
                left.count < width
                ? String(repeating: " ", count: width - left.count) : "\n" + String(repeating: " ", count: width)
            return left + padding + option.helpText
        }
        return "usage: \(usage)\n\n\(summary)\n\noptions:\n" + lines.joined(separator: "\n") + "\n"
    }
}
