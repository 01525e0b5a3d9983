public import FluxJSON

/// Changes of keys that happen together or not at all.
///
/// Source: RFC 11; operations as flux-core 0.88 sends them to kvs.commit.
public struct KVSTransaction: Sendable {
    /// The operations as they are sent.
    public private(set) var operations: [JSON] = []

    /// Commit flag: the answer comes when everything is in the backing store and a checkpoint leads to it.
    public static let syncFlag: Int64 = 4

    /// A transaction that changes nothing yet.
    public init() {}

    public var isEmpty: Bool { operations.isEmpty }

    /// Gives a key a value.
    public mutating func put(_ key: String, _ bytes: some Collection<UInt8>) {
        add(key, flags: 0, Self.value(bytes))
    }

    /// Adds to the end of a key's value; a key without value gets this one.
    public mutating func append(_ key: String, _ bytes: some Collection<UInt8>) {
        add(key, flags: 32, Self.value(bytes))
    }

    /// Puts a tree object at a key.
    public mutating func put(_ key: String, object: JSON) { add(key, flags: 0, object) }

    /// Makes a key another name for a key, perhaps of another namespace.
    public mutating func link(_ key: String, to target: String, namespace: String? = nil) {
        var data: JSON.Object = [:]
        data["namespace"] = namespace.map { .string($0) }
        data["target"] = .string(target)
        add(key, flags: 0, ["data": .object(data), "type": "symlink", "ver": 1])
    }

    /// Removes a key; that it is absent is no error.
    public mutating func unlink(_ key: String) { add(key, flags: 0, .null) }

    private mutating func add(_ key: String, flags: Int64, _ entry: JSON) {
        operations.append(["key": .string(key), "flags": .int(flags), "dirent": entry])
    }

    private static func value(_ bytes: some Collection<UInt8>) -> JSON {
        ["data": .string(Base64.encode(bytes)), "type": "val", "ver": 1]
    }
}
