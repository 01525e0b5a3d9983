public import RFC03Message

/// Requests that a service answers later or many times, with what it keeps for each.
///
/// Finds them again for `cancel` and `disconnect` by the RFC 6 rule: the same first route, and credentials of the
/// owner or of the same user.
public struct PendingRequests<Value> {
    public typealias ID = UInt64

    public struct Entry {
        public let request: Message
        public var value: Value
    }

    private var entries: [ID: Entry] = [:]
    /// Ids in the order in which they came; those that are gone are taken out when they are more than half.
    private var order: [ID] = []
    private var bySender: [String: Set<ID>] = [:]
    private var lastID: ID = 0

    public init() {}

    public var count: Int { entries.count }
    public var isEmpty: Bool { entries.isEmpty }
    /// All entries in the order in which they came.
    ///
    /// Complexity: linear.
    public var all: [(id: ID, entry: Entry)] { order.compactMap { id in entries[id].map { (id, $0) } } }

    public subscript(id: ID) -> Entry? {
        get { entries[id] }
        set {
            if let newValue { entries[id] = newValue } else { remove(id) }
        }
    }

    @discardableResult
    public mutating func add(_ request: Message, _ value: Value) -> ID {
        lastID += 1
        entries[lastID] = Entry(request: request, value: value)
        order.append(lastID)
        bySender[request.sender, default: []].insert(lastID)
        return lastID
    }

    @discardableResult
    public mutating func remove(_ id: ID) -> Entry? {
        guard let entry = entries.removeValue(forKey: id) else { return nil }
        let sender = entry.request.sender
        bySender[sender]?.remove(id)
        if bySender[sender]?.isEmpty == true { bySender[sender] = nil }
        if order.count > 2 * entries.count + 8 { order.removeAll { entries[$0] == nil } }
        return entry
    }

    /// Takes out the request that a `cancel` request with `{matchtag}` names.
    public mutating func cancel(matchtag: UInt32, by request: Message) -> Entry? {
        let found = bySender[request.sender]?.first { id in
            entries[id]?.request.matchtag == matchtag && mayTouch(entries[id], request)
        }
        return found.flatMap { remove($0) }
    }

    /// Takes out everything that the sender of a `disconnect` request had asked for.
    public mutating func disconnect(by request: Message) -> [Entry] {
        let ids = (bySender[request.sender] ?? []).filter { mayTouch(entries[$0], request) }
        return ids.sorted().compactMap { remove($0) }
    }

    private func mayTouch(_ entry: Entry?, _ request: Message) -> Bool {
        guard let entry else { return false }
        return request.roles.contains(.owner)
            || (request.roles.contains(.user) && request.userID == entry.request.userID)
    }
}
