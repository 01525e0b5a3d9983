internal import CSystemShims
internal import Glibc

/// What a descriptor is ready for, or is asked to be watched for.
public struct Readiness: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Data, a connection or the end of the stream can be read.
    public static let readable = Readiness(rawValue: 0x001)
    /// Something can be written.
    public static let writable = Readiness(rawValue: 0x004)
    /// The descriptor failed or the other end is gone. Reported whether asked for or not.
    public static let failed = Readiness(rawValue: 0x018)
}

/// Names a watched descriptor until it is unwatched.
public struct WatchID: Hashable, Sendable {
    let descriptor: Int32
    let generation: UInt32
}

extension Reactor {
    struct Watch {
        let generation: UInt32
        let body: (Readiness) -> Void
    }

    static let wakeupToken = UInt64.max

    /// Calls `body` on the reactor whenever `descriptor` is ready (level triggered) until it is unwatched.
    ///
    /// - Throws: ``SystemError`` when the kernel refuses the descriptor, for instance a regular file.
    public func watch(
        _ descriptor: Int32, for interest: Readiness, _ body: @escaping (Readiness) -> Void
    ) throws(SystemError) -> WatchID {
        precondition(!isVirtual, "a reactor on virtual time has no descriptors")
        nextID += 1
        let id = WatchID(descriptor: descriptor, generation: UInt32(truncatingIfNeeded: nextID))
        try control(EPOLL_CTL_ADD, id, interest)
        while watches.count <= Int(descriptor) { watches.append(nil) }
        watches[Int(descriptor)] = Watch(generation: id.generation, body: body)
        watchCount += 1
        return id
    }

    /// Changes what a watched descriptor is watched for.
    public func rewatch(_ id: WatchID, for interest: Readiness) {
        guard watches[Int(id.descriptor)]?.generation == id.generation else { return }
        try? control(EPOLL_CTL_MOD, id, interest)
    }

    /// Stops watching; must come before the descriptor is closed. A watch that is gone is no error.
    public func unwatch(_ id: WatchID) {
        guard watches[Int(id.descriptor)]?.generation == id.generation else { return }
        watches[Int(id.descriptor)] = nil
        watchCount -= 1
        try? control(EPOLL_CTL_DEL, id, [])
    }

    /// Calls `body` before each sleep of the reactor; true means there is more to do and the reactor must not sleep.
    ///
    /// For libraries with edge-triggered descriptors, such as ØMQ.
    public func addPrepareHook(_ body: @escaping () -> Bool) -> UInt64 {
        nextID += 1
        prepareHooks.append((nextID, body))
        return nextID
    }

    public func removePrepareHook(_ id: UInt64) { prepareHooks.removeAll { $0.id == id } }

    private func control(_ operation: Int32, _ id: WatchID, _ interest: Readiness) throws(SystemError) {
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = UInt64(id.generation) << 32 | UInt64(UInt32(bitPattern: id.descriptor))
        guard epoll_ctl(epoll, operation, id.descriptor, &event) == 0 else { throw SystemError("epoll_ctl") }
    }
}
