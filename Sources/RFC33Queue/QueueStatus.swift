public import FluxJSON

/// What is told about a queue.
public struct QueueStatus: Payload, Hashable {
    /// Jobs may be submitted.
    public var isEnabled: Bool
    /// Jobs are scheduled.
    public var isStarted: Bool
    /// Why no jobs may be submitted.
    public var disableReason: String?
    /// Why jobs are not scheduled.
    public var stopReason: String?
    /// What keeps a started queue from scheduling: `scheduler` or `parent`.
    public var blocked: String?
    /// Of a virtual queue.
    public var parent: String?

    public init(
        isEnabled: Bool = true, isStarted: Bool = true, disableReason: String? = nil, stopReason: String? = nil,
        blocked: String? = nil, parent: String? = nil
    ) {
        self.isEnabled = isEnabled
        self.isStarted = isStarted
        self.disableReason = disableReason
        self.stopReason = stopReason
        self.blocked = blocked
        self.parent = parent
    }

    /// Whether the queue was started, though something else may keep it from scheduling.
    public var wasStarted: Bool { isStarted || blocked != nil }

    public init(json: JSON) throws(PayloadError) {
        let fields = try json.requireObject()
        isEnabled = try fields.bool("enable")
        isStarted = try fields.bool("start")
        disableReason = try fields.optionalString("disable_reason")
        stopReason = try fields.optionalString("stop_reason")
        blocked = try fields.optionalString("blocked")
        parent = try fields.optionalString("parent")
    }

    public var json: JSON {
        var fields: JSON.Object = ["enable": .bool(isEnabled), "start": .bool(isStarted)]
        if let parent { fields["parent"] = .string(parent) }
        if let blocked { fields["blocked"] = .string(blocked) }
        if let disableReason { fields["disable_reason"] = .string(disableReason) }
        if let stopReason { fields["stop_reason"] = .string(stopReason) }
        return .object(fields)
    }
}

/// `job-manager.queue-enable` and `job-manager.queue-start`: switch a queue, or all of them.
public struct QueueSwitchRequest: Payload, Hashable {
    /// What is switched.
    public enum Switch: String, Hashable, Sendable {
        case enable, start
    }

    /// What is switched: submission or scheduling.
    public var `switch`: Switch
    /// Which way.
    public var isOn: Bool
    /// Nil for the queue without name, or with `isForAll`.
    public var name: String?
    /// Why, when it is switched off.
    public var reason: String?
    /// All queues.
    public var isForAll: Bool
    /// Do not remember the change over a restart (start only).
    public var isTemporary: Bool

    public init(
        _ switch: Switch, _ isOn: Bool, name: String? = nil, reason: String? = nil, isForAll: Bool = false,
        isTemporary: Bool = false
    ) {
        self.switch = `switch`
        self.isOn = isOn
        self.name = name
        self.reason = reason
        self.isForAll = isForAll
        self.isTemporary = isTemporary
    }

    public init(json: JSON) throws(PayloadError) {
        let fields = try json.requireObject()
        self.switch = fields["enable"] != nil ? .enable : .start
        isOn = try fields.bool(self.switch.rawValue)
        name = try fields.optionalString("name")
        reason = try fields.optionalString("reason")
        isForAll = try fields.bool("all")
        isTemporary = try fields.optionalBool("nocheckpoint") ?? false
    }

    public var json: JSON {
        var fields = JSON.Object()
        if let name { fields["name"] = .string(name) }
        fields[`switch`.rawValue] = .bool(isOn)
        if let reason { fields["reason"] = .string(reason) }
        fields["all"] = .bool(isForAll)
        if isTemporary { fields["nocheckpoint"] = true }
        return .object(fields)
    }
}
