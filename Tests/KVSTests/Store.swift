import Blob
import FluxJSON
@testable import KVS
import RFC10Content
import RFC11TreeObject

/// A namespace of the leader with a content store that is a dictionary: it carries out the directives at once.
struct Store {
    var cache = BlobCache()
    var queue: CommitQueue
    var blobs: [Blobref: [UInt8]] = [:]
    /// What was published and what failed, in order.
    var log: [String] = []
    /// Errnos that the next stores fail with.
    var storeFailures: [Int32] = []
    private var number = 0

    init(namespace: String = "primary") {
        let empty = Directory()
        let root = empty.reference(.sha1)
        blobs[root] = empty.blob
        queue = CommitQueue(namespace: namespace, algorithm: .sha1, root: root, sequence: 0)
    }

    /// Adds a transaction of operations such as `a.b=1`, `a+=x` (append) and `-a` (unlink).
    mutating func add(_ operations: String..., flags: Transaction.Flags = []) {
        number += 1
        let ops = operations.map(Self.operation)
        run(queue.apply(.add(Transaction(name: "t\(number)", flags: flags.rawValue, ops: ops)), &cache))
    }

    mutating func add(ops: [JSON]) {
        number += 1
        run(queue.apply(.add(Transaction(name: "t\(number)", flags: 0, ops: ops)), &cache))
    }

    mutating func begin() { run(queue.apply(.begin, &cache)) }

    mutating func commit(_ operations: String..., flags: Transaction.Flags = []) {
        number += 1
        let ops = operations.map(Self.operation)
        run(queue.apply(.add(Transaction(name: "t\(number)", flags: flags.rawValue, ops: ops)), &cache))
        begin()
    }

    static func operation(_ text: String) -> JSON {
        if text.hasPrefix("-") { return ["key": .string(String(text.dropFirst())), "flags": 0, "dirent": nil] }
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let isAppend = parts[0].hasSuffix("+")
        let key = isAppend ? String(parts[0].dropLast()) : parts[0]
        let dirent: JSON =
            parts[1].hasPrefix("{")
            ? (try? JSON(parsing: parts[1])) ?? nil : TreeObject.val(Array(parts[1].utf8)).json
        return ["key": .string(key), "flags": .int(isAppend ? 32 : 0), "dirent": dirent]
    }

    mutating func run(_ directives: [CommitQueue.Directive]) {
        for directive in directives {
            switch directive {
            case .callBack: break
            case .load(let references):
                for reference in references {
                    guard let blob = blobs[reference] else { return run(queue.apply(.loadFailed(2), &cache)) }
                    cache.insert(reference, blob: blob)
                }
                run(queue.apply(.loaded, &cache))
            case .store(let new, _, _):
                if !storeFailures.isEmpty {
                    run(queue.apply(.storeFailed(storeFailures.removeFirst()), &cache))
                    begin()
                } else {
                    for (reference, bytes) in new { blobs[reference] = bytes }
                    run(queue.apply(.stored, &cache))
                }
            case .checkpoint(_, let sequence):
                log.append("checkpoint \(sequence)")
                run(queue.apply(.checkpointed, &cache))
            case .publish(_, let sequence, let names, let keys):
                log.append("\(sequence): \(names.joined(separator: " ")) [\(keys.joined(separator: " "))]")
            case .fail(let names, let errnum): log.append("error \(errnum): \(names.joined(separator: " "))")
            }
        }
    }

    /// The outcome of a look-up as text; what is missing is loaded.
    mutating func look(_ key: String, _ flags: Lookup.Flags = [], others: [String: Lookup.NamespaceRoot] = [:]) -> String {
        for _ in 0..<50 {
            let lookup = Lookup(key: key, flags: flags, root: queue.root)
            switch lookup.run(&cache, namespace: { others[$0] ?? .unknown }) {
            case .found(let text):
                let entry = Entry(text: text[...])
                if entry?.kind == .val { return String(decoding: entry?.valueBytes ?? [], as: UTF8.self) }
                return String(decoding: text, as: UTF8.self)
            case .absent: return "absent"
            case .refused(let errnum): return "error \(errnum)"
            case .missingNamespace(let name): return "needs \(name)"
            case .missing(let references):
                for reference in references {
                    guard let blob = blobs[reference] else { return "lost \(reference)" }
                    cache.insert(reference, blob: blob)
                }
            }
        }
        return "no end"
    }
}
