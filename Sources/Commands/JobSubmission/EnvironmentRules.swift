/// What environment rules make of the caller's environment.
///
/// Source: observed: flux-core 0.88 (`--env`).
public struct EnvironmentRules: Hashable, Sendable {
    /// The job's environment.
    public private(set) var environment: [String: String]
    /// Variables whose text holds mustache tags: the shell expands them.
    public private(set) var templates: [String: String] = [:]

    /// Files may name files; so deep and no deeper.
    private static let depthLimit = 32

    /// Applies rules in order.
    ///
    /// - Parameter rules: `-PATTERN` removes, `^FILE` reads rules, `VAR=VAL` sets, `PATTERN` copies from the caller.
    public init(_ rules: [String], in context: SubmissionContext) throws(SubmissionError) {
        environment = context.environment
        try apply(rules, context, depth: 0)
    }

    private mutating func apply(_ rules: [String], _ context: SubmissionContext, depth: Int) throws(SubmissionError) {
        guard depth < Self.depthLimit else { throw .failure("--env: too many files inside files") }
        for rule in rules {
            if rule.hasPrefix("-") {
                for name in Glob(String(rule.dropFirst())).matches(among: environment.keys) { environment[name] = nil }
            } else if rule.hasPrefix("^") {
                let path = context.expanded(String(rule.dropFirst()))
                let text = try context.text(path) { "--env: \($0)" }
                var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
                if lines.last?.isEmpty == true { lines.removeLast() }
                try apply(lines.map(Self.trimmed), context, depth: depth + 1)
            } else if let equal = rule.firstIndex(of: "=") {
                let name = String(rule[..<equal])
                let value = String(rule[rule.index(after: equal)...])
                if value.contains("{{") {
                    templates[name] = value
                } else {
                    environment[name] = try substitute(value, rule, context)
                }
            } else {
                for name in Glob(rule).matches(among: context.environment.keys) where environment[name] == nil {
                    environment[name] = context.environment[name]
                }
            }
        }
    }

    private static func trimmed(_ line: Substring) -> String {
        var line = line.drop(while: \.isWhitespace)
        while line.last?.isWhitespace == true { line.removeLast() }
        return String(line)
    }

    /// Replaces `$NAME`, `${NAME}` and `$$`.
    private func substitute(
        _ value: String, _ rule: String, _ context: SubmissionContext
    ) throws(SubmissionError) -> String {
        func isNameByte(_ byte: UInt8, first: Bool) -> Bool {
            byte == UInt8(ascii: "_") || (0x61...0x7a).contains(byte | 0x20) || !first && (0x30...0x39).contains(byte)
        }
        let bytes = Array(value.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "$") else {
                result.append(bytes[index])
                index += 1
                continue
            }
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "$") {
                result.append(UInt8(ascii: "$"))
                index += 1
                continue
            }
            let isBraced = index < bytes.count && bytes[index] == UInt8(ascii: "{")
            let start = isBraced ? index + 1 : index
            var end = start
            while end < bytes.count, isNameByte(bytes[end], first: end == start) { end += 1 }
            guard end > start, !isBraced || end < bytes.count && bytes[end] == UInt8(ascii: "}") else {
                throw .failure("--env: Unable to substitute \(rule)")
            }
            let name = String(decoding: bytes[start..<end], as: UTF8.self)
            guard let text = environment[name] ?? context.environment[name] else {
                throw .failure("--env: Variable '\(name)' not found in \(rule)")
            }
            result += text.utf8
            index = isBraced ? end + 1 : end
        }
        return String(decoding: result, as: UTF8.self)
    }
}
