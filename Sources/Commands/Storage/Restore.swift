internal import Blob
internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC10Content
internal import RFC11TreeObject

let restoreCommand = Command(
    "restore", "Restore KVS snapshot from a portable archive format", .builtin, usage: "[OPTIONS] INFILE",
    operands: 1...1,
    options: [
        .flag("verbose", "v", "List keys on stderr as they are restored"),
        .flag("quiet", "q", "Don't show periodic progress updates"),
        .flag("checkpoint", nil, "Restore to checkpoint"),
        .value("key", nil, "KEY", "Restore to KVS key"),
        .flag("no-cache", nil, "Bypass the broker content cache"),
        .value("size-limit", nil, "SIZE", "Do not restore blobs greater than SIZE bytes"),
        .value("maxreqs", nil, "N", "Max concurrent content store requests (default 256)"),
        .flag("sd-notify", nil, "Send status updates to systemd via flux-broker(1)"),
    ], restore)

@Sendable private func restore(_ arguments: Arguments) throws -> Int32 {
    let window = try arguments.integer("maxreqs") ?? 256
    guard window > 0 else { throw failure("restore", "invalid value for maxreqs") }
    let limit = try arguments.size("size-limit") ?? 0
    return try Session.run(arguments) { flux in
        let reader: ArchiveReader
        do throws(CommandError) { reader = try ArchiveReader(path: arguments.operands[0]) } catch {
            throw failure("restore", error.description)
        }
        let isCheckpoint = arguments.has("checkpoint")
        guard isCheckpoint || arguments.has("key") else {
            throw failure("restore", "Please specify a restore target with --checkpoint or --key")
        }
        if isCheckpoint, try await isLoaded("kvs", flux) {
            throw failure("restore", "please unload kvs module before using --checkpoint")
        }
        guard let algorithm = Blobref.Algorithm(rawValue: try await flux.attribute("content.hash")) else {
            throw failure("restore", "unknown hash function")
        }
        var builder = SnapshotBuilder(
            flux: flux, algorithm: algorithm, isDirect: arguments.has("no-cache"), window: window,
            progress: Progress(
                verb: "restore", isShown: !arguments.has("quiet") && !arguments.has("verbose"), blobs: 0))
        while let (path, content, size, time) = try reader.next(limit: limit > 0 ? limit : nil) {
            builder.newest = max(builder.newest, time)
            guard let content else {
                printError("\(builder.progress.isShown ? "\r" : "")\(path) size \(size) exceeds \(limit) limit, skipping")
                continue
            }
            try await builder.add(path, content)
            guard arguments.has("verbose") else { continue }
            if case .link(let target) = content { printError("\(path) -> \(target)") } else { printError(path) }
        }
        let root = try await builder.finish()
        builder.progress.finish()
        try await publish(root, builder.newest, flux, arguments)
        if !arguments.has("no-cache") {
            do throws(RPCError) { try await flux.rpc("content.flush", nodeID: 0) } catch {
                printError("flux-restore: error flushing content cache: \(error)")
            }
        }
        return 0
    }
}

private func publish(_ root: Blobref, _ time: Double, _ flux: Handle, _ arguments: Arguments) async throws {
    let short = "\(root)".prefix(root.algorithm.rawValue.count + 9)
    if arguments.has("checkpoint") {
        if !arguments.has("quiet") {
            printError("flux-restore: writing snapshot \(short) to checkpoint for next KVS start")
        }
        do throws(RPCError) {
            // The KVS counts from the beginning again.
            try await Checkpoint(root: root.description, sequence: 0, timestamp: time > 0 ? time : Format.now).put(flux)
        } catch {
            throw failure("restore", "error updating checkpoint: \(error)")
        }
        return
    }
    let key = arguments.value("key") ?? ""
    if !arguments.has("quiet") { printError("flux-restore: writing snapshot \(short) to KVS key '\(key)'") }
    do throws(RPCError) {
        guard !key.isEmpty else { throw RPCError(errnum: Errno.invalid) }
        let entry: JSON = ["data": [.string(root.description)], "type": "dirref", "ver": 1]
        try await flux.rpc(
            "kvs.commit",
            [
                "namespace": "primary", "flags": 0,
                "ops": [["key": .string(key), "flags": 0, "dirent": entry]],
            ])
    } catch {
        throw failure("restore", "error updating \(key): \(error)")
    }
}

/// Makes a tree of what an archive holds, and stores it from its leaves to its root.
private struct SnapshotBuilder {
    let flux: Handle
    let algorithm: Blobref.Algorithm
    let isDirect: Bool
    let window: Int
    var progress: Progress
    /// Time of the newest entry.
    var newest = 0.0
    private var root = Folder()
    private var waiting: [[UInt8]] = []

    init(flux: Handle, algorithm: Blobref.Algorithm, isDirect: Bool, window: Int, progress: Progress) {
        self.flux = flux
        self.algorithm = algorithm
        self.isDirect = isDirect
        self.window = window
        self.progress = progress
    }

    struct Folder {
        var entries: [(name: String, value: TreeObject?)] = []
        var folders: [String: Folder] = [:]

        mutating func insert(_ path: ArraySlice<Substring>, _ object: TreeObject) {
            guard let name = path.first.map(String.init) else { return }
            if path.count == 1 {
                entries.append((name, object))
            } else {
                folders[name, default: Folder()].insert(path.dropFirst(), object)
            }
        }
    }

    /// Bytes from which on a value is a blob of its own.
    private static let inlineLimit = 72

    mutating func add(_ path: String, _ content: ArchivedKey) async throws {
        let object: TreeObject
        switch content {
        case .link(let text):
            if let range = text.firstRange(of: "::") {
                object = .symlink(target: String(text[range.upperBound...]), namespace: String(text[..<range.lowerBound]))
            } else {
                object = .symlink(target: text, namespace: nil)
            }
        case .value(let bytes) where bytes.count < Self.inlineLimit: object = .val(bytes)
        case .value(let bytes): object = .valref([try await store(bytes)])
        }
        root.insert(path.split(separator: "/")[...], object)
        progress.count(keys: 1)
    }

    /// Stores a blob with others; its reference is known before it is stored.
    private mutating func store(_ blob: [UInt8]) async throws -> Blobref {
        waiting.append(blob)
        progress.count(keys: 0, blobs: 1)
        if waiting.count >= window { try await flush() }
        return algorithm.reference(to: blob)
    }

    private mutating func flush() async throws {
        let blobs = waiting
        waiting = []
        let answers = await flux.askAll(
            blobs.map { blob in
                isDirect
                    ? .request("content-backing.store", payload: blob.isEmpty ? nil : blob, nodeID: 0)
                    : .request("content.store", payload: blob.isEmpty ? nil : blob)
            })
        for case .failure(let error) in answers { throw failure("restore", "error storing blob: \(error)") }
    }

    /// Stores all directories.
    mutating func finish() async throws -> Blobref {
        let tree = root
        let reference = try await store(tree)
        try await flush()
        return reference
    }

    private mutating func store(_ folder: Folder) async throws -> Blobref {
        var entries = folder.entries
        for (name, inner) in folder.folders.sorted(by: { $0.key < $1.key }) {
            entries.append((name, .dirref(try await store(inner))))
        }
        var directory = TreeObject.Directory()
        directory.apply(entries)
        return try await store(TreeObject.dir(directory).bytes)
    }
}
