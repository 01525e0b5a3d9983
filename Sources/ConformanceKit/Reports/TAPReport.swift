/// Test Anything Protocol, version 14: a line per case; decisions are TODO, operations not offered are SKIP.
func tapReport(_ run: Run) -> String {
    let results = run.results
    var text = "TAP version 14\n1..\(results.count)\n"
    for (index, result) in results.enumerated() {
        let name = "\(index + 1) - \(result.vector.id)"
        switch result.verdict {
        case .passed: text += "ok \(name)\n"
        case .differs(let decision): text += "ok \(name) # differs by decision: \(tapComment(decision.reason))\n"
        case .notOffered where run.everythingOffered: text += "not ok \(name)\n# not offered: \(result.vector.op)\n"
        case .notOffered: text += "ok \(name) # SKIP not offered: \(result.vector.op)\n"
        case .failed(let reason): text += "not ok \(name)\n# \(tapComment(reason))\n"
        }
    }
    return text
}

/// A text that stays on its comment line and starts no directive.
private func tapComment(_ text: String) -> String {
    String(text.map { $0 == "\n" ? " " : $0 }).split(separator: "#", omittingEmptySubsequences: false)
        .joined(separator: "\\#")
}
