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
    "pgrep", "Find jobs by name or id", .python, usage: "[OPTIONS] EXPR...", operands: 1...Int.max,
    options: shared + [
        .flag("a", "a", "Also jobs that have ended"), .flag("no-header", "n", "No header line"),
        .value("format", "o", "FORMAT", "A format, or the name of one (help lists them)"),
    ]
) { arguments in
    let formats = [("default", "Default flux-pgrep format string", "{id.f58}")]
        + [("full", "default"), ("long", "long"), ("deps", "deps")].map { name, source in
            (name, "Format of flux jobs", JobFields.formats.first { $0.name == source }?.format ?? "")
        }
    guard let text = try OutputFormat.text(
        option: arguments.value("format"), variable: "FLUX_PGREP_FORMAT_DEFAULT", program: "flux-pgrep", formats: formats)
    else { return 0 }
    let format = try OutputFormat(text, headings: JobFields.headings(for: text))
    let search = try JobSearch(arguments)
    let hasHeader = text != "{id.f58}" && !arguments.has("no-header")
    return try Session.run(arguments) { flux in
        let rows = try await search.jobs(JobFields.attributes(for: format.fields), flux)
        if rows.isEmpty { return 1 }
        for line in try format.lines(for: rows, hasHeader: hasHeader, value: { $0.value(of: $1) }) { print(line) }
        return 0
    }
}

let pkillCommand = Command(
    "pkill", "Cancel jobs by name or id", .python, usage: "[OPTIONS] EXPR...", operands: 1...Int.max,
    options: shared + [.flag("wait", "w", "Wait until the jobs have ended")]
) { arguments in
    let search = try JobSearch(arguments)
    return try Session.run(arguments) { flux in
        let rows = try await search.jobs([], flux)
        if rows.isEmpty { return 1 }
        var count = 0
        for row in rows {
            do {
                try await flux.rpc(
                    "job-manager.raise", ["id": .int(row.id.json), "severity": 0, "type": "cancel"])
                count += 1
            } catch {
                printError("flux-pkill: ERROR: \(row.id.f58): \(error)")
            }
        }
        printError("flux-pkill: INFO: Canceled \(count) job\(count == 1 ? "" : "s")")
        if arguments.has("wait") { for row in rows { _ = try await JobOutcome(of: row.id, flux) } }
        return 0
    }
}

/// Jobs whose name matches an expression or whose id is in a range.
private struct JobSearch: @unchecked Sendable {
    // A compiled expression is only read after it was made.
    private let question: JobQuestion
    private let expressions: [NamePattern]
    private let ranges: [ClosedRange<UInt64>]
    private let limit: Int?

    init(_ arguments: Arguments) throws {
        question = try JobQuestion(arguments, countOption: "max-entries")
        limit = try arguments.integer("count")
        var ranges: [ClosedRange<UInt64>] = []
        var expressions: [NamePattern] = []
        for text in arguments.operands {
            let ends = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            if ends.count == 3, ends[1].isEmpty, let first = JobID(ends[0]), let last = JobID(ends[2]),
                first <= last
            {
                ranges.append(first.value...last.value)
            } else {
                expressions.append(try NamePattern(text.hasPrefix("name:") ? String(text.dropFirst(5)) : text))
            }
        }
        self.ranges = ranges
        self.expressions = expressions
    }

    func jobs(_ attributes: [String], _ flux: Handle) async throws -> [JobRow] {
        let now = Format.now
        let all = try await question.jobs(attributes + ["name"], flux).map { JobRow(json: $0, now: now) }
        let found = all.filter { row in
            let name = row.json["name"]?.stringValue ?? ""
            return ranges.contains { $0.contains(row.id.value) } || expressions.contains { $0.matches(name) }
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
            throw CommandError("expression error: \(reason)", exitCode: 2)
        }
    }

    deinit { regfree(&compiled) }

    func matches(_ name: String) -> Bool { regexec(&compiled, name, 0, nil, 0) == 0 }
}
