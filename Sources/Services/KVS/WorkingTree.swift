internal import Blob
internal import FluxJSON
package import RFC10Content
internal import RFC11TreeObject

/// A tree under change: the root and the directories that changes have opened so far.
///
/// A value, so that the tree before a transaction can be kept and taken back when the transaction fails.
package struct WorkingTree: Sendable {
    /// A directory of the tree with the opened ones below it.
    struct Node: Sendable {
        var directory: Directory
        /// Opened directories by name; they take the place of the entry of that name.
        var children: [String: Node] = [:]
        var isChanged = false
    }

    /// Why a change could not be made.
    enum Problem: Error {
        /// A directory has to be loaded first.
        case missing(Blobref)
        case refused(Int32)
    }

    /// Symbolic links that one key may lead through.
    static let linkLimit = 10
    /// Base64 characters above which a value is stored as a blob.
    ///
    /// Source: job-protocol §2.5 (observed: flux-core 0.88).
    static let inlineLimit = 72

    let namespace: String
    let algorithm: Blobref.Algorithm
    private var root: Node
    /// Blobs that are new and not stored yet, in the order in which they were made.
    package private(set) var blobs: [(reference: Blobref, bytes: [UInt8])] = []

    package init(root: Directory, namespace: String, algorithm: Blobref.Algorithm) {
        self.root = Node(directory: root)
        self.namespace = namespace
        self.algorithm = algorithm
    }

    // MARK: Changing

    /// Makes a change.
    mutating func apply(_ operation: Operation, _ cache: inout BlobCache) throws(Problem) {
        guard !operation.components.isEmpty else { throw .refused(ErrorNumber.invalid) }
        // Taken out meanwhile, so that it is changed in place.
        var node = root
        root = Node(directory: Directory())
        defer { root = node }
        var components = operation.components[...]
        for _ in 0...Self.linkLimit {
            guard let target = try apply(operation, components, &node, &cache) else { return }
            components = target[...]
        }
        throw .refused(ErrorNumber.loop)
    }

    /// Makes a change below a directory.
    ///
    /// - Returns: nil when it is made; the components to begin again with when a link leads elsewhere.
    private mutating func apply(
        _ operation: Operation, _ components: ArraySlice<Substring>, _ node: inout Node, _ cache: inout BlobCache
    ) throws(Problem) -> [Substring]? {
        guard let first = components.first else { throw .refused(ErrorNumber.invalid) }
        let name = String(first)
        let rest = components.dropFirst()
        if rest.isEmpty {
            try change(name, operation, &node)
            return nil
        }
        if node.children[name] == nil {
            guard let (opened, isNew) = try open(name, rest, operation, node, &cache) else { return nil }
            switch opened {
            case .link(let target): return target
            case .directory(let directory): node.children[name] = Node(directory: directory, isChanged: isNew)
            }
            if isNew { node.isChanged = true }
        }
        // Taken out meanwhile, so that it is changed in place.
        guard var child = node.children.updateValue(Node(directory: Directory()), forKey: name) else { return nil }
        defer {
            if child.isChanged { node.isChanged = true }
            node.children[name] = child
        }
        return try apply(operation, rest, &child, &cache)
    }

    private enum Opened {
        case directory(Directory)
        case link([Substring])
    }

    /// Finds the directory `name` for a change below it; nil when there is nothing to do.
    private func open(
        _ name: String, _ rest: ArraySlice<Substring>, _ operation: Operation, _ node: Node, _ cache: inout BlobCache
    ) throws(Problem) -> (Opened, isNew: Bool)? {
        let entry = node.directory[name]
        switch entry?.kind {
        case nil, .val, .valref:
            // Something that is no directory gives way to one, but nothing is made to unlink in it.
            if operation.change == .unlink { return nil }
            return (.directory(Directory()), true)
        case .dirref:
            guard let reference = entry?.directoryReference else { throw .refused(ErrorNumber.notRecoverable) }
            guard let directory = cache.directory(reference) else { throw .missing(reference) }
            guard let directory else { throw .refused(ErrorNumber.notRecoverable) }
            return (.directory(directory), false)
        case .dir:
            guard let entry, case .dir(let entries)? = try? TreeObject(parsing: entry.text) else {
                throw .refused(ErrorNumber.notRecoverable)
            }
            return (.directory(Directory(entries)), false)
        case .symlink:
            guard let link = entry?.link, link.namespace == nil || link.namespace == namespace else {
                throw .refused(ErrorNumber.invalid)
            }
            return (.link(Key.components(link.target) + rest), false)
        }
    }

    private mutating func change(_ name: String, _ operation: Operation, _ node: inout Node) throws(Problem) {
        if operation.mustAppend, operation.change != .unlink {
            return try append(name, operation, &node)
        }
        switch operation.change {
        case .unlink:
            guard node.children.removeValue(forKey: name) != nil || node.directory[name] != nil else { return }
            node.directory.remove(name)
        case .value(let base64):
            node.children[name] = nil
            node.directory.set(name, try entry(base64))
        case .entry(let entry):
            node.children[name] = nil
            node.directory.set(name, entry)
        case .directory(let entries):
            node.children[name] = try self.node(entries)
        case .malformed:
            throw .refused(ErrorNumber.invalid)
        }
        node.isChanged = true
    }

    private mutating func append(_ name: String, _ operation: Operation, _ node: inout Node) throws(Problem) {
        guard case .value(let base64) = operation.change else { throw .refused(ErrorNumber.proto) }
        guard node.children[name] == nil else { throw .refused(ErrorNumber.isDirectory) }
        let old = node.directory[name]
        switch old?.kind {
        case nil: node.directory.set(name, try entry(base64))
        case .valref:
            guard let old else { return }
            node.directory.set(name, old.appending(try keep(base64)))
        case .val:
            guard let bytes = old?.valueBytes else { throw .refused(ErrorNumber.proto) }
            let first = keep(bytes)
            node.directory.set(name, .valref([first, try keep(base64)]))
        case .symlink: throw .refused(ErrorNumber.notSupported)
        case .dir, .dirref: throw .refused(ErrorNumber.isDirectory)
        }
        node.isChanged = true
    }

    /// A value inline when it is small, else a blob and its reference.
    private mutating func entry(_ base64: String) throws(Problem) -> Entry {
        base64.utf8.count > Self.inlineLimit ? .valref([try keep(base64)]) : Entry(base64: base64)
    }

    private mutating func keep(_ base64: String) throws(Problem) -> Blobref {
        guard let bytes = Base64.decode(base64) else { throw .refused(ErrorNumber.proto) }
        return keep(bytes)
    }

    private mutating func keep(_ bytes: [UInt8]) -> Blobref {
        let reference = algorithm.reference(to: bytes)
        blobs.append((reference, bytes))
        return reference
    }

    /// The directory that a client gave with all that is in it.
    private mutating func node(_ entries: TreeObject.Directory) throws(Problem) -> Node {
        var node = Node(directory: Directory(), isChanged: true)
        for (name, value) in entries {
            switch value {
            case .dir(let inner):
                node.children[name] = try self.node(inner)
                node.directory.set(name, .dirref(emptyReference))
            case .val(let value): node.directory.set(name, try entry(value.base64))
            default: node.directory.set(name, Entry(value))
            }
        }
        return node
    }

    /// Stands for a child until the tree is finished.
    private var emptyReference: Blobref { Directory().reference(algorithm) }

    // MARK: Finishing

    /// Stores all changed directories, the deepest first, as new blobs.
    ///
    /// - Returns: the reference of the root and its directories with their references.
    package mutating func finish() -> (root: Blobref, directories: [(reference: Blobref, directory: Directory)]) {
        var directories: [(reference: Blobref, directory: Directory)] = []
        var node = root
        let reference = finish(&node, &directories)
        root = node
        return (reference, directories)
    }

    private func finish(
        _ node: inout Node, _ directories: inout [(reference: Blobref, directory: Directory)]
    ) -> Blobref {
        let names = node.children.keys.sorted()
        for name in names {
            guard var child = node.children.removeValue(forKey: name), child.isChanged else { continue }
            node.directory.set(name, .dirref(finish(&child, &directories)))
        }
        node.isChanged = false
        let reference = node.directory.reference(algorithm)
        directories.append((reference, node.directory))
        return reference
    }
}
