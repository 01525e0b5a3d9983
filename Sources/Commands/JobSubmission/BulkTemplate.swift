/// Replacement strings of bulk submission: `{}`, `{0}`, `{0./%}`, `{seq}`, `{cc}`.
///
/// `{{` and `}}` are the job shell's mustache tags and stay as they are.
///
/// Source: observed: flux-core 0.88 (`flux bulksubmit`, and `{cc}` of `flux submit`).
public struct BulkTemplate: Hashable, Sendable {
    /// Why a text cannot be filled in.
    enum Failure: Error {
        /// More `{}` than inputs, or a number too large.
        case noInput
        case noName(String)
        case broken(String)
    }

    /// Values by position.
    let inputs: [String]
    /// Values by name.
    let names: [String: String]

    /// - Parameters:
    ///   - inputs: one value of each input list.
    ///   - sequence: number of the job from 0, for `{seq}` and `{seq1}`; nil when there is none.
    ///   - cc: value of `{cc}`.
    public init(inputs: [String] = [], sequence: Int? = nil, cc: String? = nil) {
        self.inputs = inputs
        var names: [String: String] = [:]
        names["cc"] = cc
        names["seq"] = sequence.map { "\($0)" }
        names["seq1"] = sequence.map { "\($0 + 1)" }
        self.names = names
    }

    func fill(_ text: String) throws(Failure) -> String {
        var result = ""
        var rest = text[...]
        var position = 0
        while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            result += rest[..<brace]
            rest = rest[brace...]
            if rest.hasPrefix("{{") || rest.hasPrefix("}}") {
                result += rest.prefix(2)
                rest = rest.dropFirst(2)
                continue
            }
            guard rest.first == "{", let end = rest.firstIndex(of: "}") else {
                let found =
                    rest.first == "{"
                    ? "expected '}' before end of string"
                    : "Single '}' encountered in format string"
                throw .broken(found)
            }
            result += try value(of: rest[rest.index(after: brace)..<end], &position)
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    /// The value of `FIELD` or `FIELD.METHOD`.
    private func value(of field: Substring, _ position: inout Int) throws(Failure) -> String {
        let dot = field.firstIndex(of: ".")
        let name = field[..<(dot ?? field.endIndex)]
        let value: String
        if name.isEmpty {
            guard position < inputs.count else { throw .noInput }
            value = inputs[position]
            position += 1
        } else if let index = Int(name) {
            guard inputs.indices.contains(index) else { throw .noInput }
            value = inputs[index]
        } else {
            guard let found = names[String(name)] else { throw .noName(String(name)) }
            value = found
        }
        guard let dot else { return value }
        let method = field[field.index(after: dot)...]
        switch method {
        case "%": return Self.withoutExtension(value)
        case "/": return Self.baseName(value)
        case "//": return Self.directory(value)
        case "/%": return Self.baseName(Self.withoutExtension(value))
        default: throw .broken("Unknown input string method '.\(method)'")
        }
    }

    static func baseName(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    static func directory(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        var head = path[...slash]
        while head.count > 1, head.last == "/", head.contains(where: { $0 != "/" }) { head.removeLast() }
        return String(head)
    }

    /// Without `.txt`; dots in front of a name begin no extension.
    static func withoutExtension(_ path: String) -> String {
        let base = baseName(path)
        guard let dot = base.lastIndex(of: "."), base[..<dot].contains(where: { $0 != "." }) else { return path }
        return String(path.dropLast(base[dot...].count))
    }
}

extension SubmissionOptions {
    /// Options whose texts may hold replacement strings, in the order of ``description(comparedWith:)``.
    private static let replaceable: [(option: SubmissionOption, prefix: String)] = [
        (.queue, "-q"), (.bank, "-B"), (.ntasks, "-n"), (.nodes, "-N"), (.coresPerTask, "-c"), (.gpusPerTask, "-g"),
        (.cores, "--cores="), (.tasksPerNode, "--tasks-per-node="), (.tasksPerCore, "--tasks-per-core="),
        (.gpusPerNode, "--gpus-per-node="), (.timeLimit, "-t"), (.env, "--env="), (.urgency, "--urgency="),
        (.setopt, "-o "), (.setattr, "--setattr="), (.jobName, "--job-name="), (.input, "--input="),
        (.output, "--output="), (.error, "--error="), (.cc, "--cc="), (.bcc, "--bcc="), (.log, "--log="),
        (.logStderr, "--log-stderr="), (.dependency, "--dependency="), (.taskmap, "--taskmap="),
        (.requires, "--requires="), (.wait, "--wait-event="), (.cwd, "--cwd="), (.flags, "--flags="),
        (.signal, "--signal="),
    ]

    /// The options with all replacement strings filled in.
    public func filled(with template: BulkTemplate) throws(SubmissionError) -> SubmissionOptions {
        var result = self
        result.command = []
        for word in command {
            do { result.command.append(try template.fill(word)) } catch {
                guard case .broken(let reason) = error else {
                    throw .failure("Invalid replacement string in command: '\(word)'")
                }
                throw .failure(reason)
            }
        }
        for (option, prefix) in Self.replaceable {
            func fill(_ text: String) throws(SubmissionError) -> String {
                do { return try template.fill(text) } catch {
                    switch error {
                    case .noInput: throw .failure("Invalid replacement index in \(prefix)\(text)'")
                    case .noName(let name):
                        throw .failure("Replacement key '\(name)' not found in '\(prefix)\(text)'")
                    case .broken(let reason): throw .failure(reason)
                    }
                }
            }
            if let text = values[option] { result.values[option] = try fill(text) }
            if let texts = lists[option] {
                var filled: [String] = []
                for text in texts { filled.append(try fill(text)) }
                result.lists[option] = filled
            }
        }
        return result
    }

    /// The options that filling in changed, and the command, on one line: what `--dry-run` of bulksubmit prints.
    public func description(comparedWith template: SubmissionOptions) -> String {
        var words: [String] = []
        for (option, prefix) in Self.replaceable {
            if let text = values[option], !text.isEmpty, text != template.values[option] || option == .cc {
                words.append(prefix + text)
            }
            if let texts = lists[option], !texts.isEmpty, texts != template.lists[option] {
                words.append(prefix + "[" + texts.map { "'\($0)'" }.joined(separator: ", ") + "]")
            }
        }
        return (words + command).joined(separator: " ")
    }
}
