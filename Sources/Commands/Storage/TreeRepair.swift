internal import Blob
internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC10Content
internal import RFC11TreeObject

/// A stored tree while `fsck --repair` changes it: directories are loaded when a change leads through them.
struct TreeRepair {
    /// A loaded directory; children take the place of the entry of their name.
    struct Node {
        var entries: TreeObject.Directory
        var children: [String: Node] = [:]
    }

    let flux: Handle
    let algorithm: Blobref.Algorithm
    private var root: Node

    init(flux: Handle, algorithm: Blobref.Algorithm, root: TreeObject.Directory) {
        self.flux = flux
        self.algorithm = algorithm
        self.root = Node(entries: root)
    }

    /// Puts an object at a key, or removes the key when there is none.
    mutating func set(_ key: String, _ object: TreeObject?) async throws {
        var node = root
        try await set(key.split(separator: ".").map(String.init)[...], object, &node)
        root = node
    }

    private func set(_ path: ArraySlice<String>, _ object: TreeObject?, _ node: inout Node) async throws {
        guard let name = path.first else { return }
        if path.count == 1 {
            node.children[name] = nil
            node.entries[name] = object
            return
        }
        var child: Node
        if let known = node.children[name] { child = known } else { child = try await open(node.entries[name]) }
        try await set(path.dropFirst(), object, &child)
        node.children[name] = child
    }

    /// The directory of an entry; an empty one in place of anything else.
    private func open(_ entry: TreeObject?) async throws -> Node {
        switch entry {
        case .dir(let entries): return Node(entries: entries)
        case .dirref(let references):
            guard references.count == 1, let entries = try await Self.load(references[0], flux) else {
                throw failure("fsck", "failed to load treeobj dir")
            }
            return Node(entries: entries)
        default: return Node(entries: TreeObject.Directory())
        }
    }

    /// A directory object past the cache; nil when it is none.
    static func load(_ reference: Blobref, _ flux: Handle) async throws(RPCError) -> TreeObject.Directory? {
        let blob = try await flux.rpc(Handle.loadRequest(reference, bypassingCache: true)).payload ?? []
        guard case .dir(let entries)? = try? TreeObject(parsing: blob) else { return nil }
        return entries
    }

    /// The directory at a key as it is now, or nil when there is none.
    private func directory(_ path: ArraySlice<String>, _ node: Node) async throws -> Node? {
        guard let name = path.first else { return node }
        if let child = node.children[name] { return try await directory(path.dropFirst(), child) }
        switch node.entries[name] {
        case .dir, .dirref: return try await directory(path.dropFirst(), open(node.entries[name]))
        default: return nil
        }
    }

    /// Moves everything below a key to the same key below `lost+found`.
    ///
    /// - Returns: false when there is no such directory.
    mutating func moveToLostAndFound(_ key: String) async throws -> Bool {
        guard let node = try await directory(key.split(separator: ".").map(String.init)[...], root) else { return false }
        try await file(key, node)
        try await set(key, nil)
        return true
    }

    private mutating func file(_ key: String, _ node: Node) async throws {
        for (name, object) in node.entries where node.children[name] == nil {
            switch object {
            case .val, .valref, .symlink: try await set("lost+found.\(key).\(name)", object)
            case .dir, .dirref:
                // What cannot be loaded any more has been reported already.
                guard let inner = try? await open(object) else { continue }
                try await file("\(key).\(name)", inner)
            }
        }
        for (name, child) in node.children { try await file("\(key).\(name)", child) }
    }

    /// Stores the changed directories, the deepest first, and gives the new root.
    mutating func store() async throws -> Blobref {
        var node = root
        let reference = try await store(&node)
        root = node
        return reference
    }

    private func store(_ node: inout Node) async throws -> Blobref {
        for (name, child) in node.children {
            var child = child
            node.entries[name] = .dirref(try await store(&child))
        }
        node.children = [:]
        let blob = TreeObject.dir(node.entries).bytes
        try await flux.rpc(Message.request("content-backing.store", payload: blob, nodeID: 0))
        return algorithm.reference(to: blob)
    }
}
