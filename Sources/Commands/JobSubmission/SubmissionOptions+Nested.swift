import FluxJSON
import RFC14Jobspec
import RFC22Idset
import RFC36Directives
import RFC37FileArchive

extension SubmissionOptions {
    // MARK: batch

    /// Reads the script and the directives in it; command line options go before those of the script.
    ///
    /// Afterwards the options say what script and command line say together.
    public mutating func readScript(_ context: SubmissionContext) throws(SubmissionError) -> String {
        if has(.wrap), !command.isEmpty { return "#!/bin/sh\n" + command.joined(separator: " ") + "\n" }
        let name = command.first ?? "stdin"
        let bytes =
            if let path = command.first {
                try context.file(path) { Self.withoutNumber($0) }.content
            } else {
                context.readStandardInput()
            }
        guard let raw = String(validating: bytes, as: UTF8.self) else {
            throw .failure("\(name) does not appear to be a script, or failed to encode as utf-8")
        }
        let script = raw.split(separator: "\r\n", omittingEmptySubsequences: false).joined(separator: "\n")
        let found: SubmissionDirectives
        do { found = try SubmissionDirectives(parsing: script) } catch { throw .failure("\(name): \(error)") }
        try merge(found, name)
        return has(.wrap) ? "#!/bin/sh\n" + script : script
    }

    /// Puts the options of the directives below those of the command line.
    private mutating func merge(_ found: SubmissionDirectives, _ name: String) throws(SubmissionError) {
        var merged = SubmissionOptions(for: program)
        for directive in found.directives where !directive.arguments.isEmpty {
            do { try merged.read(directive.arguments) } catch {
                guard case .usage(let text) = error else { throw error }
                throw .directive(where: "\(name) line \(directive.line)", text)
            }
        }
        merged.values.merge(values) { _, mine in mine }
        merged.lists.merge(lists) { theirs, mine in theirs + mine }
        merged.counts.merge(counts) { theirs, mine in theirs + mine }
        merged.command = command
        self = merged
    }

    /// `[Errno 2] No such file or directory: 'x'` without the number: errors that no option caused.
    static func withoutNumber(_ text: String) -> String {
        guard text.hasPrefix("[Errno "), let end = text.firstIndex(of: "]") else { return text }
        return String(text[text.index(end, offsetBy: 2)...])
    }

    func batch(_ script: String, _ context: SubmissionContext) throws(SubmissionError) -> SubmissionRequest {
        let arguments = command.dropFirst()
        var nested = try Nested(self, context)
        let name = values[.jobName] ?? command.first ?? "batch"
        nested.command = ["{{tmpdir}}/script"] + arguments
        guard script.hasPrefix("#!") else { throw .failure("\(name) does not appear to start with '#!'") }
        var request = try nested.request(self)
        try setBasics(
            &request.jobspec, context, name: name, input: values[.input], output: "flux-{{id}}.out")
        try nested.finish(&request.jobspec, self)
        try addFile(&request.jobspec, "script", content: .text(script), permissions: 0o700)
        return request
    }

    // MARK: alloc

    func alloc(_ context: SubmissionContext) throws(SubmissionError) -> SubmissionRequest {
        var nested = try Nested(self, context)
        nested.command = command
        if has(.background), command.isEmpty { nested.brokerOptions.append("-Sbroker.rc2_none=1") }
        var request = try nested.request(self)
        try setBasics(&request.jobspec, context, name: values[.jobName], input: nil, acceptsOutput: false)
        try nested.finish(&request.jobspec, self)
        if has(.background) {
            try setOption(&request.jobspec, "pty.capture", 1)
        } else if context.isTerminal {
            try setOption(&request.jobspec, "pty.interactive", 1)
        }
        return request
    }
}

/// What batch and alloc share: the shape of the new instance and the command line of its brokers.
private struct Nested {
    var command: [String] = []
    var brokerOptions: [String]
    var configuration = BatchConfiguration()
    let slots: Int64, coresPerSlot: Int64, gpusPerSlot: Int64?, nodes: Int64?
    let isExclusive: Bool
    let extraBrokers: Int64

