internal import Client
internal import FluxJSON
internal import RFC03Message
internal import RFC13PMI
internal import RFC19FLUID
internal import RFC34Taskmap
internal import Subprocess

/// Serves PMI to the tasks of this node, and exchanges their keys with the other shells.
///
/// The machine is made when the first task speaks: most jobs never do.
final class TaskPMI {
    private unowned let shell: JobShell
    private var server: PMIServer?
    private var exchange: PMIExchange<Message>
    private let hasMapping: Bool
    private var isPreparing = false
    private var waiting: [(line: String, task: LocalTask)] = []
    private var isAborted = false

    /// nil when the option `pmi` turns PMI off.
    init?(shell: JobShell) throws(ShellExit) {
        let options = try PMIOptions(shell.info.job.options)
        guard options.isEnabled else { return nil }
        self.shell = shell
        hasMapping = options.hasMapping
        exchange = PMIExchange(
            rank: shell.info.shellRank, size: shell.info.shellSize, fanOut: options.fanOut ?? 2)
        if shell.info.isLeader, let note = options.note(shellCount: shell.info.shellSize) {
            shell.log.warn(note, component: "pmi-simple")
        }
    }

    func connect(_ task: LocalTask, _ child: Subprocess) throws {
        _ = try child.readChannel("PMI_FD", .raw, isAwaited: false) { [self] in receive($0, from: task) }
        task.pmiWriter = try child.writeChannel("PMI_FD", limit: 1 << 20)
    }

    private func receive(_ bytes: [UInt8], from task: LocalTask) {
        guard !bytes.isEmpty else { return }
        task.pmiLines.append(bytes)
        do {
            while let line = try task.pmiLines.next() { handle(line, from: task) }
        } catch {
            violate(task, "\(error)")
        }
    }

    private func handle(_ line: String, from task: LocalTask) {
        guard server != nil else {
            waiting.append((line, task))
            prepare()
            return
        }
        shell.log.log(.trace, "\(task.tags.rank): C: \(line.dropLast())", component: "pmi-simple")
        carryOut(server?.receive(line, from: task.tags.index) ?? [])
    }

    /// Asks for the attributes that tasks may want to know, then makes the machine.
    private func prepare() {
        guard !isPreparing else { return }
        isPreparing = true
        let names = ["instance-level", "tbon.interface-hint"]
        var values: [String: String] = [:]
        var missing = names.count
        for name in names {
            shell.flux.call(.request("attr.get", json: ["name": .string(name)])) { [self] result in
                if case .success(let message) = result {
                    values[name] = (try? message.decodeJSON())?["value"]?.stringValue
                }
                missing -= 1
                if missing == 0 { begin(values) }
            }
        }
    }

    private func begin(_ attributes: [String: String]) {
        let info: ShellInfo = shell.info
        var preset: [String: String] = [:]
        let limit = PMILimits.flux.value
        let mapping = info.taskMap.formatted(.pmi) ?? ""
        if hasMapping {
            let published = PMIProcessMapping.published(mapping)
            preset["PMI_process_mapping"] = published
            if published != mapping, info.isLeader {
                shell.log.warn("PMI_process_mapping overflows PMI max value.", component: "pmi-simple")
            }
        }
        let wrapped = info.taskMap.wrappedJSON.text
        if wrapped.utf8.count < limit { preset["flux.taskmap"] = wrapped }
        if let level = attributes["instance-level"].flatMap({ Int($0) }) {
            preset["flux.instance-level"] = "\(level + 1)"
        }
        if let hint = attributes["tbon.interface-hint"] { preset["flux.tbon-interface-hint"] = hint }
        server = PMIServer(
            universeSize: info.taskCount, localSize: shell.tasks.count, kvsName: info.shownID, preset: preset)
        let lines = waiting
        waiting = []
        for (line, task) in lines { handle(line, from: task) }
    }

    private func carryOut(_ directives: [PMIServer.Directive]) {
        for directive in directives {
            switch directive {
            case .respond(let index, let line):
                guard shell.tasks.indices.contains(index) else { continue }
                let task = shell.tasks[index]
                shell.log.log(.trace, "\(task.tags.rank): S: \(line.dropLast())", component: "pmi-simple")
                task.pmiWriter?.write(line.utf8)
            case .close: break
            case .abort(_, _, let message):
                isAborted = true
                shell.raise("exec", message.isEmpty ? "PMI_Abort" : "PMI_Abort: \(message)")
            case .enterBarrier(let puts): carryOut(exchange.enter(puts))
            case .violation(let index, let reason):
                if shell.tasks.indices.contains(index) { violate(shell.tasks[index], reason) }
            case .warn(_, let message): shell.log.warn(message, component: "pmi-simple")
            }
        }
    }

    /// A task that does not keep to the protocol ends the job, unless the job is being ended already.
    private func violate(_ task: LocalTask, _ reason: String) {
        shell.log.log(.trace, "\(task.tags.rank): S: \(reason)", component: "pmi-simple")
        guard !isAborted else { return }
        shell.fail(ShellExit(1, "PMI-1 wire protocol error", component: "pmi-simple"))
    }

    // MARK: Between shells

    /// A child in the tree passes on what it gathered.
    func childAsked(_ request: Message, _ payload: JSON) {
        carryOut(exchange.childAsked(request, Self.keys(payload)))
    }

    private static func keys(_ json: JSON) -> [String: String] {
        var result: [String: String] = [:]
        for (key, value) in json.objectValue ?? [:] { result[key] = value.stringValue }
        return result
    }

    private static func json(_ keys: [String: String]) -> JSON {
        .object(JSON.Object(keys.map { ($0.key, .string($0.value)) }))
    }

    private func carryOut(_ directives: [PMIExchange<Message>.Directive]) {
        for directive in directives {
            switch directive {
            case .ask(let parent, let keys):
                shell.flux.call(
                    .request(
                        "\(shell.service).pmi-exchange", json: Self.json(keys),
                        nodeID: shell.info.shares[parent].brokerRank)
                ) { [self] result in
                    let payload = (try? result.get()).flatMap { try? $0.decodeJSON() }
                    if payload == nil { shell.log.warn("pmi-exchange request failed", component: "pmi-simple") }
                    carryOut(exchange.parentAnswered(payload.map(Self.keys)))
                }
            case .answer(let request, let keys): shell.flux.respond(to: request, Self.json(keys))
            case .refuse(let request, let text): shell.flux.respond(to: request, errnum: Errno.busy, text)
            case .complete(let keys):
                let done = server?.completeBarrier(status: keys == nil ? .fail : .success, received: keys ?? [:])
                carryOut(done ?? [])
            }
        }
    }
}
