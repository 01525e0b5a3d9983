internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC19FLUID

let jobPurge = Command(
    "purge", "Forget jobs that have ended", usage: "[OPTIONS] [id...]", operands: 0...Int.max,
    options: [
        .value("age-limit", nil, "FSD", "Jobs that ended longer ago"),
        .value("num-limit", nil, "N", "All but the latest N"),
        .flag("force", "f", "Do it; without this jobs are only counted"),
        .value("batch", nil, "N", "How many at a time (default 50)"),
    ]
) { arguments in
    let ids = try arguments.operands.map { try JobID.argument($0) }
    let limit = try arguments.integer("num-limit") ?? -1
    let batch = try arguments.integer("batch") ?? 50
    let age = try arguments.duration("age-limit") ?? -1
    return try Session.run(arguments) { flux in
        let isReal = arguments.has("force")
        var total: Int64 = 0
        for id in ids {
            do {
                let answer = try await flux.query(
                    "job-manager.purge-id", ["id": .int(id.json), "force": .int(isReal ? 1 : 0)])
                total += answer["count"]?.intValue ?? 0
            } catch { throw CommandError("purge: \(error)") }
        }
        while ids.isEmpty {
            let answer = try await flux.query(
                "job-manager.purge",
                [
                    "age_limit": .real(age), "num_limit": .int(Int64(limit)), "batch": .int(Int64(batch)),
                    "force": .bool(isReal),
                ])
            let count = answer["count"]?.intValue ?? 0
            total += count
            if !isReal || count < Int64(batch) { break }
        }
        let left = try await flux.query("job-manager.stats-get")["inactive_jobs"]?.intValue ?? 0
        print(
            isReal
                ? "purged \(total) inactive jobs, \(left) remaining" : "use --force to purge \(total) of \(left) inactive jobs")
        return 0
    }
}