    init(_ options: SubmissionOptions, _ context: SubmissionContext) throws(SubmissionError) {
        for value in options.lists[.conf] ?? [] { try configuration.add(value, in: context) }
        nodes = options.replacesResources ? 1 : try options.integer(.nodes, isChecked: true)
        let wanted = try options.integer(.nslots) ?? 0
        guard wanted != 0 || nodes ?? 0 != 0 else { throw .failure("Number of slots to allocate must be specified") }
        slots = wanted != 0 ? wanted : nodes ?? 1
        isExclusive = wanted == 0 || options.has(.exclusive)
        coresPerSlot = try options.integer(.coresPerSlot) ?? 1
        gpusPerSlot = try options.integer(.gpusPerSlot)
        extraBrokers = try options.integer(.addBrokers) ?? 0
        brokerOptions = (options.lists[.brokerOptions] ?? []).flatMap {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        if let dump = options.values[.dump], !dump.isEmpty { brokerOptions.append("-Scontent.dump=" + dump) }
        if extraBrokers > 0 { try excludeExtraBrokers(context) }
    }

    /// Brokers beyond one for each node run on the first node and offer no resources.
    private mutating func excludeExtraBrokers(_ context: SubmissionContext) throws(SubmissionError) {
        guard nodes ?? 0 > 0 else { throw .failure("--add-brokers may only be specified with -N, --nnodes") }
        guard let last = UInt32(exactly: extraBrokers) else { throw .failure("--add-brokers: too many brokers") }
        let before = JSON.object(configuration.document ?? [:]).value(at: "resource.exclude") ?? ""
        guard var exclude = try? Idset(parsing: before.stringValue ?? before.text) else {
            throw .failure("--add-brokers: resource.exclude must be a set of ranks")
        }
        exclude.insert(1...last)
        try configuration.add("resource.exclude=\"\(exclude)\"", in: context)
    }

    func request(_ options: SubmissionOptions) throws(SubmissionError) -> SubmissionRequest {
        var brokerOptions = brokerOptions
        if configuration.document != nil { brokerOptions.append("-c{{tmpdir}}/conf.json") }
        do {
            return SubmissionRequest(
                jobspec: try JobspecBuilder.nested(
                    command: command, brokerOptions: brokerOptions, slotCount: slots, coresPerSlot: coresPerSlot,
                    gpusPerSlot: gpusPerSlot, nodeCount: nodes, isExclusive: isExclusive),
                options: options)
        } catch {
            throw .failure("\(error)")
        }
    }

    func finish(_ jobspec: inout Jobspec, _ options: SubmissionOptions) throws(SubmissionError) {
        if extraBrokers == 0 { try options.setOption(&jobspec, "per-resource.type", "node") }
        try options.setOption(&jobspec, "mpi", "none")
        try options.setOption(&jobspec, "exit-timeout", "none")
        if let document = configuration.document {
            try options.addFile(&jobspec, "conf.json", content: .json(.object(document)), permissions: 0o600)
        }
        guard extraBrokers > 0, let nodes else { return }
        jobspec.tasks[0].count = .total(nodes + extraBrokers)
        let map = "[[0,1,\(1 + extraBrokers),1],[1,\(nodes - 1),1,1]]"
        try options.setOption(&jobspec, "taskmap", ["scheme": "manual", "value": .string(map)])
    }
}

extension SubmissionOptions {
    /// Puts a file into the jobspec.
    func addFile(
        _ jobspec: inout Jobspec, _ name: String, content: FileEntry.Content, permissions: UInt32, size: Int64? = nil
    ) throws(SubmissionError) {
        var files = jobspec.attribute("system.files")?.objectValue ?? [:]
        var fields: JSON.Object = ["mode": .int(Int64(0o100000 | permissions & 0o7777))]
        if let size { fields["size"] = .int(size) }
        let entry = FileEntry(path: nil, kind: .regular, permissions: permissions, content: content)
        for key in ["data", "encoding"] { fields[key] = entry.json[key] }
        files[name] = .object(fields)
        try Self.set(&jobspec, "system.files", .object(files))
    }

    fileprivate func integer(_ option: SubmissionOption, isChecked: Bool) throws(SubmissionError) -> Int64? {
        guard let text = values[option] else { return nil }
        guard let value = LooseInteger.parse(text) else {
            throw .usage("argument \(option.names.joined(separator: "/")): invalid int value: '\(text)'")
        }
        return value
    }
}
