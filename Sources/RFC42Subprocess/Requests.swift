public import FluxJSON
public import RFC24IO

extension Rexec {
    /// Payload of `exec`. Streaming requests run in the foreground, others in the background.
    public struct ExecRequest: Hashable, Sendable, Payload {
        /// What to run.
        public var command: Command
        /// What the server sends back.
        public var flags: Flags
        /// How the server starts the process.
        public var localFlags: LocalFlags

        /// Creates one from its members.
        public init(command: Command, flags: Flags, localFlags: LocalFlags = []) {
            self.command = command
            self.flags = flags
            self.localFlags = localFlags
        }

        public init(json: JSON) throws(PayloadError) {
            let object = try json.requireObject()
            command = try object.payload("cmd")
            flags = Flags(rawValue: try object.int("flags"))
            localFlags = LocalFlags(rawValue: try object.optionalInt("local_flags") ?? 0)
        }

        public var json: JSON {
            ["cmd": command.json, "flags": .int(flags.rawValue), "local_flags": .int(localFlags.rawValue)]
        }
    }

    /// Payload of `write`: bytes or the end of input for the process of an `exec`. It has no response.
    public struct WriteRequest: Hashable, Sendable, Payload {
        /// Matchtag of the `exec` or `attach` request of the same client.
        public var matchtag: UInt32
        /// Channel, bytes and end; the rank is that of the process.
        public var io: IOData

        /// Creates one from its members.
        public init(matchtag: UInt32, io: IOData) {
            self.matchtag = matchtag
            self.io = io
        }

        public init(json: JSON) throws(PayloadError) {
            let object = try json.requireObject()
            matchtag = try object.int("matchtag", as: UInt32.self)
            io = try object.payload("io")
        }

        public var json: JSON { ["matchtag": .int(Int64(matchtag)), "io": io.json] }
    }

    /// Payload of `kill`; the response is empty.
    public struct KillRequest: Hashable, Sendable, Payload {
        /// Which process.
        public var target: Target
        /// Number of the signal, for the whole process group.
        public var signal: Int32

        /// Creates one from its members.
        public init(_ target: Target, signal: Int32) {
            self.target = target
            self.signal = signal
        }

        public init(json: JSON) throws(PayloadError) {
            let object = try json.requireObject()
            target = try Target(object)
            signal = try object.int("signum", as: Int32.self)
        }

        public var json: JSON { .object(target.adding(["signum": .int(Int64(signal))])) }
    }

    /// Payload of `wait`; see ``WaitResponse``.
    public struct WaitRequest: Hashable, Sendable, Payload {
        /// Which process.
        public var target: Target

        /// Creates one from its members.
        public init(_ target: Target) { self.target = target }
        public init(json: JSON) throws(PayloadError) { target = try Target(try json.requireObject()) }
        public var json: JSON { .object(target.adding([:])) }
    }

    /// Payload of `attach`, a streaming request answered like `exec`.
    public struct AttachRequest: Hashable, Sendable, Payload {
        /// Which process.
        public var target: Target
        /// Which output is forwarded.
        public var flags: Flags

        /// Creates one from its members.
        public init(_ target: Target, flags: Flags) {
            self.target = target
            self.flags = flags
        }

        public init(json: JSON) throws(PayloadError) {
            let object = try json.requireObject()
            target = try Target(object)
            flags = Flags(rawValue: try object.int("flags"))
        }

        public var json: JSON { .object(target.adding(["flags": .int(flags.rawValue)])) }
    }

    /// The signed form of any request: the payload proper is inside the signature, with a member `topic`.
    ///
    /// - Returns: the signature when the payload has one; nil for an ordinary request.
    public static func signature(_ payload: JSON) throws(PayloadError) -> String? {
        try payload.requireObject().optionalString("signature")
    }
}

extension Rexec.Target {
    fileprivate init(_ object: JSON.Object) throws(PayloadError) {
        pid = try object.int("pid")
        label = try object.optionalString("label")
    }

    fileprivate func adding(_ members: JSON.Object) -> JSON.Object {
        var object: JSON.Object = ["pid": .int(pid)]
        for (key, value) in members { object[key] = value }
        if let label { object["label"] = .string(label) }
        return object
    }
}
