import FluxJSON
import RFC14Jobspec
import RFC26Dependency
import RFC35ConstraintQuery
import RFC37FileArchive
import RFC46Shape

extension SubmissionOptions {
    /// Environment, limits, dependencies, attributes and files: what all five commands have.
    func applyOptions(to request: inout SubmissionRequest, _ context: SubmissionContext) throws(SubmissionError) {
        try applyEnvironment(&request.jobspec, context)
        if let text = values[.signal], !text.isEmpty {
            try setOption(&request.jobspec, "signal", SignalOption(parsing: text).json)
        }
        if let map = values[.taskmap] {
            guard let entry = try? JobDependency(uri: map) else { throw .failure("Invalid taskmap URI \"\(map)\"") }
            try setOption(&request.jobspec, "taskmap", entry.json)
        }
        if let uris = lists[.dependency] {
            var entries: [JSON] = []
            for uri in uris { entries.append(try dependency(uri, context, &request.warnings)) }
            try Self.set(&request.jobspec, "system.dependencies", .array(entries))
        }
        if let terms = lists[.requires] {
            let query = terms.joined(separator: " ")
            do {
                try Self.set(
                    &request.jobspec, "system.constraints", try ConstraintQuery.requirements.parse(query))
            } catch let error as SubmissionError {
                throw error
            } catch {
                throw .failure("--requires='\(query)': \(error)")
            }
        }
        for text in lists[.setopt] ?? [] {
            let (key, value) = try keyValue("--setopt", text, context)
            try setOption(&request.jobspec, key, value)
        }
        for text in lists[.setattr] ?? [] {
            let (key, value) = try keyValue("--setattr", text, context)
            try setAttribute(&request.jobspec, key, value)
        }
        for text in lists[.addFile] ?? [] { try addFile(&request.jobspec, text, context) }
        try replaceResources(&request.jobspec, context)
        if has(.debugEmulate) { try setOption(&request.jobspec, "stop-tasks-in-exec", 1) }
    }

    private func applyEnvironment(_ jobspec: inout Jobspec, _ context: SubmissionContext) throws(SubmissionError) {
        let rules = try EnvironmentRules(lists[.env] ?? [], in: context)
        func object(_ variables: [String: String]) -> JSON {
            let sorted = variables.sorted { $0.key < $1.key }
            return .object(JSON.Object(sorted.map { ($0.key, .string($0.value)) }))
        }
        try Self.set(&jobspec, "system.environment", object(rules.environment))
        if !rules.templates.isEmpty { try setOption(&jobspec, "env-expand", object(rules.templates)) }
        let limits = try LimitRules(lists[.rlimit] ?? [], current: context.limits)
        if !limits.limits.isEmpty { try setOption(&jobspec, "rlimit", limits.json) }
    }

    private func dependency(
        _ uri: String, _ context: SubmissionContext, _ warnings: inout [String]
    ) throws(SubmissionError) -> JSON {
        if uri.hasPrefix(Self.beginTimePrefix) {
            let seconds = try beginTime(String(uri.dropFirst(Self.beginTimePrefix.count)), context)
            return JobDependency(scheme: "begin-time", value: "\(seconds)").json
        }
        do {
            let dependency = try JobDependency(uri: uri)
            if dependency.scheme == "after" {
                warnings.append("dependency scheme 'after' is deprecated, use 'afterstart'")
            }
            return dependency.json
        } catch {
            throw .failure("\(error)")
        }
    }

    /// `now`, `+FSD`, `-FSD` or a date; seconds since 1970-01-01 UTC.
    private func beginTime(_ text: String, _ context: SubmissionContext) throws(SubmissionError) -> Double {
        if text == "now" { return context.now }
        if text.hasPrefix("+") || text.hasPrefix("-") {
            guard let seconds = TimeOption.seconds(String(text.dropFirst())), seconds.isFinite else {
                throw .failure(TimeOption.complaint)
            }
            return text.hasPrefix("+") ? context.now + seconds : context.now - seconds
        }
        guard let time = context.parseDate(text) else { throw .failure("Invalid datetime: \"\(text)\"") }
        return time
    }

