public import FluxJSON

/// The tables `queues` and `policy` of the configuration.
public struct QueueConfiguration: Hashable, Sendable {
    /// One configured queue.
    public struct Queue: Hashable, Sendable {
        /// Hosts that belong to it: a hostlist, or `all`.
        public var hosts: String?
        /// Properties that its nodes have.
        public var requires: [String]
        /// The queue whose resources it uses under another name.
        public var parent: String?
        /// The queue's own policy, not joined with others.
        public var policy: JSON.Object
    }

    /// A table that cannot be used.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The kinds of mistakes.
        public enum Reason: Hashable, Sendable {
            /// A key that may not be there, or not here.
            case unexpected
            /// A value of another type.
            case wrongType
            /// A value that is not among those allowed.
            case invalidValue
            /// A queue that is not configured, or cannot be what it is named for.
            case unfitQueue
        }

        /// What is wrong.
        public let reason: Reason
        /// The table, with dots: `queues.batch.policy`; empty for the whole configuration.
        public let path: String
        /// What the administrator reads; flux-core's words where it has some.
        public let description: String

        init(_ reason: Reason, at path: String, _ description: String) {
            self.reason = reason
            self.path = path
            self.description = description
        }
    }

    private var queues: JSON.Object
    private let parsed: [String: Queue]
    private let generalPolicy: JSON.Object

    /// Whether there are named queues; otherwise there is one without name.
    public var hasNames: Bool { !parsed.isEmpty }
    /// Names in the order of the configuration.
    public var names: [String] { queues.keys }

    /// A queue by its name.
    public subscript(name: String) -> Queue? { parsed[name] }

    /// Reads a configuration.
    ///
    /// - Throws: ``Failure`` for a table that breaks a rule of RFC 33.
    public init(_ configuration: JSON) throws(Failure) {
        queues = configuration["queues"]?.objectValue ?? [:]
        generalPolicy = configuration["policy"]?.objectValue ?? [:]
        if let other = configuration["queues"], other.objectValue == nil {
            throw Failure(.wrongType, at: "queues", "queues: expected table, found \(other.typeName)")
        }
        var parsed: [String: Queue] = [:]
        for (name, value) in queues { parsed[name] = try Self.queue(name, value) }
        self.parsed = parsed
        for (name, queue) in parsed { try check(name, queue) }
        if let name = defaultQueue, hasNames, parsed[name] == nil {
            throw Failure(.unfitQueue, at: "policy", "default queue '\(name)' is not in [queues]")
        }
    }

    private static func queue(_ name: String, _ value: JSON) throws(Failure) -> Queue {
        do {
            let fields = try value.requireObject()
            return Queue(
                hosts: try fields.optionalString("hosts"),
                requires: fields["requires"] == nil ? [] : try fields.strings("requires"),
                parent: try fields.optionalString("parent"), policy: try fields.optionalObject("policy") ?? [:])
        } catch {
            throw Failure(.wrongType, at: "queues.\(name)", "\(error.inside("queues.\(name)"))")
        }
    }

    private func check(_ name: String, _ queue: Queue) throws(Failure) {
        if queue.hosts != nil, !queue.requires.isEmpty {
            throw Failure(.unexpected, at: "queues.\(name)", "queues.\(name): 'hosts' and 'requires' cannot both be configured")
        }
        if let property = queue.requires.first(where: { $0.contains { "!&'\"^`|()".contains($0) } }) {
            throw Failure(.invalidValue, at: "queues.\(name).requires", "queues.\(name).requires: invalid property name '\(property)'")
        }
        guard let parent = queue.parent else { return }
        guard let other = parsed[parent] else {
            throw Failure(.unfitQueue, at: "queues.\(name)", "queues.\(name): parent '\(parent)' is not a configured queue")
        }
        guard other.parent == nil else {
            throw Failure(.unfitQueue, at: "queues.\(name)", "queues.\(name): parent '\(parent)' is a virtual queue")
        }
        guard queue.requires.isEmpty, queue.hosts == nil, queue.policy["scheduler"] == nil else {
            throw Failure(
                .unexpected, at: "queues.\(name)",
                "queues.\(name): a virtual queue cannot have 'requires', 'hosts' or 'policy.scheduler'")
        }
    }

    /// Where jobs go that name no queue.
    public var defaultQueue: String? {
        JSON.object(generalPolicy).value(at: "jobspec.defaults.system.queue")?.stringValue
    }

    /// The queue whose resources a queue uses: its parent, or itself.
    public func resourceQueue(of name: String) -> String { parsed[name]?.parent ?? name }

    /// Properties that a job of this queue needs.
    public func requires(of name: String) -> [String] {
        let owner = resourceQueue(of: name)
        guard let queue = parsed[owner] else { return [] }
        return queue.hosts == nil ? queue.requires : ["+" + owner]
    }

    /// The constraint that is added to jobs of a queue; nil when the queue covers everything.
    public func constraint(of name: String) -> JSON? {
        let properties = requires(of: name)
        return properties.isEmpty ? nil : ["properties": .array(properties.map { .string($0) })]
    }

    /// Virtual queues below a queue.
    public func virtualQueues(of name: String) -> [String] { names.filter { parsed[$0]?.parent == name } }

    /// The policy that holds for a queue: its own before its parent's before the general one.
    ///
    /// - Parameter name: nil for the queue without name.
    public func policy(of name: String?) -> Policy {
        var table = generalPolicy
        if let name, let queue = parsed[name] {
            if let parent = queue.parent.flatMap({ parsed[$0] }) { table.merge(parent.policy) }
            table.merge(queue.policy)
        }
        return Policy(table)
    }
}
