public import Client
public import FluxJSON
internal import RFC03Message
public import RFC18Eventlog

/// How a value is looked up.
///
/// Source: observed: flux-core 0.88.
public struct KVSLookupFlags: OptionSet, Hashable, Sendable {
    public let rawValue: Int64
    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// The entries of a directory.
    public static let readDirectory = KVSLookupFlags(rawValue: 1)
    /// The link itself, not what it leads to.
    public static let readLink = KVSLookupFlags(rawValue: 2)
    /// An answer now and after each change.
    public static let watch = KVSLookupFlags(rawValue: 4)
    /// Wait for a key that does not exist yet.
    public static let waitCreate = KVSLookupFlags(rawValue: 8)
    /// The stored object as it is.
    public static let treeObject = KVSLookupFlags(rawValue: 16)
    /// With ``watch``: only what is added, one answer for each piece.
    public static let watchAppend = KVSLookupFlags(rawValue: 256)
    /// A long value in several answers.
    public static let stream = KVSLookupFlags(rawValue: 512)
    /// With ``watchAppend``: an empty answer after what existed at first.
    public static let initialSentinel = KVSLookupFlags(rawValue: 1024)
    /// With ``waitCreate``: ENOTSUP when the namespace is gone, instead of waiting for it to come back.
    public static let existingNamespace = KVSLookupFlags(rawValue: 1 << 30)
}

/// The state of a namespace after a commit.
public struct KVSRoot: Hashable, Sendable {
    /// Blobref of the root directory.
    public let reference: String
    /// Counts the commits.
    public let sequence: Int64

    init(_ json: JSON) {
        reference = json["rootref"]?.stringValue ?? ""
        sequence = json["rootseq"]?.intValue ?? 0
    }
}

extension Handle {
    /// Flag of a commit that nobody waits for: under load our store may hold it back for some milliseconds and apply it
    /// together with others. What is committed afterwards is applied afterwards.
    public static let patientCommit: Int64 = 0x1_0000

    /// The name of the namespace that every instance has.
    public static let primaryNamespace = "primary"

    /// Commits a transaction and gives the new root.
    ///
    /// - Throws: ``Client/RPCError`` of the store.
    @discardableResult
    public func commit(
        _ transaction: KVSTransaction, namespace: String = primaryNamespace, flags: Int64 = 0
    ) async throws(RPCError) -> KVSRoot {
        KVSRoot(try await query("kvs.commit", Self.commitRequest(transaction, namespace, flags)))
    }

    /// Commits a transaction and calls `receive` with the new root.
    public func commit(
        _ transaction: KVSTransaction, namespace: String = primaryNamespace, flags: Int64 = 0,
        receive: @escaping (Result<KVSRoot, RPCError>) -> Void
    ) {
        call(.request("kvs.commit", json: Self.commitRequest(transaction, namespace, flags))) { result in
            receive(result.map { KVSRoot((try? $0.decodeJSON()) ?? .null) })
        }
    }

    /// Commits a transaction and calls `done` when it is stored, or with the reason why not.
    public func commit(
        _ transaction: KVSTransaction, namespace: String = primaryNamespace, flags: Int64 = 0,
        done: @escaping (RPCError?) -> Void
    ) {
        call(.request("kvs.commit", json: Self.commitRequest(transaction, namespace, flags))) { result in
            switch result {
            case .success: done(nil)
            case .failure(let error): done(error)
            }
        }
    }

    /// Adds an event to the log at a key.
    public func commit(appending entry: Eventlog.Entry, to key: String, flags: Int64 = 0) async throws(RPCError) {
        var transaction = KVSTransaction()
        transaction.append(key, entry.bytes)
        try await commit(transaction, flags: flags)
    }

    private static func commitRequest(_ transaction: KVSTransaction, _ namespace: String, _ flags: Int64) -> JSON {
        ["namespace": .string(namespace), "flags": .int(flags), "ops": .array(transaction.operations)]
    }

    /// The bytes of a value.
    ///
    /// - Throws: ``Client/RPCError``: ENOENT when there is no such key, EISDIR for a directory.
    ///
    /// - Parameter isAwaited: waits until there is such a key.
    public func lookup(
        _ key: String, namespace: String = primaryNamespace, waitingForKey isAwaited: Bool = false
    ) async throws(RPCError) -> [UInt8] {
        let flags: KVSLookupFlags = isAwaited ? .waitCreate : []
        return try Self.bytes(ofValue: await lookupObject(key, namespace: namespace, flags: flags))
    }

    /// The tree object of a key.
    public func lookupObject(
        _ key: String, namespace: String = primaryNamespace, flags: KVSLookupFlags = []
    ) async throws(RPCError) -> JSON {
        guard !key.isEmpty else { throw RPCError(errnum: Errno.invalid, topic: "kvs.lookup") }
        let answer = try await query(flags.contains(.waitCreate) ? "kvs-watch.lookup" : "kvs.lookup", [
            "key": .string(key), "namespace": .string(namespace), "flags": .int(flags.rawValue),
        ])
        guard let value = answer["val"] else { throw RPCError(errnum: Errno.proto, topic: "kvs.lookup") }
        return value
    }

    /// The names in a directory of the store, and whether each is a directory.
    public func directory(
        _ key: String, namespace: String = primaryNamespace
    ) async throws(RPCError) -> [(name: String, isDirectory: Bool)] {
        let object = try await lookupObject(key, namespace: namespace, flags: .readDirectory)
        return (object["data"]?.objectValue ?? [:]).map { name, entry in
            let type = entry["type"]?.stringValue
            return (name, type == "dir" || type == "dirref")
        }
    }

    /// A stream of the values of a key.
    public func watch(
        _ key: String, namespace: String = primaryNamespace, flags: KVSLookupFlags
    ) -> ResponseStream {
        stream("kvs-watch.lookup", [
            "key": .string(key), "namespace": .string(namespace), "flags": .int(flags.union(.watch).rawValue),
        ])
    }

    /// The bytes in a `val` object.
    public static func bytes(ofValue object: JSON) throws(RPCError) -> [UInt8] {
        guard object["type"]?.stringValue == "val", let text = object["data"]?.stringValue,
            let bytes = Base64.decode(text)
        else { throw RPCError(errnum: Errno.proto, text: "the store's answer is no value", topic: "kvs.lookup") }
        return bytes
    }
}
