internal import Client
internal import FluxJSON
internal import Glibc
internal import RFC03Message
internal import RFC22Idset
internal import Reactor
internal import Subprocess

extension JobShell {
    /// The tasks of this node.
    private var localRows: [ProcessTable.Row] {
        tasks.map { task in
            ProcessTable.Row(
                task: task.tags.rank, host: info.hostName, program: task.child?.command.arguments.first ?? "",
                processID: Int(task.child?.processID ?? 0), brokerRank: Int(info.share.brokerRank))
        }
    }

    /// Answers `proctable`: the leader asks the other shells for their part.
    func answerProcessTable(_ request: Message) {
        guard info.isLeader, info.shellSize > 1 else {
            return flux.respond(to: request, ProcessTable(rows: localRows).json)
        }
        var parts: [Int: [ProcessTable.Row]] = [info.shellRank: localRows]
        var missing = info.shellSize - 1
        var isRefused = false
        for shellRank in info.shares.indices where shellRank != info.shellRank {
            let part = Message.request("\(service).proctable-part", nodeID: info.shares[shellRank].brokerRank)
            flux.call(part) { [self] result in
                missing -= 1
                if case .success(let message) = result, let json = try? message.decodeJSON() {
                    parts[shellRank] = rows(json, of: shellRank)
                }
                guard missing == 0, !isRefused else { return }
                guard parts.count == info.shellSize else {
                    isRefused = true
                    return flux.respond(to: request, errnum: Errno.canceled)
                }
                let rows = parts.values.sorted { ($0.first?.task ?? 0) < ($1.first?.task ?? 0) }.flatMap { $0 }
                flux.respond(to: request, ProcessTable(rows: rows).json)
            }
        }
    }

    /// What another shell answered: the process of each of its tasks.
    private func rows(_ json: JSON, of shellRank: Int) -> [ProcessTable.Row] {
        let share = info.shares[shellRank]
        let processes = json["pids"]?.arrayValue?.compactMap(\.intValue) ?? []
        let program = json["program"]?.stringValue ?? ""
        return zip(info.tasks(ofNode: shellRank), processes).map { task, process in
            ProcessTable.Row(
                task: Int(task), host: share.host, program: program, processID: Int(process),
                brokerRank: Int(share.brokerRank))
        }
    }

    /// The part of this node for the leader.
    func answerProcessTablePart(_ request: Message) {
        flux.respond(
            to: request,
            [
                "program": .string(tasks.first?.child?.command.arguments.first ?? ""),
                "pids": .array(tasks.map { .int(Int64($0.child?.processID ?? 0)) }),
            ])
    }

    /// Whether tasks stop before their first instruction: the option `stop-tasks-in-exec`.
    var stopsTasksInExec: Bool {
        switch info.job.options["stop-tasks-in-exec"] {
        case .bool(let flag)?: flag
        case .int(let number)?: number > 0
        default: false
        }
    }

    /// The option `oom.adjust`: how likely the kernel is to choose the tasks when memory runs out.
    func adjustOutOfMemory(_ processID: Int32) {
        guard let value = info.job.options["oom", "adjust"]?.intValue else { return }
        let path = "/proc/\(processID)/oom_score_adj"
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        let text = Array("\(value)".utf8)
        let isDone = descriptor >= 0 && write(descriptor, text, text.count) == text.count
        let reason = isDone ? "" : ": \(SystemError.text(of: errno))"
        if descriptor >= 0 { close(descriptor) }
        log.debug("pid \(processID) score_adj \(value)\(reason)", component: "oom")
    }
}
