public import FluxJSON
import RFC23FSD

extension QueueConfiguration {
    /// Checks the tables `[policy]` and `[queues]` strictly: no unknown key, no value of another type, no broken relation
    /// between queues.
    ///
    /// - Parameter configuration: the whole configuration of the instance.
    /// - Throws: ``Failure`` with the table and the first problem found.
    /// - Source: RFC 33; rules and texts as in flux-core 0.88, which does not know `hosts`.
    public static func validate(_ configuration: JSON) throws(Failure) {
        let general = try configuration["policy"].map { policy throws(Failure) in
            try PolicyCheck("policy").check(policy)
        }
        let queues: JSON.Object
        if let table = configuration["queues"] {
            queues = try PolicyCheck("queues").table(table)
        } else {
            queues = [:]
        }
        for (name, entry) in queues { try PolicyCheck("queues.\(name)").checkQueue(entry) }
        for (name, entry) in queues {
            guard let parent = entry["parent"]?.stringValue else { continue }
            let check = PolicyCheck("queues.\(name)")
            guard parent != name else { throw check.failure("parent queue is itself", .unfitQueue) }
            guard let other = queues[parent] else { throw check.failure("parent queue '\(parent)' is not configured", .unfitQueue) }
            guard other["parent"] == nil else {
                throw check.failure("parent queue '\(parent)' is itself a virtual queue", .unfitQueue)
            }
        }
        if let queue = general?.defaultQueue, queues[queue] == nil {
            throw Failure(
                .unfitQueue, at: "policy",
                "the [policy] config table defines a default queue \(queue) that is not in [queues] table")
        }
    }
}

/// The checks of one table.
private struct PolicyCheck {
    typealias Failure = QueueConfiguration.Failure

    /// What others want to know about a policy.
    struct Findings {
        var defaultQueue: String?
        var hasScheduler: Bool
    }

    /// The name of the table, with dots.
    let place: String

    init(_ place: String) { self.place = place }

    func failure(_ text: String, _ reason: Failure.Reason = .invalidValue) -> Failure {
        Failure(reason, at: place, "error parsing [\(place)] config table: \(text)")
    }

    /// - Parameter keys: those that the table may have; nil for any.
    func table(_ json: JSON, _ keys: Set<String>? = nil) throws(Failure) -> JSON.Object {
        guard let object = json.objectValue else { throw failure("Expected object, got \(json.typeName)", .wrongType) }
        guard let keys else { return object }
        let others = object.keys.filter { !keys.contains($0) }
        guard others.isEmpty else {
            throw failure("\(others.count) object item(s) left unpacked: \(others.joined(separator: ", "))", .unexpected)
        }
        return object
    }

    func check(_ policy: JSON) throws(Failure) -> Findings {
        let fields = try table(policy, ["jobspec", "limits", "access", "scheduler"])
        var findings = Findings(defaultQueue: nil, hasScheduler: fields["scheduler"] != nil)
        if let jobspec = fields["jobspec"] {
            findings.defaultQueue = try PolicyCheck("\(place).jobspec").checkJobspec(jobspec)
        }
        if let limits = fields["limits"] { try PolicyCheck("\(place).limits").checkLimits(limits) }
        if let access = fields["access"] { try PolicyCheck("\(place).access").checkAccess(access) }
        return findings
    }

    private func checkJobspec(_ json: JSON) throws(Failure) -> String? {
        let defaults = try table(json, ["defaults"])["defaults"] ?? .object([:])
        let system = try table(defaults, ["system"])["system"] ?? .object([:])
        let fields = try table(system, ["duration", "queue"])
        try checkDuration(fields["duration"], "defaults.system.duration")
        guard let queue = fields["queue"] else { return nil }
        guard let name = queue.stringValue else { throw failure("'defaults.system.queue' is not a string", .wrongType) }
        return name
    }

    private func checkDuration(_ json: JSON?, _ name: String) throws(Failure) {
        guard let json else { return }
        guard let text = json.stringValue, (try? FluxDuration(parsing: text)) != nil else {
            throw failure("'\(name)' is not a valid FSD")
        }
    }

    private func checkLimits(_ json: JSON) throws(Failure) {
        let fields = try table(json, ["job-size", "duration"])
        try checkDuration(fields["duration"], "duration")
        guard let sizes = fields["job-size"] else { return }
        for (side, size) in try PolicyCheck("\(place).job-size").table(sizes, ["min", "max"]) {
            let check = PolicyCheck("\(place).\(side)")
            for (_, number) in try check.table(size, ["nnodes", "ncores", "ngpus"]) {
                guard let value = number.intValue else {
                    throw check.failure("Expected integer, got \(number.typeName)", .wrongType)
                }
                guard value >= -1 else { throw check.failure("values must be >= -1") }
            }
        }
    }

    private func checkAccess(_ json: JSON) throws(Failure) {
        for (key, value) in try table(json, ["allow-user", "allow-group"]) where !Self.isStringArray(value) {
            throw failure("'\(key)' must be a string array", .wrongType)
        }
    }

    func checkQueue(_ json: JSON) throws(Failure) {
        let fields = try table(json, ["policy", "requires", "hosts", "parent"])
        let isVirtual = fields["parent"] != nil
        if let parent = fields["parent"], parent.stringValue == nil { throw failure("'parent' must be a string", .wrongType) }
        if let policy = fields["policy"] {
            let findings = try PolicyCheck("\(place).policy").check(policy)
            guard findings.defaultQueue == nil else { throw failure("'policy' must not define a default queue!", .unexpected) }
            guard !isVirtual || !findings.hasScheduler else {
                throw failure("a virtual queue must not set 'policy.scheduler'", .unexpected)
            }
        }
        if let hosts = fields["hosts"] {
            guard hosts.stringValue != nil else { throw failure("'hosts' must be a string") }
            guard !isVirtual else { throw failure("a virtual queue must not set 'hosts'") }
            guard fields["requires"] == nil else { throw failure("'hosts' and 'requires' cannot both be configured") }
        }
        guard let requires = fields["requires"] else { return }
        guard !isVirtual else { throw failure("a virtual queue must not set 'requires'", .unexpected) }
        guard Self.isStringArray(requires, without: " \t!&'\"`'|()") else {
            throw failure("'requires' must be an array of property strings (RFC 20)")
        }
    }

    private static func isStringArray(_ json: JSON, without banned: String = "") -> Bool {
        json.arrayValue?.allSatisfy { $0.stringValue.map { !$0.contains(where: banned.contains) } ?? false } ?? false
    }
}