    /// `KEY`, `KEY=VALUE` or `^KEY=FILE`: JSON where it is JSON, else a string, else 1.
    private func keyValue(
        _ option: String, _ text: String, _ context: SubmissionContext
    ) throws(SubmissionError) -> (String, JSON) {
        let equal = text.firstIndex(of: "=")
        let key = String(text[..<(equal ?? text.endIndex)])
        let value = equal.map { String(text[text.index(after: $0)...]) }
        guard key.hasPrefix("^") else {
            guard let value else { return (key, 1) }
            return (key, (try? JSON(parsing: value)) ?? .string(value))
        }
        guard let value else { throw .failure("\(option): \(key) needs a file") }
        let content = try context.text(value) { Self.withoutNumber($0) }
        do { return (String(key.drop { $0 == "^" }), try JSON(parsing: content)) } catch {
            throw .failure("\(option): \(value): \(error)")
        }
    }

    private func setAttribute(_ jobspec: inout Jobspec, _ key: String, _ value: JSON) throws(SubmissionError) {
        var path = key
        if path.hasPrefix(".") {
            path.removeFirst()
        } else if path.hasPrefix("attributes.") {
            path.removeFirst("attributes.".count)
        } else if !path.hasPrefix("system."), !path.hasPrefix("user.") {
            path = "system." + path
        }
        try Self.set(&jobspec, path, value)
    }

    /// `PATH`, `NAME=PATH`, `NAME:PERMS=PATH`, or text in place of the path when it holds a newline.
    private func addFile(
        _ jobspec: inout Jobspec, _ argument: String, _ context: SubmissionContext
    ) throws(SubmissionError) {
        func refuse(_ reason: String) -> String { "--add-file=\(argument): \(reason)" }
        let text = argument.split(separator: "\\n", omittingEmptySubsequences: false).joined(separator: "\n")
        let equal = text.firstIndex(of: "=")
        var name = String(text[..<(equal ?? text.endIndex)])
        var data = equal.map { String(text[text.index(after: $0)...]) } ?? ""
        var permissions: UInt32 = 0o600
        if data.isEmpty {
            if name.contains("\n") { throw .failure("--add-file: file name missing") }
            data = name
            name = String(name.split(separator: "/", omittingEmptySubsequences: false).last ?? "")
        } else if let colon = name.firstIndex(of: ":"),
            let octal = UInt32(name[name.index(after: colon)...], radix: 8)
        {
            permissions = octal
            name = String(name[..<colon])
        }
        if data.contains("\n") {
            try addFile(&jobspec, name, content: .text(data), permissions: permissions)
            return
        }
        let file = try context.file(data, refuse)
        let content = String(validating: file.content, as: UTF8.self)
        try addFile(
            &jobspec, name, content: content.map { .text($0) } ?? .bytes(file.content), permissions: file.mode & 0o7777,
            size: Int64(file.content.count))
    }

    /// `--resources-shape` and `--resources-json` put their resources in the place of those the counts made.
    private func replaceResources(_ jobspec: inout Jobspec, _ context: SubmissionContext) throws(SubmissionError) {
        let shape = values[.shape].flatMap { $0.isEmpty ? nil : $0 }
        let path = values[.resourcesJSON].flatMap { $0.isEmpty ? nil : $0 }
        guard shape == nil || path == nil else {
            throw .failure(
                "`--resources-shape` and `--resources-json` are mutually exclusive arguments. Use only one.")
        }
        var resources: JSON
        if let shape {
            do { resources = try Shape(parsing: shape).resources() } catch { throw .failure("\(error)") }
        } else if let path {
            let text = try context.text(path) { Self.withoutNumber($0) }
            do { resources = try JSON(parsing: text) } catch { throw .failure("--resources-json: \(path): \(error)") }
            if let fields = resources.objectValue {
                guard let inner = fields["resources"] else {
                    throw .failure("--resources-json: \(path): no resources")
                }
                resources = inner
            }
        } else {
            return
        }
        do {
            jobspec.resources = try JSON.Object([("resources", resources)]).payloads("resources")
        } catch {
            throw .failure("\(error)")
        }
    }
}
