package import FluxJSON
internal import RFC11TreeObject

/// Who watches which key of which namespace, and what each is to be told.
///
/// A value: events in, directives out. Answers to one watcher keep the order of the commits: look-ups and loads may
/// finish in any order and wait for the ones in front of them.
///
/// Source: job-protocol §2.8 (observed: flux-core 0.88).
package struct WatchTable: Sendable {
    /// Names a watcher; made by the owner, growing.
    package typealias ID = UInt64

    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: Int64
        package init(rawValue: Int64) { self.rawValue = rawValue }

        package static let watch = Flags(rawValue: 4)
        package static let waitCreate = Flags(rawValue: 8)
        package static let treeObject = Flags(rawValue: 16)
        package static let full = Flags(rawValue: 64)
        package static let unique = Flags(rawValue: 128)
        package static let append = Flags(rawValue: 256)
        package static let stream = Flags(rawValue: 512)
        package static let initialSentinel = Flags(rawValue: 1024)
        /// With ``waitCreate``: the namespace is not waited for. Ours alone: the reference's clients never set it.
        package static let existingNamespace = Flags(rawValue: 1 << 30)
    }

    /// A root of a namespace.
    package struct Root: Hashable, Sendable {
        package let reference: String
        package let sequence: Int64

        package init(reference: String, sequence: Int64) {
            self.reference = reference
            self.sequence = sequence
        }
    }

    /// What a look-up found.
    package enum Finding: Hashable, Sendable {
        case value(JSON, sequence: Int64)
        case absent(sequence: Int64)
        case failed(errnum: Int32, text: String?)
    }

    package enum Event: Sendable {
        /// - Parameter user: nil for the instance owner, else the user id of a guest.
        case add(ID, namespace: String, key: String, flags: Flags, user: UInt32?)
        case root(namespace: String, owner: UInt32, Root)
        case rootFailed(namespace: String, errnum: Int32)
        case created(namespace: String, owner: UInt32, Root)
        case changed(namespace: String, owner: UInt32, Root, keys: [String])
        case removed(namespace: String)
        case found(ID, turn: Int, Finding)
        case loaded(ID, turn: Int, [UInt8])
        case loadFailed(ID, turn: Int, errnum: Int32)
        /// The watcher asked to end it.
        case cancel(ID)
        /// The watcher is gone.
        case forget(ID)
    }

    package enum Directive: Hashable, Sendable {
        /// Subscribe to a namespace's events and ask for its root.
        case follow(namespace: String)
        case askRoot(namespace: String)
        case unfollow(namespace: String)
        /// Look a key up in the newest root.
        case lookUp(ID, turn: Int, key: String, flags: Int64, namespace: String)
        /// Look a key up in a given root.
        case lookUpAt(ID, turn: Int, key: String, flags: Int64, Root)
        case load(ID, turn: Int, reference: String)
        case answer(ID, JSON)
        /// An answer without payload: the data that was there at the start is complete.
        case answerSentinel(ID)
        /// The last answer.
        case end(ID, errnum: Int32, text: String?)
        /// The request is answered already and forgotten now.
        case drop(ID)
    }

    var watchers: [ID: Watcher] = [:]
    var monitors: [String: Monitor] = [:]

    package init() {}

    package var count: Int { watchers.count }
    package var namespaceCount: Int { monitors.count }

    package mutating func apply(_ event: Event) -> [Directive] {
        var directives: [Directive] = []
        switch event {
        case .add(let id, let namespace, let key, let flags, let user):
            add(id, namespace, key, flags, user, &directives)
        case .root(let namespace, let owner, let root):
            guard monitors[namespace] != nil else { break }
            monitors[namespace]?.isAsking = false
            // An event may have been faster.
            guard monitors[namespace]?.root == nil else { break }
            take(namespace, owner, root, keys: nil, &directives)
        case .created(let namespace, let owner, let root):
            guard let monitor = monitors[namespace], monitor.root == nil else { break }
            take(namespace, owner, root, keys: nil, &directives)
        case .changed(let namespace, let owner, let root, let keys):
            guard let monitor = monitors[namespace], root.sequence > monitor.root?.sequence ?? -1 else { break }
            take(namespace, owner, root, keys: keys, &directives)
        case .rootFailed(let namespace, let errnum): rootFailed(namespace, errnum, &directives)
        case .removed(let namespace):
            for id in monitors[namespace]?.members.sorted() ?? [] {
                end(id, ErrorNumber.notSupported, nil, &directives)
            }
        case .found(let id, let turn, let finding): found(id, turn, finding, &directives)
        case .loaded(let id, let turn, let bytes): loaded(id, turn, .success(bytes), &directives)
        case .loadFailed(let id, let turn, let errnum): loaded(id, turn, .failure(errnum), &directives)
        case .cancel(let id): end(id, ErrorNumber.noData, nil, &directives)
        case .forget(let id): remove(id, &directives)
        }
        return directives
    }

    /// `{watchers, namespace-count, namespaces}` as `stats-get` shows them.
    package var statistics: JSON {
        var namespaces = JSON.Object()
        for (name, monitor) in monitors.sorted(by: { $0.key < $1.key }) {
            namespaces[name] = [
                "owner": .int(Int64(Int32(bitPattern: monitor.owner ?? .max))),
                "rootseq": .int(monitor.root?.sequence ?? -1),
                "rootref": .string(monitor.root?.reference ?? "(null)"),
                "watchers": .int(Int64(monitor.members.count)),
            ]
        }
        return [
            "watchers": .int(Int64(count)), "namespace-count": .int(Int64(namespaceCount)),
            "namespaces": .object(namespaces),
        ]
    }

    /// Why a combination of flags is refused; nil when it is not.
    package static func refusal(of flags: Flags, isStreaming: Bool) -> (errnum: Int32, text: String)? {
        if flags.contains(.watch), !isStreaming {
            return (ErrorNumber.proto, "KVS watch request rejected without streaming RPC flag")
        }
        if flags.contains(.stream), !isStreaming {
            return (ErrorNumber.proto, "KVS stream request rejected without streaming RPC flag")
        }
        if flags.contains(.watch), flags.contains(.stream) {
            return (ErrorNumber.invalid, "Cannot KVS watch and stream at the same time")
        }
        if !flags.contains(.watch), !flags.isDisjoint(with: [.full, .unique, .append, .initialSentinel]) {
            return (ErrorNumber.invalid, "Must set KVS watch flag with other watch flags")
        }
        if !flags.contains(.append), flags.contains(.initialSentinel) {
            return (ErrorNumber.invalid, "Must set KVS watch append flag with initial sentinel flag")
        }
        return nil
    }
}

/// The errnos of this machine's answers (Linux numbers).
enum ErrorNumber {
    static let perm: Int32 = 1
    static let noEntry: Int32 = 2
    static let isDirectory: Int32 = 21
    static let invalid: Int32 = 22
    static let noData: Int32 = 61
    static let proto: Int32 = 71
    static let notSupported: Int32 = 95
}
