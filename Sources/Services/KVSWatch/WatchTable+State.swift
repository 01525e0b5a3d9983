internal import FluxJSON

extension WatchTable {
    /// One namespace that somebody watches.
    struct Monitor: Sendable {
        var owner: UInt32?
        var root: Root?
        var isAsking = true
        var members: Set<ID> = []
        /// Watchers that every change concerns: with `full`, and those that have not begun.
        var always: Set<ID> = []
        var byKey: [String: Set<ID>] = [:]
    }

    /// One watcher.
    struct Watcher: Sendable {
        let namespace: String
        let key: String
        let flags: Flags
        /// nil for the instance owner.
        let user: UInt32?
        /// Version of the root of the last look-up that was sent; -1 before the first.
        var askedSequence: Int64 = -1
        /// Version of the root of the first finding: older ones that arrive later are out of date.
        var firstSequence: Int64 = -1
        var hasAnswered = false
        var hasSentSentinel = false
        /// The value last sent, for those who want changes only.
        var previous: JSON?
        /// Blobs of the value that are sent or on their way; nil before the first finding.
        var blobCount: Int?
        /// Blobs sent.
        var sentBlobs = 0
        /// Look-ups under way, in the order of the commits.
        var lookUps: [Pending<Finding>] = []
        /// Loads under way, in the order of the blobs.
        var loads: [Pending<LoadResult>] = []
        var lastTurn = 0

        var isOneShot: Bool { flags.isDisjoint(with: [.watch, .stream]) }
    }

    enum LoadResult: Sendable {
        case success([UInt8])
        case failure(Int32)
    }

    struct Pending<Value: Sendable>: Sendable {
        let turn: Int
        var isFirst = false
        /// The sentinel follows this one.
        var isLastOfFirst = false
        var value: Value?
    }

    mutating func add(
        _ id: ID, _ namespace: String, _ key: String, _ flags: Flags, _ user: UInt32?, _ directives: inout [Directive]
    ) {
        watchers[id] = Watcher(namespace: namespace, key: key, flags: flags, user: user)
        if monitors[namespace] == nil {
            monitors[namespace] = Monitor()
            directives.append(.follow(namespace: namespace))
        }
        monitors[namespace]?.members.insert(id)
        monitors[namespace]?.always.insert(id)
        if !flags.contains(.full) { monitors[namespace]?.byKey[key, default: []].insert(id) }
        if monitors[namespace]?.root != nil {
            advance(id, &directives)
        } else if monitors[namespace]?.isAsking == false {
            // The namespace was not there when it was asked for; it may be now.
            monitors[namespace]?.isAsking = true
            directives.append(.askRoot(namespace: namespace))
        }
    }

    mutating func remove(_ id: ID, _ directives: inout [Directive]) {
        guard let watcher = watchers.removeValue(forKey: id) else { return }
        let namespace = watcher.namespace
        monitors[namespace]?.members.remove(id)
        monitors[namespace]?.always.remove(id)
        monitors[namespace]?.byKey[watcher.key]?.remove(id)
        if monitors[namespace]?.byKey[watcher.key]?.isEmpty == true { monitors[namespace]?.byKey[watcher.key] = nil }
        if monitors[namespace]?.members.isEmpty == true {
            monitors[namespace] = nil
            directives.append(.unfollow(namespace: namespace))
        }
    }

    /// Tells a watcher why it is over.
    mutating func end(_ id: ID, _ errnum: Int32, _ text: String?, _ directives: inout [Directive]) {
        guard watchers[id] != nil else { return }
        directives.append(.end(id, errnum: errnum, text: text))
        remove(id, &directives)
    }

    mutating func take(
        _ namespace: String, _ owner: UInt32, _ root: Root, keys: [String]?, _ directives: inout [Directive]
    ) {
        monitors[namespace]?.root = root
        if monitors[namespace]?.owner == nil { monitors[namespace]?.owner = owner }
        guard let monitor = monitors[namespace] else { return }
        var concerned = monitor.always
        for key in keys ?? [] { concerned.formUnion(monitor.byKey[key] ?? []) }
        for id in concerned.sorted() { advance(id, &directives) }
    }

    /// Looks up for a watcher in the newest root of its namespace.
    mutating func advance(_ id: ID, _ directives: inout [Directive]) {
        guard let watcher = watchers[id], let monitor = monitors[watcher.namespace], let root = monitor.root,
            root.sequence > watcher.askedSequence
        else { return }
        if let user = watcher.user, user != monitor.owner {
            end(id, ErrorNumber.perm, nil, &directives)
            return
        }
        let isFirst = watcher.askedSequence < 0
        let turn = watcher.lastTurn + 1
        var flags = watcher.flags
        if !flags.isDisjoint(with: [.append, .stream]) { flags.insert(.treeObject) }
        watchers[id]?.lastTurn = turn
        watchers[id]?.askedSequence = root.sequence
        watchers[id]?.lookUps.append(Pending(turn: turn, isFirst: isFirst))
        if isFirst {
            if !watcher.flags.contains(.full) { monitors[watcher.namespace]?.always.remove(id) }
            directives.append(
                .lookUp(id, turn: turn, key: watcher.key, flags: flags.rawValue, namespace: watcher.namespace))
        } else {
            directives.append(.lookUpAt(id, turn: turn, key: watcher.key, flags: flags.rawValue, root))
        }
    }

    mutating func rootFailed(_ namespace: String, _ errnum: Int32, _ directives: inout [Directive]) {
        monitors[namespace]?.isAsking = false
        guard let monitor = monitors[namespace], monitor.root == nil else { return }
        for id in monitor.members.sorted() {
            // Who waits for the key waits for its namespace too.
            if errnum == ErrorNumber.notSupported, let flags = watchers[id]?.flags, flags.contains(.waitCreate),
                !flags.contains(.existingNamespace)
            {
                continue
            }
            end(id, errnum, nil, &directives)
        }
    }
}
