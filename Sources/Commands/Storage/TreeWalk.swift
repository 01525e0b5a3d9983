internal import Client
internal import FluxJSON
internal import RFC03Message
internal import RFC10Content
internal import RFC11TreeObject

/// What a walk over a stored tree comes by.
struct TreeWalk {
    /// A directory object that has to be loaded: its key and reference.
    struct Step: Hashable, Sendable {
        let key: String
        let reference: Blobref
    }

    /// A key that is no directory, with its object.
    struct Value: Hashable, Sendable {
        let key: String
        let object: TreeObject

        /// The blobs of the value.
        var references: [Blobref] { if case .valref(let references) = object { references } else { [] } }
    }

    /// Directories that wait to be loaded.
    private(set) var steps: [Step]
    private var position = 0
    /// Directories seen; one with the same reference has the same content.
    private var seen: Set<Blobref> = []
    private let skipsSeen: Bool

    /// - Parameter skipsSeen: each directory once, also when several keys lead to it; for walks that need no keys.
    init(root: Blobref, skipsSeen: Bool) {
        steps = [Step(key: "", reference: root)]
        self.skipsSeen = skipsSeen
    }

    /// Takes the next directories, at most `limit`.
    mutating func next(_ limit: Int) -> [Step] {
        var batch: [Step] = []
        while batch.count < limit, position < steps.count {
            let step = steps[position]
            position += 1
            if skipsSeen, !seen.insert(step.reference).inserted { continue }
            batch.append(step)
        }
        if position > 1024 {
            steps.removeFirst(position)
            position = 0
        }
        return batch
    }

    /// Whether a walk before this one has been through a directory.
    mutating func skip(_ references: Set<Blobref>) { seen.formUnion(references) }

    /// Reads a loaded directory.
    ///
    /// - Returns: the values in it, and the keys whose objects are malformed; nil when it is no directory.
    mutating func enter(_ step: Step, _ blob: [UInt8]) -> (values: [Value], malformed: [String])? {
        guard case .dir(let entries)? = try? TreeObject(parsing: blob) else { return nil }
        var values: [Value] = []
        var malformed: [String] = []
        visit(step.key, entries, &values, &malformed)
        return (values, malformed)
    }

    private mutating func visit(
        _ key: String, _ entries: TreeObject.Directory, _ values: inout [Value], _ malformed: inout [String]
    ) {
        for (name, object) in entries {
            let path = key.isEmpty ? name : "\(key).\(name)"
            switch object {
            case .val, .symlink, .valref: values.append(Value(key: path, object: object))
            case .dir(let inner): visit(path, inner, &values, &malformed)
            case .dirref(let references):
                guard references.count == 1 else {
                    malformed.append(path)
                    continue
                }
                steps.append(Step(key: path, reference: references[0]))
            }
        }
    }
}

extension Handle {
    /// Sends requests together and gives their answers in order.
    func askAll(_ requests: [Message]) async -> [Result<Message, RPCError>] {
        guard !requests.isEmpty else { return [] }
        var answers = [Result<Message, RPCError>?](repeating: nil, count: requests.count)
        var left = requests.count
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            for (index, request) in requests.enumerated() {
                call(request) { result in
                    answers[index] = result
                    left -= 1
                    if left == 0 { done.resume() }
                }
            }
        }
        return answers.compactMap { $0 }
    }

    /// A request for a blob, from the cache or from the backing store.
    static func loadRequest(_ reference: Blobref, bypassingCache: Bool) -> Message {
        bypassingCache
            ? .request("content-backing.load", payload: reference.digest, nodeID: 0)
            : .request("content.load", payload: reference.digest)
    }
}
