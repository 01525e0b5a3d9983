import FluxJSON

extension Report {
    /// Coverage in this form; the forms for test machinery have no table and give text.
    public func format(_ coverage: Coverage) -> String {
        switch self {
        case .markdown: markdownTable(coverage)
        case .json: jsonTable(coverage)
        case .text, .tap, .junit: textTable(coverage)
        }
    }
}

private let columns = [
    "requirements", "proven", "by decision", "unproven", "disproven", "passed", "differing", "failed", "not offered",
]

private func numbers(_ row: Coverage.Row) -> [Int] {
    [
        row.requirements.count, row.provenCount, row.decided.count, row.unproven.count, row.disproven.count,
        row.counts.passed, row.counts.differing, row.counts.failed, row.counts.notOffered,
    ]
}

private func sums(_ coverage: Coverage) -> [Int] {
    coverage.rows.reduce(columns.map { _ in 0 }) { sum, row in zip(sum, numbers(row)).map { $0 + $1 } }
}

private func name(_ row: Coverage.Row) -> String { "RFC \(row.rfc)" }

private func textTable(_ coverage: Coverage) -> String {
    func line(_ name: String, _ cells: [String]) -> String {
        let fields = zip(cells, columns).map { cell, column in
            String(repeating: " ", count: 2 + max(0, column.count - cell.count)) + cell
        }
        return name.padded(to: 8) + fields.joined() + "\n"
    }
    var text = line("", columns)
    for row in coverage.rows { text += line(name(row), numbers(row).map(\.description)) }
    text += line("all", sums(coverage).map(\.description))
    for requirement in coverage.rows.flatMap(\.disproven) {
        text += "DISPROVEN \(requirement.id): \(requirement.demand)\n"
    }
    for requirement in coverage.rows.flatMap(\.unproven) {
        text += "unproven \(requirement.id): \(requirement.demand)\n"
    }
    return text
}

private func markdownTable(_ coverage: Coverage) -> String {
    func line(_ name: String, _ cells: [String]) -> String { "| " + ([name] + cells).joined(separator: " | ") + " |\n" }
    var text = line("", columns) + "|---|" + columns.map { _ in "---:|" }.joined() + "\n"
    for row in coverage.rows { text += line(name(row), numbers(row).map(\.description)) }
    text += line("**all**", sums(coverage).map(\.description))
    let open = coverage.rows.flatMap(\.unproven)
    if !open.isEmpty { text += "\n| unproven | section | demand |\n|---|---|---|\n" }
    for requirement in open {
        text += line(requirement.id, [cell(requirement.section), cell(requirement.demand)])
    }
    return text
}

private func jsonTable(_ coverage: Coverage) -> String {
    let rows = coverage.rows.map { row -> JSON in
        var object: JSON.Object = ["rfc": .int(Int64(row.rfc))]
        for (column, number) in zip(columns, numbers(row)) {
            object[String(column.map { $0 == " " ? "_" : $0 })] = .int(Int64(number))
        }
        object["unproven_ids"] = .array(row.unproven.map { .string($0.id) })
        object["decided_ids"] = .array(row.decided.map { .string($0.id) })
        object["disproven_ids"] = .array(row.disproven.map { .string($0.id) })
        return .object(object)
    }
    return JSON.array(rows).text + "\n"
}
