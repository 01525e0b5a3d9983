internal import Blob
package import FluxJSON
internal import RFC10Content
package import RFC11TreeObject

/// One change of a transaction: a key and what becomes of it.
///
/// Source: job-protocol §2.5; RFC 11.
package struct Operation: Hashable, Sendable {
    package enum Change: Hashable, Sendable {
        case unlink
        /// A `val`, from its base64 text.
        case value(base64: String)
        case directory(TreeObject.Directory)
        /// Any other object, stored as it is.
        case entry(Entry)
        /// No tree object: the transaction is refused when this change would be made.
        case malformed
    }

    package let key: String
    package let components: [Substring]
    package let mustAppend: Bool
    package let change: Change

    static let appendFlag: Int64 = 32

    /// Reads `{"key", "flags", "dirent"}`, exactly these members.
    ///
    /// - Throws: `PayloadError`, which is EPROTO on the wire.
    package init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        key = Key.normalized(try object.string("key"))
        mustAppend = try object.int("flags") & Self.appendFlag != 0
        let dirent = try object.value("dirent")
        guard object.count == 3 else {
            throw PayloadError(path: "", expected: "key, flags and dirent only", found: "\(object.count) members")
        }
        components = Key.components(key)
        change = Self.change(dirent)
    }

    private static func change(_ dirent: JSON) -> Change {
        if dirent.isNull { return .unlink }
        // The frequent case without building a tree object.
        if let object = dirent.objectValue, object.count == 3, object["type"]?.stringValue == "val",
            object["ver"]?.intValue == 1, let base64 = object["data"]?.stringValue
        {
            return .value(base64: base64)
        }
        switch try? TreeObject(json: dirent) {
        case nil: return .malformed
        case .val(let value): return .value(base64: value.base64)
        case .dir(let entries): return hasOnlyNames(entries) ? .directory(entries) : .malformed
        case .some(let object): return .entry(Entry(object))
        }
    }

    /// Whether each entry of a directory, and of those in it, can be reached: no component of a key is empty or has a dot.
    private static func hasOnlyNames(_ entries: TreeObject.Directory) -> Bool {
        entries.allSatisfy { name, object in
            guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: ".")) else { return false }
            if case .dir(let inner) = object { return hasOnlyNames(inner) }
            return true
        }
    }

    /// Why a guest may not make this change; nil when it may.
    ///
    /// Source: job-protocol §2.7 (observed: flux-core 0.88).
    package var refusalForGuests: String? {
        switch change {
        case .unlink, .value: nil
        case .directory(let entries): entries.isEmpty ? nil : "guests may not commit non-empty dir objects"
        case .entry(let entry): "guests may not commit \(entry.kind.rawValue) objects"
        case .malformed: "guests may not commit ??? objects"
        }
    }
}
