public import FluxJSON

extension Rexec {
    /// A command: what to run, where, with which environment and channels.
    ///
    /// Source: RFC 42, "Command Object".
    public struct Command: Hashable, Sendable {
        /// A channel for Flux messages between the process and a URI on the server's side.
        public struct MessageChannel: Hashable, Sendable {
            /// Environment variable in which the process finds its URI.
            public var name: String
            /// What the server connects it with.
            public var uri: String

            /// Creates one from its members.
            public init(name: String, uri: String) {
                self.name = name
                self.uri = uri
            }
        }

        /// Program and arguments, at least one.
        public var arguments: [String]
        /// The whole environment; empty means that of the server.
        public var environment: [String: String]
        /// Working directory; nil means that of the server.
        public var directory: String?
        /// A name for the process besides its id.
        public var label: String?
        /// Options such as `stdout_LINE_BUFFER` = `false`; their names belong to the implementation.
        public var options: [String: String]
        /// Names of auxiliary channels; the process finds each one's descriptor in the variable of that name.
        public var channels: [String]
        /// Channels for Flux messages.
        public var messageChannels: [MessageChannel]

        /// Creates one from its members.
        public init(
            arguments: [String], environment: [String: String] = [:], directory: String? = nil, label: String? = nil,
            options: [String: String] = [:], channels: [String] = [], messageChannels: [MessageChannel] = []
        ) {
            self.arguments = arguments
            self.environment = environment
            self.directory = directory
            self.label = label
            self.options = options
            self.channels = channels
            self.messageChannels = messageChannels
        }
    }
}

extension Rexec.Command: Payload {
    /// Reads a command.
    ///
    /// An empty `cmdline` is accepted here: the server answers it with a text of its own.
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        arguments = try object.strings("cmdline")
        environment = try object.texts("env")
        directory = try object.optionalString("cwd")
        label = try object.optionalString("label")
        options = try object.texts("opts")
        channels = try object.strings("channels")
        messageChannels = object["msgchan"] == nil ? [] : try object.payloads("msgchan")
    }

    public var json: JSON {
        var object: JSON.Object = [:]
        if let directory { object["cwd"] = .string(directory) }
        if let label { object["label"] = .string(label) }
        object["cmdline"] = .array(arguments.map { .string($0) })
        object["env"] = .object(JSON.Object(texts: environment))
        object["opts"] = .object(JSON.Object(texts: options))
        object["channels"] = .array(channels.map { .string($0) })
        object["msgchan"] = .array(messageChannels.map(\.json))
        return .object(object)
    }
}

extension Rexec.Command.MessageChannel: Payload {
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        name = try object.string("name")
        uri = try object.string("uri")
    }

    public var json: JSON { ["name": .string(name), "uri": .string(uri)] }
}

extension JSON.Object {
    /// Strings by name, sorted so that equal commands print alike.
    fileprivate init(texts: [String: String]) {
        self.init()
        for (name, text) in texts.sorted(by: { $0.key < $1.key }) { self[name] = .string(text) }
    }

    /// The object called `key`, all of whose values are strings.
    fileprivate func texts(_ key: String) throws(PayloadError) -> [String: String] {
        var texts: [String: String] = [:]
        for (name, value) in try object(key) {
            guard let text = value.stringValue else {
                throw PayloadError(path: "\(key).\(name)", expected: "string", found: value)
            }
            texts[name] = text
        }
        return texts
    }
}
