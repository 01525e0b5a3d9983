internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC18Eventlog
internal import RFC19FLUID
internal import RFC20R
internal import RFC29Hostlist
internal import RFC34Taskmap

let jobTaskmap = Command(
    "taskmap", "Show or convert the task map of a job", usage: "[OPTION] id|taskmap", operands: 1...1,
    options: [
        .value("taskids", nil, "NODEID", "The tasks on a node"),
        .value("ntasks", nil, "NODEID", "How many tasks are on a node"),
        .value("nodeid", nil, "TASKID", "The node of a task"),
        .value("hostname", nil, "TASKID", "The host of a task"),
        .value("to", nil, "raw|pmi|multiline|hosts", "Another form"),
    ]
) { arguments in
    let text = arguments.operands[0]
    guard let id = JobID(text), !text.hasPrefix("[") else {
        let map: Taskmap
        do { map = try Taskmap(parsing: text) } catch { throw CommandError("error decoding taskmap: \(error)") }
        try show(map, try TaskmapQuestion(arguments), nil)
        return 0
    }
    return try Session.run(arguments) { flux in
        let question = try TaskmapQuestion(arguments)
        let map = try await taskmap(of: id, flux)
        var hosts: Hostlist?
        if question.wantsHosts {
            let answer = try await flux.query("job-info.lookup", ["id": .int(id.json), "keys": ["R"], "flags": 0])
            hosts = try ResourceSet(parsing: answer["R"]?.stringValue ?? "").nodelist
        }
        try show(map, question, hosts)
        return 0
    }
}

/// What is asked about a map.
private enum TaskmapQuestion {
    case tasks(node: Int), count(node: Int), node(task: Int), host(task: Int), form(String?)

    init(_ arguments: Arguments) throws {
        if let node = try arguments.integer("taskids") {
            self = .tasks(node: node)
        } else if let node = try arguments.integer("ntasks") {
            self = .count(node: node)
        } else if let task = try arguments.integer("nodeid") ?? arguments.integer("hostname") {
            self = arguments.has("hostname") ? .host(task: task) : .node(task: task)
        } else {
            self = .form(arguments.value("to"))
        }
    }

    var wantsHosts: Bool {
        switch self {
        case .host, .form("hosts"): true
        default: false
        }
    }
}

/// The map that the shell of a job wrote into its log when it started the tasks.
private func taskmap(of id: JobID, _ flux: Handle) async throws -> Taskmap {
    let log = flux.stream(
        "job-info.eventlog-watch", ["id": .int(id.json), "path": "guest.exec.eventlog", "flags": 0])
    do {
        while let answer = try await log.nextJSON() {
            guard let entry = try Eventlog(parsing: answer["event"]?.stringValue ?? "").entries.first,
                entry.name == "shell.start", let json = entry.context?["taskmap"]
            else { continue }
            log.abandon()
            return try Taskmap(json: json)
        }
    } catch let error as RPCError where error.errnum == Errno.noEntry {
        throw CommandError("Unable to get job taskmap: no such job")
    }
    throw CommandError("No taskmap found for job")
}

private func show(_ map: Taskmap, _ question: TaskmapQuestion, _ hosts: Hostlist?) throws {
    let absent = "No such file or directory"
    switch question {
    case .tasks(let node):
        guard let tasks = map.taskIDs(onNode: node) else { throw CommandError("No taskids for node \(node): \(absent)") }
        print(tasks)
    case .count(let node):
        guard let count = map.taskCount(onNode: node) else {
            throw CommandError("failed to get task count for node \(node): \(absent)")
        }
        print(count)
    case .node(let task), .host(let task):
        guard let node = map.node(ofTask: task) else {
            throw CommandError("failed to get nodeid for task \(task): \(absent)")
        }
        guard case .host = question else { return print(node) }
        guard let hosts else { throw CommandError("taskmap: can't use --hostname without a jobid") }
        guard hosts.count > node else { throw CommandError("failed to get hostname for node \(node): \(absent)") }
        print(hosts[node])
    case .form(let form): try show(map, as: form, hosts)
    }
}

private func show(_ map: Taskmap, as form: String?, _ hosts: Hostlist?) throws {
    switch form {
    case nil: print(map)
    case "raw": print(map.formatted(.raw) ?? "")
    case "pmi": print(map.formatted(.pmi) ?? "")
    case "multiline": print(map.formatted(.multiline) ?? "", terminator: "")
    case "hosts":
        guard let hosts, let lines = map.lines(hosts: Array(hosts)) else {
            throw CommandError("taskmap: can't use --to=hosts without a jobid")
        }
        print(lines, terminator: "")
    case .some(let other): throw CommandError("invalid value --to=\(other)")
    }
}
