package import RFC03Message

/// The loaded modules and the requests that wait for them to load or to end.
package struct ModuleTable {
    package enum Status: Int, Hashable, Sendable {
        case starting, running, finalizing, exited
    }

    package struct Module {
        package let name: String
        package let uuid: String
        /// `builtin`, or the path it was loaded by.
        package let path: String
        package var status = Status.starting
        package var lastHeard: Int64
        package var loadRequest: Message?
        package var removeRequests: [Message] = []
        /// Services besides the module's own name.
        package var services: [String] = []
        package var sent = SentRequests()
        /// Messages are held back by `module.debug {defer: true}`.
        package var isDeferred = false
        package var deferred: [Message] = []
    }

    private var byUUID: [String: Module] = [:]
    private var uuids: [String: String] = [:]
    private var order: [String] = []

    package init() {}

    package subscript(uuid uuid: String) -> Module? {
        get { byUUID[uuid] }
        set {
            guard let newValue else { return remove(uuid) }
            if byUUID[uuid] == nil {
                order.append(uuid)
                uuids[newValue.name] = uuid
            }
            byUUID[uuid] = newValue
        }
    }

    package subscript(name name: String) -> Module? { uuids[name].flatMap { byUUID[$0] } }

    /// The module of this name, or else one that was loaded from this file.
    package func find(_ nameOrPath: String) -> Module? {
        self[name: nameOrPath] ?? all.first { $0.path == nameOrPath && $0.path.contains("/") }
    }

    /// Notes that a module has sent something.
    ///
    /// - Parameter time: nanoseconds of the reactor's clock.
    /// - Returns: false when there is no such module.
    package mutating func hear(from uuid: String, at time: Int64) -> Bool {
        guard let index = byUUID.index(forKey: uuid) else { return false }
        byUUID.values[index].lastHeard = time
        return true
    }

    /// Remembers where a module has sent a request.
    package mutating func note(_ request: Message, from uuid: String) {
        guard let index = byUUID.index(forKey: uuid) else { return }
        byUUID.values[index].sent.note(request)
    }

    /// What is to be done with a message for a module.
    package enum Delivery: Hashable, Sendable {
        case deliver
        /// Kept until the module takes messages again.
        case deferred
        /// The module is ending: its requests are refused.
        case refuse
        /// There is no such module.
        case drop
    }

    /// Decides about a message for a module; one that is held back is kept here.
    package mutating func admit(_ message: Message, to uuid: String) -> Delivery {
        guard let index = byUUID.index(forKey: uuid) else { return .drop }
        if byUUID.values[index].isDeferred {
            byUUID.values[index].deferred.append(message)
            return .deferred
        }
        return byUUID.values[index].status == .finalizing && message.kind == .request ? .refuse : .deliver
    }

    /// In the order in which they were loaded.
    package var all: [Module] { order.compactMap { byUUID[$0] } }

    private mutating func remove(_ uuid: String) {
        guard let module = byUUID.removeValue(forKey: uuid) else { return }
        uuids[module.name] = nil
        order.removeAll { $0 == uuid }
    }
}
