/// JUnit XML: a suite per vector file, a test case per vector.
func junitReport(_ run: Run) -> String {
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"conformance\">\n"
    for (file, results) in run.files {
        let counts = Counts(results)
        let failures = counts.failed + (run.everythingOffered ? counts.notOffered : 0)
        let skipped = counts.total - failures - counts.passed - counts.differing
        text += "  <testsuite name=\"\(xml(file.description))\" tests=\"\(counts.total)\""
        text += " failures=\"\(failures)\" skipped=\"\(skipped)\">\n"
        for result in results { text += junitCase(result, everythingOffered: run.everythingOffered) }
        text += "  </testsuite>\n"
    }
    return text + "</testsuites>\n"
}

private func junitCase(_ result: CaseResult, everythingOffered: Bool) -> String {
    let head = "    <testcase classname=\"\(xml(result.vector.folder))\" name=\"\(xml(result.vector.id))\""
    switch result.verdict {
    case .passed: return head + "/>\n"
    case .differs(let decision):
        return head + "><system-out>differs by decision: \(xml(decision.reason))</system-out></testcase>\n"
    case .notOffered where everythingOffered: return head + "><failure message=\"not offered\"/></testcase>\n"
    case .notOffered: return head + "><skipped message=\"not offered\"/></testcase>\n"
    case .failed(let reason): return head + "><failure message=\"\(xml(reason))\"/></testcase>\n"
    }
}

/// A text with the characters escaped that XML gives a meaning, and those left out that XML cannot hold.
private func xml(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": escaped += "&amp;"
        case "<": escaped += "&lt;"
        case ">": escaped += "&gt;"
        case "\"": escaped += "&quot;"
        case "\n", "\t": escaped += " "
        case _ where scalar.value < 0x20 || scalar.value == 0xfffe || scalar.value == 0xffff: escaped += "\u{fffd}"
        default: escaped.unicodeScalars.append(scalar)
        }
    }
    return escaped
}
