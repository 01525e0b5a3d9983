/// The inputs of a bulk submission: lists on the command line, in files or on standard input.
///
/// Source: observed: flux-core 0.88 (`flux bulksubmit`).
public struct BulkInputs: Hashable, Sendable {
    /// One set of values for each job: one of each list.
    public private(set) var combinations: [[String]]

    /// Takes the lists out of the command.
    ///
    /// `:::` begins a list, `::::` a file with a list (`-` is standard input), `:::+` and `::::+` a list that goes
    /// along with the others instead of multiplying them. Without any list standard input is one. A missing command is `{}`.
    public init(takingFrom options: inout SubmissionOptions, _ context: SubmissionContext) throws(SubmissionError) {
        let separator = Self.separator(options[.sep] ?? "\n")
        var command: [String] = []
        var lists: [[String]] = []
        var links: [(index: Int, values: [String])] = []
        var words = options.command[...]
        while let word = words.first, !word.hasPrefix(":::") {
            command.append(word)
            words = words.dropFirst()
        }
        var index = 0
        while let mark = words.popFirst() {
            var values: [String] = []
            while let word = words.first, !word.hasPrefix(":::") {
                values.append(word)
                words = words.dropFirst()
            }
            if mark.hasPrefix("::::") {
                guard values.count == 1 else { throw .failure("Multiple args not allowed after ::::") }
                let text =
                    values[0] == "-"
                    ? String(decoding: context.readStandardInput(), as: UTF8.self)
                    : try context.text(values[0]) { SubmissionOptions.withoutNumber($0) }
                values = Self.split(text, separator)
            }
            if mark == ":::+" || mark == "::::+" {
                links.append((index, values))
            } else if !values.isEmpty {
                lists.append(values)
            }
            index += 1
        }
        if lists.isEmpty {
            let text = String(decoding: context.readStandardInput(), as: UTF8.self)
            lists = [Self.split(text, separator)]
        }
        combinations = try Self.product(lists)
        for (index, values) in links where !values.isEmpty {
            for row in combinations.indices {
                let place = min(index, combinations[row].count)
                combinations[row].insert(values[row % values.count], at: place)
            }
        }
        options.command = command.isEmpty ? ["{}"] : command
    }

    /// Most jobs of one bulk submission.
    private static let limit = 10_000_000

    private static func product(_ lists: [[String]]) throws(SubmissionError) -> [[String]] {
        var count = 1
        for list in lists {
            let (product, overflow) = count.multipliedReportingOverflow(by: list.count)
            guard !overflow, product <= limit else { throw .failure("too many combinations of inputs") }
            count = product
        }
        var rows: [[String]] = [[]]
        for list in lists { rows = rows.flatMap { row in list.map { row + [$0] } } }
        return rows
    }

    /// Nil is white space. `\n`, `\t`, `\0` and `\\` may be written.
    private static func separator(_ text: String) -> String? {
        var result = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                switch character {
                case "n": result.append("\n")
                case "t": result.append("\t")
                case "r": result.append("\r")
                case "0": result.append("\0")
                case "\\": result.append("\\")
                default: result += "\\\(character)"
                }
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        if isEscaped { result.append("\\") }
        return result.lowercased() == "none" ? nil : result
    }

    private static func split(_ text: String, _ separator: String?) -> [String] {
        guard let separator else { return text.split(whereSeparator: \.isWhitespace).map(String.init) }
        return text.split(separator: separator).map(String.init)
    }

    /// The options of each job, with everything but `{cc}` filled in.
    public func jobs(_ options: SubmissionOptions) throws(SubmissionError) -> [SubmissionOptions] {
        guard options.lists[.define] == nil else {
            throw .failure("--define: functions of inputs are not supported")
        }
        var jobs: [SubmissionOptions] = []
        jobs.reserveCapacity(combinations.count)
        for (sequence, inputs) in combinations.enumerated() {
            jobs.append(try options.filled(with: BulkTemplate(inputs: inputs, sequence: sequence, cc: "{cc}")))
        }
        return jobs
    }
}
