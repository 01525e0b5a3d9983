internal import FluxJSON
internal import RFC19FLUID
internal import RFC20R
internal import RFC22Idset
internal import RFC34Taskmap

/// Everything about the job that a shell knows before it starts tasks.
struct ShellInfo {
    let jobID: JobID
    let job: JobDocument
    /// In the order of shell ranks.
    var shares: [NodeShare]
    let shellRank: Int
    var taskMap: Taskmap
    let hostName: String
    /// Whether job ids are written with `f` instead of `ƒ`.
    let usesPlainIDs: Bool

    var shellSize: Int { shares.count }
    var isLeader: Bool { shellRank == 0 }
    var share: NodeShare { shares[shellRank] }
    var taskCount: Int { taskMap.taskCount }
    var localTasks: Idset { tasks(ofNode: shellRank) }

    /// The tasks of a node, in order.
    func tasks(ofNode node: Int) -> Idset { taskMap.taskIDs(onNode: node) ?? Idset() }

    /// The job id as users see it.
    var shownID: String { usesPlainIDs ? jobID.f58Plain : jobID.f58 }

    /// The program's name without its folder, for messages.
    var programName: String { job.command.first?.split(separator: "/").last.map(String.init) ?? "unknown" }

    /// The host of a task.
    func host(ofTask task: Int) -> String {
        taskMap.node(ofTask: task).map { shares[$0].host } ?? "unknown"
    }

    /// A task for the tags of a template.
    struct TaskTags {
        var rank: Int
        var index: Int
    }

    /// Replaces the tags of a template.
    ///
    /// - Parameters:
    ///   - shellRank: whose node tags are meant; without a node of that rank they stay.
    ///   - task: whose task tags are meant; without one they stay.
    func render(_ text: String, shellRank: Int? = nil, task: TaskTags? = nil, tmpdir: String?) -> String {
        Template.render(text) { name in
            value(of: name, shellRank: shellRank ?? self.shellRank, task: task, tmpdir: tmpdir)
        }
    }

    private func value(of tag: String, shellRank: Int, task: TaskTags?, tmpdir: String?) -> String? {
        let name = tag.hasPrefix("jobid") ? String(tag.dropFirst(3)) : tag == "taskid" ? "task.id" : tag
        switch name {
        case "id": return shownID
        case "name": return job.name ?? programName
        case "nnodes": return "\(shellSize)"
        case "ntasks", "size": return "\(taskCount)"
        case "task.id", "task.rank": return task.map { "\($0.rank)" }
        case "task.index", "task.localid": return task.map { "\($0.index)" }
        case "tmpdir": return tmpdir
        default: break
        }
        if name.hasPrefix("id.") {
            let form = name.dropFirst(3)
            return form == "f58" ? shownID : JobID.Encoding(name: String(form)).map { jobID.text($0) }
        }
        guard name.hasPrefix("node."), shares.indices.contains(shellRank) else { return nil }
        return nodeValue(String(name.dropFirst(5)), shellRank)
    }

    private func nodeValue(_ key: String, _ shellRank: Int) -> String? {
        let share = shares[shellRank]
        switch key {
        case "id": return "\(shellRank)"
        case "name": return share.host
        case "broker_rank": return "\(share.brokerRank)"
        case "ntasks": return "\(tasks(ofNode: shellRank).count)"
        case "taskids": return tasks(ofNode: shellRank).description
        case "cores", "resources.cores": return share.cores.description
        case "gpus", "resources.gpus": return share.gpus.description
        case "ncores", "resources.ncores": return "\(share.cores.count)"
        case "resources":
            let resources: JSON = [
                "ncores": .int(Int64(share.cores.count)), "cores": .string(share.cores.description),
                "gpus": .string(share.gpus.description),
            ]
            return resources.text
        default: return nil
        }
    }

    /// Whether a template gives different texts on different nodes or for different tasks.
    func isPerShell(_ template: String) -> Bool {
        guard shellSize > 1 else { return false }
        if template.contains("{{tmpdir}}") { return true }
        let first = render(template, shellRank: 0, tmpdir: nil)
        let task = localTasks.first.map { TaskTags(rank: Int($0), index: 0) }
        return first != render(template, shellRank: 1, tmpdir: nil)
            || first != render(template, shellRank: 0, task: task, tmpdir: nil)
    }
}
