extension SubmissionOptions {
    /// Reads a command line without the name of the command.
    ///
    /// Options end at the first word that is none: everything from there on is the job's. A leading `--` before the
    /// command is dropped, except for alloc, which hands it on.
    public init(parsing arguments: [String], for program: SubmissionCommand) throws(SubmissionError) {
        self.init(for: program)
        try read(arguments)
    }

    /// Reads further options on top of the present ones: later values win, lists grow, the command is replaced.
    public mutating func read(_ arguments: [String]) throws(SubmissionError) {
        var words = arguments[...]
        var unknown: [String] = []
        while let word = words.first, word != "--", word.utf8.count > 1, word.utf8.first == UInt8(ascii: "-"),
            !Self.isNegativeNumber(word)
        {
            words = words.dropFirst()
            if word.hasPrefix("--") {
                try readLong(word, &words, &unknown)
            } else {
                try readShort(word, &words, &unknown)
            }
        }
        guard unknown.isEmpty else { throw .usage("unrecognized arguments: \(unknown.joined(separator: " "))") }
        if program != .alloc, words.first == "--" { words = words.dropFirst() }
        command = Array(words)
    }

    private func option(named name: some StringProtocol) -> SubmissionOption? {
        SubmissionOption.allCases.first { $0.isKnown(to: program) && $0.names.contains { $0 == name } }
    }

    private mutating func readLong(
        _ word: String, _ words: inout ArraySlice<String>, _ unknown: inout [String]
    ) throws(SubmissionError) {
        let equal = word.firstIndex(of: "=")
        guard let option = option(named: word[..<(equal ?? word.endIndex)]) else {
            unknown.append(word)
            return
        }
        if let equal {
            let value = String(word[word.index(after: equal)...])
            switch option.argument {
            case .none, .count:
                throw .usage("argument \(Self.title(option)): ignored explicit argument '\(value)'")
            default: try store(option, value)
            }
        } else {
            try store(option, followedBy: &words)
        }
    }

    /// A cluster of short options; the first that wants a value gets the rest.
    private mutating func readShort(
        _ word: String, _ words: inout ArraySlice<String>, _ unknown: inout [String]
    ) throws(SubmissionError) {
        var rest = word.dropFirst()
        while let letter = rest.first {
            rest = rest.dropFirst()
            guard let option = option(named: "-\(letter)") else {
                unknown.append(rest.count == word.count - 2 ? word : "-\(letter)\(rest)")
                return
            }
            switch option.argument {
            case .none, .count: counts[option, default: 0] += 1
            case .value, .list, .integer, .optional:
                if !rest.isEmpty {
                    try store(option, String(rest.first == "=" ? rest.dropFirst() : rest))
                } else if word.utf8.count == 2 {
                    try store(option, followedBy: &words)
                } else {
                    throw .usage("argument \(Self.title(option)): expected one argument")
                }
                return
            }
        }
    }

    private mutating func store(
        _ option: SubmissionOption, followedBy words: inout ArraySlice<String>
    ) throws(SubmissionError) {
        let next = words.first.flatMap { isValue($0) ? $0 : nil }
        switch option.argument {
        case .none, .count:
            counts[option, default: 0] += 1
            if option == .waitForClean { values[.wait] = "clean" }
        case .optional(_, let standard):
            if next != nil { words = words.dropFirst() }
            try store(option, next ?? standard)
        case .value, .list, .integer:
            guard let next else { throw .usage("argument \(Self.title(option)): expected one argument") }
            words = words.dropFirst()
            try store(option, next)
        }
    }

    private mutating func store(_ option: SubmissionOption, _ value: String) throws(SubmissionError) {
        switch option {
        case .envRemove: lists[.env, default: []].append("-" + value)
        case .envFile: lists[.env, default: []].append("^" + value)
        case .beginTime: lists[.dependency, default: []].append(Self.beginTimePrefix + value)
        default:
            switch option.argument {
            case .list: lists[option, default: []].append(value)
            case .integer:
                guard LooseInteger.parse(value) != nil else {
                    throw .usage("argument \(Self.title(option)): invalid int value: '\(value)'")
                }
                values[option] = value
            default: values[option] = value
            }
        }
    }

    /// Marks a begin time among the dependencies until the time of building the jobspec; no dependency begins so.
    static let beginTimePrefix = "\u{0}begin-time="

    /// Whether a word can be the value of an option that wants one.
    private func isValue(_ word: String) -> Bool {
        guard word.utf8.first == UInt8(ascii: "-"), word != "-" else { return true }
        if Self.isNegativeNumber(word) { return true }
        return word.contains(" ") && option(named: word.prefix { $0 != "=" }) == nil
    }

    /// `-1`, `-1.5` or `-.5`.
    static func isNegativeNumber(_ word: String) -> Bool {
        let digits = word.dropFirst()
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard word.hasPrefix("-"), !digits.isEmpty, parts.count <= 2, parts.last?.isEmpty == false else { return false }
        return parts.allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    }

    /// `-n/--ntasks`.
    private static func title(_ option: SubmissionOption) -> String { option.names.joined(separator: "/") }
}
