public import FluxJSON

/// What the job manager remembers over a restart: KVS key `checkpoint.job-manager`.
///
/// Source: observed: flux-core 0.88.
public struct QueueCheckpoint: Payload, Hashable {
    /// State of one queue.
    public struct Queue: Payload, Hashable {
        /// Nil for the queue without name.
        public var name: String?
        /// Jobs may be submitted.
        public var isEnabled: Bool
        /// Jobs are scheduled.
        public var isStarted: Bool
        /// Why no jobs may be submitted.
        public var disableReason: String?
        /// Why jobs are not scheduled.
        public var stopReason: String?

        public init(
            name: String?, isEnabled: Bool, isStarted: Bool, disableReason: String? = nil, stopReason: String? = nil
        ) {
            self.name = name
            self.isEnabled = isEnabled
            self.isStarted = isStarted
            self.disableReason = disableReason
            self.stopReason = stopReason
        }

        public init(json: JSON) throws(PayloadError) {
            let fields = try json.requireObject()
            name = try fields.optionalString("name")
            isEnabled = try fields.bool("enable")
            isStarted = try fields.optionalBool("start") ?? true
            let reason = try fields.optionalString("reason")  // the name it had once
            disableReason = try fields.optionalString("disable_reason") ?? reason
            stopReason = try fields.optionalString("stop_reason")
        }

        public var json: JSON {
            var fields = JSON.Object()
            if let name { fields["name"] = .string(name) }
            fields["enable"] = .bool(isEnabled)
            fields["start"] = .bool(isStarted)
            if let disableReason { fields["disable_reason"] = .string(disableReason) }
            if let stopReason { fields["stop_reason"] = .string(stopReason) }
            return .object(fields)
        }
    }

    /// The KVS key.
    public static let key = "checkpoint.job-manager"

    /// Version of the form.
    public var version: Int64 = 1
    /// The largest job id there was.
    public var maxJobID: UInt64
    /// All queues.
    public var queues: [Queue]

    public init(maxJobID: UInt64, queues: [Queue]) {
        self.maxJobID = maxJobID
        self.queues = queues
    }

    public init(json: JSON) throws(PayloadError) {
        let fields = try json.requireObject()
        version = try fields.optionalInt("version") ?? 0
        maxJobID = UInt64(bitPattern: try fields.int("max_jobid"))
        queues = fields["queue"] == nil ? [] : try fields.payloads("queue")
    }

    public var json: JSON {
        [
            "version": .int(version), "max_jobid": .int(Int64(bitPattern: maxJobID)),
            "queue": .array(queues.map(\.json)),
        ]
    }
}
