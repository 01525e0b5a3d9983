internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC19FLUID
internal import RFC21JobStates

/// The verbs `list`, `list-inactive` and `list-ids`: what job-list knows, a line of JSON for each job. They are for
/// scripts; `flux jobs` is for people.
let jobList = Command(
    "list", "Print the records of jobs as JSON",
    options: [
        .value("count", "c", "N", "At most N jobs"), .value("states", "s", "STATE,...", "Jobs in these states"),
        .value("user", "u", "USER", "Jobs of a user; all for everybody"),
        .flag("all-user", "a", "My jobs in all states"), .flag("all", "A", "Jobs of all users in all states"),
    ]
) { arguments in
    try requireReader()
    var states: JobStates = [.pending, .running]
    if arguments.has("all-user") || arguments.has("all") {
        states = [.active, .inactive]
    } else if arguments.has("states") {
        states = []
        for name in arguments.list("states") {
            guard let bits = JobStates(name: name) else { throw CommandError("error parsing --states: \(name) is unknown") }
            states.formUnion(bits)
        }
    }
    let user = arguments.has("all") ? Int64(UInt32.max) : try user(arguments) & 0xffff_ffff
    let constraint: JSON = [
        "and": [["userid": [.int(user)]], ["states": [.int(Int64(states.rawValue))]]]
    ]
    return try printRecords(
        arguments,
        ["max_entries": .int(Int64(try arguments.integer("count") ?? 0)), "attrs": ["all"], "constraint": constraint])
}

let jobListInactive = Command(
    "list-inactive", "Print the records of jobs that have ended as JSON",
    options: [
        .value("count", "c", "N", "At most N jobs"), .value("since", "s", "T", "Jobs that ended after a time stamp"),
    ]
) { arguments in
    try requireReader()
    guard let since = Double(arguments.value("since") ?? "0") else {
        throw arguments.optionError("Option 'since' requires a floating point argument")
    }
    return try printRecords(
        arguments,
        [
            "max_entries": .int(Int64(try arguments.integer("count") ?? 0)), "since": .real(since), "attrs": ["all"],
            "constraint": ["states": [.int(Int64(JobStates.inactive.rawValue))]],
        ])
}

let jobListIDs = Command(
    "list-ids", "Print the records of some jobs as JSON", usage: "[OPTIONS] id ...", operands: 1...Int.max,
    options: [.value("wait-state", "W", "STATE", "Wait until each job has reached a state")]
) { arguments in
    try requireReader()
    guard let state = JobState(name: arguments.value("wait-state") ?? "depend") else {
        throw CommandError("invalid job state specified")
    }
    let ids = try arguments.operands.map { try JobID.argument($0) }
    return try Session.run(arguments) { flux in
        for id in ids {
            let answer: JSON
            do {
                answer = try await flux.query(
                    "job-list.list-id",
                    ["id": .int(id.json), "attrs": ["all"], "state": .int(Int64(state.rawValue))])
            } catch { throw CommandError("flux job-list.list-d: \(error)") }
            print(PythonJSON.text(of: answer["job"] ?? .null))
        }
        return 0
    }
}

private func requireReader() throws(CommandError) {
    guard isTerminal(1) else { return }
    throw CommandError("This is not the command you are looking for. Try flux-jobs(1).", isBare: true)
}

private func printRecords(_ arguments: Arguments, _ request: JSON) throws -> Int32 {
    try Session.run(arguments) { flux in
        let answers = flux.stream("job-list.list", request)
        do {
            var version: Int64 = 0
            while let answer = try await answers.nextJSON() {
                for job in answer["jobs"]?.arrayValue ?? [] { print(PythonJSON.text(of: job)) }
                // Without a version, told in the first answer, that is the only one.
                version = answer["version"]?.intValue ?? version
                if version == 0 { break }
            }
        } catch { throw CommandError("flux job-list.list: \(error)") }
        return 0
    }
}
