/// Markdown: a table of files, then the cases that differ and those that fail.
func markdownReport(_ run: Run) -> String {
    var text = "| vectors | cases | passed | differing by decision | not offered | failed |\n"
    text += "|---|---:|---:|---:|---:|---:|\n"
    for (file, results) in run.files { text += markdownRow(file.description, Counts(results)) }
    text += markdownRow("**all**", run.counts)
    let differing = run.results.compactMap { result -> String? in
        guard case .differs(let decision) = result.verdict else { return nil }
        return "| \(result.vector.id) | \(cell(decision.reason)) |\n"
    }
    if !differing.isEmpty { text += "\n| differing by decision | reason |\n|---|---|\n" + differing.joined() }
    let failed = run.results.compactMap { result -> String? in
        guard case .failed(let reason) = result.verdict else { return nil }
        return "| \(result.vector.id) | \(result.vector.op) | \(cell(reason)) |\n"
    }
    if !failed.isEmpty { text += "\n| failed | operation | how |\n|---|---|---|\n" + failed.joined() }
    return text
}

private func markdownRow(_ name: String, _ counts: Counts) -> String {
    "| \(name) | \(counts.total) | \(counts.passed) | \(counts.differing) | \(counts.notOffered) | \(counts.failed) |\n"
}

/// A text that stays inside its table cell.
func cell(_ text: String) -> String {
    text.reduce(into: "") { result, character in
        switch character {
        case "|": result += "\\|"
        case "\n": result += " "
        default: result.append(character)
        }
    }
}
