/// Places inside a document, named by keys with dots between them: `attributes.system.duration`.
///
/// A key that contains a dot cannot be named; RFC 21's jobspec-update and flux-core's jobspec attributes share this
/// limit.
extension JSON {
    /// A path that does not lead anywhere: an empty key, or a value on the way that is no object.
    public struct PathError: Error, Hashable, Sendable, CustomStringConvertible {
        public let path: String
        public let reason: String

        public var description: String { "\(path): \(reason)" }
    }

    /// The value at a dotted path, nil when there is none.
    public func value(at path: String) -> JSON? {
        var value = self
        for key in path.split(separator: ".", omittingEmptySubsequences: false) {
            guard !key.isEmpty, let next = value[String(key)] else { return nil }
            value = next
        }
        return value
    }

    /// Sets the value at a dotted path and creates the objects on the way.
    ///
    /// - Throws: ``PathError``; nothing was changed then.
    public mutating func set(_ value: JSON, at path: String) throws(PathError) {
        let keys = path.split(separator: ".", omittingEmptySubsequences: false)
        guard keys.allSatisfy({ !$0.isEmpty }) else { throw PathError(path: path, reason: "empty key") }
        guard keys.count < Self.defaultDepthLimit else { throw PathError(path: path, reason: "too many levels") }
        guard let changed = replacing(keys[...], by: value) else {
            throw PathError(path: path, reason: "not inside an object")
        }
        self = changed
    }

    private func replacing(_ keys: ArraySlice<Substring>, by value: JSON) -> JSON? {
        guard let first = keys.first else { return value }
        guard case .object(var object) = self else { return nil }
        let key = String(first)
        guard let inner = (object[key] ?? .object(Object())).replacing(keys.dropFirst(), by: value) else { return nil }
        object[key] = inner
        return .object(object)
    }

    /// Removes the value at a dotted path; nothing happens when there is none.
    public mutating func remove(at path: String) {
        let keys = path.split(separator: ".", omittingEmptySubsequences: false)
        if let changed = removing(keys[...]) { self = changed }
    }

    private func removing(_ keys: ArraySlice<Substring>) -> JSON? {
        guard let first = keys.first, case .object(var object) = self else { return nil }
        let key = String(first)
        if keys.count == 1 {
            object[key] = nil
        } else {
            guard let inner = object[key]?.removing(keys.dropFirst()) else { return nil }
            object[key] = inner
        }
        return .object(object)
    }
}

extension JSON.Object {
    /// Adds the members of `other`, object by object: members that both have as objects are merged, others replaced.
    ///
    /// - Parameters:
    ///   - other: the members to add.
    ///   - removingNulls: a null in `other` removes the member, and an object that becomes empty goes too (RFC 27,
    ///     annotations).
    public mutating func merge(_ other: JSON.Object, removingNulls: Bool = false) {
        for (key, value) in other {
            switch value {
            case .object(let members):
                var inner = self[key]?.objectValue ?? JSON.Object()
                inner.merge(members, removingNulls: removingNulls)
                self[key] = removingNulls && inner.isEmpty ? nil : .object(inner)
            case .null where removingNulls:
                self[key] = nil
            default:
                self[key] = value
            }
        }
    }
}
