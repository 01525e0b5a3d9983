/// For people: every case that is wrong, then a line per file, then the sum.
func textReport(_ run: Run) -> String {
    var text = ""
    for result in run.results {
        switch result.verdict {
        case .failed(let reason): text += "FAIL \(result.vector): \(result.vector.op): \(reason)\n"
        default: break
        }
    }
    for (file, results) in run.files {
        text += "\(file.description.padded(to: 44)) \(Counts(results).sentence)\n"
    }
    text += "\("all".padded(to: 44)) \(run.counts.sentence)\n"
    return text
}

extension Counts {
    /// `184 passed, 3 differing by decision, 1 failed`; parts that are zero are left out.
    var sentence: String {
        var parts = ["\(passed) passed"]
        if differing > 0 { parts.append("\(differing) differing by decision") }
        if notOffered > 0 { parts.append("\(notOffered) not offered") }
        if failed > 0 { parts.append("\(failed) FAILED") }
        return parts.joined(separator: ", ")
    }
}

extension String {
    /// The text with spaces added at the end up to a width.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
