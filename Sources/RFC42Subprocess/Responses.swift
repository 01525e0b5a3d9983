public import FluxJSON
public import RFC24IO

extension Rexec {
    /// One response of `exec` or `attach`. ENODATA ends the stream, any other error says why there is no process.
    public enum Response: Hashable, Sendable {
        /// The process runs.
        case started(pid: Int64)
        /// The process was there already and is now watched; with the command it was started with.
        case attached(pid: Int64, command: JSON)
        /// A signal stopped the process. That it goes on is not told.
        case stopped
        /// The process is gone; status of waitpid(2). Output may still follow.
        case finished(status: Int32)
        /// The process wrote something, or a stream ended.
        case output(pid: Int64, io: IOData)
        /// This many more bytes may be written to each channel; at first the whole buffers.
        case addCredit([String: Int64])
    }

    /// Response of `wait`.
    public struct WaitResponse: Hashable, Sendable, Payload {
        /// Status of waitpid(2).
        public var status: Int32
        /// What the server kept of the output, in order; nil when it keeps none.
        public var output: [IOData]?

        /// Creates one from its members.
        public init(status: Int32, output: [IOData]? = nil) {
            self.status = status
            self.output = output
        }

        public init(json: JSON) throws(PayloadError) {
            let object = try json.requireObject()
            status = try object.int("status", as: Int32.self)
            output = object["output"] == nil ? nil : try object.payloads("output")
        }

        public var json: JSON {
            var object: JSON.Object = ["status": .int(Int64(status))]
            if let output { object["output"] = .array(output.map(\.json)) }
            return .object(object)
        }
    }

    /// Response of `list`.
    public struct ListResponse: Hashable, Sendable, Payload {
        /// One process.
        public struct Process: Hashable, Sendable, Payload {
            /// Process id on the node of the server.
            public var pid: Int64
            /// Program, or `flux` and the subcommand.
            public var command: String
            /// Label, empty when it has none.
            public var label: String
            /// Whether it has ended and waits for its `wait`.
            public var isZombie: Bool

            /// Creates one from its members.
            public init(pid: Int64, command: String, label: String = "", isZombie: Bool = false) {
                self.pid = pid
                self.command = command
                self.label = label
                self.isZombie = isZombie
            }

            public init(json: JSON) throws(PayloadError) {
                let object = try json.requireObject()
                pid = try object.int("pid")
                command = try object.string("cmd")
                label = try object.optionalString("label") ?? ""
                isZombie = try object.optionalString("state") == "Z"
            }

            public var json: JSON {
                [
                    "pid": .int(pid), "cmd": .string(command), "label": .string(label),
                    "state": isZombie ? "Z" : "R",
                ]
            }
        }

        /// Rank of the server.
        public var rank: Int64
        /// The processes in the order in which they were started.
        public var processes: [Process]

        /// Creates one from its members.
        public init(rank: Int64, processes: [Process]) {
            self.rank = rank
            self.processes = processes
        }

        public init(json: JSON) throws(PayloadError) {
            let object = try json.requireObject()
            rank = try object.int("rank")
            processes = try object.payloads("procs")
        }

        public var json: JSON { ["rank": .int(rank), "procs": .array(processes.map(\.json))] }
    }
}

extension Rexec.Response: Payload {
    public init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        switch try object.string("type") {
        case "started": self = .started(pid: try object.int("pid"))
        case "attached": self = .attached(pid: try object.int("pid"), command: try object.value("cmd"))
        case "stopped": self = .stopped
        case "finished": self = .finished(status: try object.int("status", as: Int32.self))
        case "output": self = .output(pid: try object.optionalInt("pid") ?? 0, io: try object.payload("io"))
        case "add-credit":
            var credit: [String: Int64] = [:]
            let channels = try object.object("channels")
            for channel in channels.keys {
                do throws(PayloadError) { credit[channel] = try channels.int(channel) } catch {
                    throw error.inside("channels")
                }
            }
            self = .addCredit(credit)
        case let type:
            throw PayloadError(path: "type", expected: "type of an exec response", found: type)
        }
    }

    public var json: JSON {
        switch self {
        case .started(let pid): ["type": "started", "pid": .int(pid)]
        case .attached(let pid, let command): ["type": "attached", "pid": .int(pid), "cmd": command]
        case .stopped: ["type": "stopped"]
        case .finished(let status): ["type": "finished", "status": .int(Int64(status))]
        case .output(let pid, let io): ["type": "output", "pid": .int(pid), "io": io.json]
        case .addCredit(let credit):
            [
                "type": "add-credit",
                "channels": .object(JSON.Object(credit.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })),
            ]
        }
    }
}
