import FluxJSON

/// JSON: the sums and the verdict on every case.
func jsonReport(_ run: Run) -> String {
    var files: [JSON] = []
    for (file, results) in run.files {
        var object = json(Counts(results))
        object["file"] = .string(file.description)
        object["rfc"] = .int(Int64(file.rfc))
        object["cases"] = .array(results.map(json))
        files.append(.object(object))
    }
    var report = json(run.counts)
    report["files"] = .array(files)
    return JSON.object(report).text + "\n"
}

private func json(_ counts: Counts) -> JSON.Object {
    [
        "passed": .int(Int64(counts.passed)),
        "differing": .int(Int64(counts.differing)),
        "not_offered": .int(Int64(counts.notOffered)),
        "failed": .int(Int64(counts.failed)),
    ]
}

private func json(_ result: CaseResult) -> JSON {
    let id = JSON.string(result.vector.id)
    return switch result.verdict {
    case .passed: ["id": id, "verdict": "passed"]
    case .differs(let decision): ["id": id, "verdict": "differs", "reason": .string(decision.reason)]
    case .notOffered: ["id": id, "verdict": "not-offered"]
    case .failed(let reason): ["id": id, "verdict": "failed", "reason": .string(reason)]
    }
}
