internal import Blob
package import RFC10Content
internal import RFC11TreeObject
internal import FluxJSON

/// One `kvs.lookup`: what is asked, from which root.
package struct Lookup: Hashable, Sendable {
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: Int64
        package init(rawValue: Int64) { self.rawValue = rawValue }

        package static let readDirectory = Flags(rawValue: 1)
        package static let readLink = Flags(rawValue: 2)
        package static let treeObject = Flags(rawValue: 16)
    }

    /// The answer, or what is missing to give it.
    package enum Outcome: Hashable, Sendable {
        /// Canonical text of the tree object.
        case found([UInt8])
        case absent
        case refused(Int32)
        case missing(Set<Blobref>)
        case missingNamespace(String)
    }

    /// What a link into another namespace leads to.
    package enum NamespaceRoot: Hashable, Sendable {
        case root(Blobref)
        case unknown
        case forbidden
    }

    package let key: String
    package let flags: Flags
    package let root: Blobref

    package init(key: String, flags: Flags, root: Blobref) {
        self.key = Key.normalized(key)
        self.flags = flags
        self.root = root
    }

    /// Walks from the root; begins anew each time, so it can be repeated when what was missing is there.
    package func run(_ cache: inout BlobCache, namespace: (String) -> NamespaceRoot) -> Outcome {
        do throws(Stop) {
            let components = Key.components(key)
            if components.isEmpty { return try answerRoot(&cache) }
            guard let entry = try walk(components, from: root, depth: 0, isEnd: true, &cache, namespace) else {
                return .absent
            }
            return try answer(entry, &cache)
        } catch {
            return error.outcome
        }
    }

    private struct Stop: Error {
        let outcome: Outcome

        static func refused(_ errnum: Int32) -> Stop { Stop(outcome: .refused(errnum)) }
    }

    // MARK: Walking

    private static let linkLimit = 10

    /// Finds the entry of a path; nil when there is none.
    private func walk(
        _ components: [Substring], from root: Blobref, depth: Int, isEnd: Bool, _ cache: inout BlobCache,
        _ namespace: (String) -> NamespaceRoot
    ) throws(Stop) -> Entry? {
        var current = Entry.dirref(root)
        for (index, component) in components.enumerated() {
            switch current.kind {
            case .dirref: break
            case .val, .valref: return nil
            case .dir, .symlink: throw .refused(ErrorNumber.notRecoverable)
            }
            let directory = try directory(current, isRoot: depth == 0 && index == 0, &cache)
            guard let entry = directory[String(component)] else { return nil }
            let isLast = isEnd && index == components.count - 1
            guard entry.kind == .symlink, !isLast || flags.isDisjoint(with: [.readLink, .treeObject]) else {
                current = entry
                continue
            }
            guard depth < Self.linkLimit else { throw .refused(ErrorNumber.loop) }
            guard let link = entry.link else { throw .refused(ErrorNumber.notRecoverable) }
            var linkRoot = root
            if let name = link.namespace {
                switch namespace(name) {
                case .root(let root): linkRoot = root
                case .unknown: throw Stop(outcome: .missingNamespace(name))
                case .forbidden: throw .refused(ErrorNumber.perm)
                }
            }
            let target = Key.components(Key.normalized(link.target))
            guard
                let found = try walk(target, from: linkRoot, depth: depth + 1, isEnd: isLast, &cache, namespace)
            else { return nil }
            current = found
        }
        return current
    }

    private func directory(_ entry: Entry, isRoot: Bool, _ cache: inout BlobCache) throws(Stop) -> Directory {
        guard let reference = entry.directoryReference else { throw .refused(ErrorNumber.notRecoverable) }
        guard let directory = cache.directory(reference) else { throw Stop(outcome: .missing([reference])) }
        guard let directory else {
            throw .refused(isRoot ? ErrorNumber.invalid : ErrorNumber.notRecoverable)
        }
        return directory
    }

    // MARK: Answering

    private func answerRoot(_ cache: inout BlobCache) throws(Stop) -> Outcome {
        let entry = Entry.dirref(root)
        if flags.contains(.treeObject) { return .found(Array(entry.text)) }
        guard flags.contains(.readDirectory) else { throw .refused(ErrorNumber.isDirectory) }
        return .found(try directory(entry, isRoot: true, &cache).blob)
    }

    /// Source: job-protocol §2.4 (observed: flux-core 0.88).
    private func answer(_ entry: Entry, _ cache: inout BlobCache) throws(Stop) -> Outcome {
        if flags.contains(.treeObject) { return .found(Array(entry.text)) }
        switch entry.kind {
        case .dirref, .dir:
            if flags.contains(.readLink) { throw .refused(ErrorNumber.invalid) }
            guard flags.contains(.readDirectory) else { throw .refused(ErrorNumber.isDirectory) }
            if entry.kind == .dir { return .found(Array(entry.text)) }
            return .found(try directory(entry, isRoot: false, &cache).blob)
        case .val, .valref:
            if flags.contains(.readLink) { throw .refused(ErrorNumber.invalid) }
            if flags.contains(.readDirectory) { throw .refused(ErrorNumber.notDirectory) }
            return .found(entry.kind == .val ? Array(entry.text) : try value(entry, &cache))
        case .symlink:
            guard flags.contains(.readLink) else { throw .refused(ErrorNumber.proto) }
            if flags.contains(.readDirectory) { throw .refused(ErrorNumber.notDirectory) }
            return .found(Array(entry.text))
        }
    }

    /// The blobs of a `valref`, one after the other, as one `val`.
    private func value(_ entry: Entry, _ cache: inout BlobCache) throws(Stop) -> [UInt8] {
        guard let references = entry.references, !references.isEmpty else {
            throw .refused(ErrorNumber.notRecoverable)
        }
        var missing: Set<Blobref> = []
        var blobs: [[UInt8]] = []
        var size = 0
        for reference in references {
            guard let blob = cache.blob(reference) else {
                missing.insert(reference)
                continue
            }
            blobs.append(blob)
            size += blob.count
        }
        guard missing.isEmpty else { throw Stop(outcome: .missing(missing)) }
        // Values are at most as long as a C int counts, as for every reader of the field.
        guard size <= Int(Int32.max) else { throw .refused(ErrorNumber.overflow) }
        let whole = blobs.count == 1 ? blobs[0] : Array(blobs.joined())
        return Array(Entry(base64: Base64.encode(whole)).text)
    }
}
