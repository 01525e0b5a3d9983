internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import RFC03Message
internal import RFC19FLUID

private let shared: [Option] = [
    .flag("A", "A", "Jobs of all users"), .value("user", "u", "USER", "Jobs of a user; all for everybody"),
    .value("filter", "f", "STATE|RESULT,...", "Jobs in these states or with these results"),
    .value("queue", "q", "QUEUE,...", "Jobs of queues"), .value("count", "c", "N", "At most N jobs"),
    .value("max-entries", nil, "N", "How many jobs to look at (default 1000)"),
]

let pgrepCommand = Command(
    "pgrep", "Find jobs by name or id", .python, usage: "[OPTIONS] EXPRESSION...", operands: 1...Int.max,
    options: shared + [
        .flag("a", "a", "Also jobs that have ended"), .flag("no-header", "n", "No header line"),
        .value("format", "o", "FORMAT", "A format, or the name of one (help lists them)"),
    ]
) { arguments in
    guard let text = try OutputFormat.text(
        option: arguments.value("format"), variable: "FLUX_PGREP_FORMAT_DEFAULT", program: "flux-jobs",
        formats: grepFormats)
    else { return 0 }
    let format: OutputFormat
    do { format = try OutputFormat(text, headings: JobFields.headings(for: text)) } catch {
        throw CommandError("Error in user format: \(error)")
    }
    let search = try JobSearch(arguments)
    let hasHeader = text != "{id.f58}" && !arguments.has("no-header")
    return try Session.run(arguments) { flux in
        let rows = try await search.jobs(JobFields.attributes(for: format.fields), flux)
        if rows.isEmpty { return 1 }
        for line in try format.lines(for: rows, hasHeader: hasHeader, value: { $0.value(of: $1) }) { print(line) }
        return 0
    }
}

private let grepFormats: [NamedFormat] = {
    func format(_ name: String) -> String { JobFields.formats.first { $0.name == name }?.format ?? "" }
    return [
        ("default", "Default flux-pgrep format string", "{id.f58}"),
        ("full", "full flux-pgrep format string", format("default")),
        ("long", "Extended flux-pgrep format string", format("long")),
        ("deps", "Show job urgency, priority, and dependencies", format("deps")),
    ]
}()

let pkillCommand = Command(
    "pkill", "Cancel jobs by name or id", .python, usage: "[OPTIONS] EXPRESSION...", operands: 1...Int.max,
    options: shared + [.flag("a", "a", ""), .flag("wait", nil, "Wait until the jobs have ended")]
) { arguments in
    let search = try JobSearch(arguments)
    return try Session.run(arguments) { flux in
        let rows = try await search.jobs([], flux)
        if rows.isEmpty { return 1 }
        var count = 0
        var code: Int32 = 0
        for row in rows {
            do throws(RPCError) {
                try await flux.rpc(
                    "job-manager.raise", ["id": .int(row.id.json), "severity": 0, "type": "cancel"])
                count += 1
            } catch {
                printError("flux-pkill: ERROR: \(row.id.f58Python): cancel: [Errno \(error.errnum)] \(error)")
                code = 1
            }
        }
        printError("flux-pkill: INFO: Canceled \(count) job\(count == 1 ? "" : "s")")
        if arguments.has("wait") { for row in rows { _ = try await JobOutcome(of: row.id, flux) } }
        return code
    }
}

/// Jobs whose name matches an expression and whose id is in a range.
private struct JobSearch: @unchecked Sendable {
    // A compiled expression is only read after it was made.
    private let question: JobQuestion
    private let expression: NamePattern?
    private let range: ClosedRange<UInt64>?
    private let limit: Int?

    init(_ arguments: Arguments) throws {
        question = try JobQuestion(arguments, countOption: "max-entries")
        limit = try arguments.integer("count")
        var range: ClosedRange<UInt64>?
        var expression: NamePattern?
        for text in arguments.operands {
            if let ids = Self.range(text) {
                range = ids
                continue
            }
            guard expression == nil else {
                throw CommandError("expression error: Only one pattern can be provided", exitCode: 2)
            }
            expression = try NamePattern(text.hasPrefix("name:") ? String(text.dropFirst(5)) : text)
        }
        self.range = range
        self.expression = expression
    }

    /// `ID..ID`; nil for anything else.
    private static func range(_ text: String) -> ClosedRange<UInt64>? {
        guard !text.contains(":"), let dots = text[...].range(of: "..") else { return nil }
        guard let first = JobID(String(text[..<dots.lowerBound])), let last = JobID(String(text[dots.upperBound...])),
            first <= last
        else { return nil }
        return first.value...last.value
    }

    func jobs(_ attributes: [String], _ flux: Handle) async throws -> [JobRow] {
        let now = Format.now
        let all = try await question.jobs(attributes + ["name"], flux).map { JobRow(json: $0, now: now) }
        let found = all.filter { row in
            let name = row.json["name"]?.stringValue ?? ""
            return range?.contains(row.id.value) ?? true && expression?.matches(name) ?? true
        }
        return limit.map { Array(found.prefix($0)) } ?? found
    }
}

/// An extended regular expression of the C library.
private final class NamePattern {
    private var compiled = regex_t()

    init(_ text: String) throws {
        let code = regcomp(&compiled, text, REG_EXTENDED | REG_NOSUB)
        guard code == 0 else {
            var buffer = [CChar](repeating: 0, count: 256)
            regerror(code, &compiled, &buffer, buffer.count)
            let reason = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            // An open bracket is the usual mistake; scripts know its text.
            let bracket = text.utf8.firstIndex(of: UInt8(ascii: "["))
            let offset = bracket.map { text.utf8.distance(from: text.startIndex, to: $0) }
            let isOpen = offset != nil && !text.contains("]")
            throw CommandError(
                "expression error: \(isOpen ? "unterminated character set at position \(offset ?? 0)" : reason)", exitCode: 2)
        }
    }

    deinit { regfree(&compiled) }

    func matches(_ name: String) -> Bool { regexec(&compiled, name, 0, nil, 0) == 0 }
}
