internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import KVSClient
internal import RFC03Message
internal import RFC11TreeObject

private let namespaceOption = Option.value("namespace", "N", "NAME", "The namespace")
private let rootOptions: [Option] = [
    .flag("treeobj-root", "O", "Print the new root object"), .flag("blobref", "b", "Print the new root blobref"),
    .flag("sequence", "s", "Print the new root sequence number"),
]

let kvsCommand = Command(
    "kvs", "Read and change the key value store",
    subcommands: [
        kvsNamespace,
        Command(
            "get", "Print values", usage: "[OPTIONS] key [key...]", operands: 1...Int.max,
            options: [
                namespaceOption, .flag("raw", "r", "Print the bytes without a newline"),
                .flag("treeobj", "t", "Print the stored object (RFC 11)"),
                .value("at", "a", "OBJ", "Look below a root or directory object"),
                .flag("label", "l", "Print key= in front"), .flag("waitcreate", "W", "Wait for a key that does not exist yet"),
                .flag("watch", "w", "Print the value after each change"),
                .flag("uniq", "u", "With --watch: only when the value differs"),
                .flag("append", "A", "With --watch: only what is added"),
                .flag("full", "f", "With --watch: also changes through links and directories"),
                .value("count", "c", "N", "With --watch: stop after N values"),
                .flag("stream", "S", "Get a long value in pieces"),
            ]
        ) { arguments in
            try Session.run(arguments) { flux in
                try await KVSReader(flux, arguments).printValues()
                return 0
            }
        },
        Command(
            "put", "Store values", usage: "[OPTIONS] key=value [key=value...]", operands: 1...Int.max,
            options: [namespaceOption] + rootOptions + [
                .flag("raw", "r", "Values are bytes; - is standard input"),
                .flag("treeobj", "t", "Values are objects (RFC 11); - is standard input"),
                .flag("no-merge", "n", "Do not merge with other commits"), .flag("append", "A", "Add to values"),
                .flag("sync", "S", "Wait until it is on the disk"),
            ], putValues),
        Command(
            "dir", "Show keys and values of a directory", usage: "[OPTIONS] [key]", operands: 0...Int.max,
            options: [
                namespaceOption, .flag("recursive", "R", "Go down into directories"),
                .flag("directory", "d", "Show no values"),
                .value("width", "w", "COLS", "Cut lines at this width, 0 for never"),
                .value("at", "a", "OBJ", "Look below a root or directory object"),
            ]
        ) { arguments in
            guard arguments.operands.count < 2 else { throw CommandError("dir: specify zero or one directory") }
            return try Session.run(arguments) { flux in
                let lister = try KVSLister(flux, arguments)
                try await lister.dump(normalized(arguments.operands.first ?? "."))
                return 0
            }
        },
        Command(
            "ls", "List directories", usage: "[OPTIONS] [key...]", operands: 0...Int.max,
            options: [
                namespaceOption, .flag("recursive", "R", "Go down into directories"),
                .flag("directory", "d", "List directories themselves"),
                .value("width", "w", "COLS", "Width of the columns, 0 for no limit"),
                .flag("1", "1", "One name on a line"), .flag("classify", "F", "Mark directories with . and links with @"),
            ]
        ) { arguments in
            try Session.run(arguments) { flux in
                try await KVSLister(flux, arguments).list(
                    arguments.operands.isEmpty ? ["."] : arguments.operands.map(normalized))
            }
        },
        Command(
            "unlink", "Remove keys", usage: "[OPTIONS] key [key...]", operands: 1...Int.max,
            options: [namespaceOption] + rootOptions + [
                .flag("recursive", "R", "Remove directories with their content"),
                .flag("force", "f", "It is no error when a key does not exist"),
            ], unlinkKeys),
        Command(
            "link", "Make a name for another key", usage: "[OPTIONS] target linkname", operands: 1...Int.max,
            options: [namespaceOption, .value("target-namespace", "T", "NAME", "The namespace of the target")] + rootOptions
        ) { arguments in
            guard arguments.operands.count == 2 else { throw CommandError("link: specify target and link_name") }
            return try commit(arguments) { transaction in
                try checkKey(arguments.operands[1])
                transaction.link(
                    arguments.operands[1], to: arguments.operands[0], namespace: arguments.value("target-namespace"))
            }
        },
        Command(
            "readlink", "Show where links lead", usage: "[OPTIONS] key [key...]", operands: 1...Int.max,
            options: [
                namespaceOption, .value("at", "a", "OBJ", "Look below a root or directory object"),
                .flag("namespace-only", "o", "Print only the namespace"), .flag("key-only", "k", "Print only the key"),
            ]
        ) { arguments in
            try Session.run(arguments) { flux in
                for key in arguments.operands {
                    let link: JSON
                    do { link = try await KVSReader(flux, arguments).object(key, .readLink) } catch {
                        throw CommandError("\(key): \(error)")
                    }
                    let target = link["data"]?["target"]?.stringValue ?? ""
                    let namespace = link["data"]?["namespace"]?.stringValue
                    if arguments.has("namespace-only"), let namespace {
                        print(namespace)
                    } else if arguments.has("key-only") || namespace == nil {
                        print(target)
                    } else {
                        print("\(namespace ?? "")::\(target)")
                    }
                }
                return 0
            }
        },
        Command(
            "mkdir", "Make directories", usage: "[OPTIONS] key [key...]", operands: 1...Int.max,
            options: [namespaceOption] + rootOptions
        ) { arguments in
            try commit(arguments) { transaction in
                for key in arguments.operands {
                    try checkKey(key)
                    transaction.put(key, object: ["data": [:], "type": "dir", "ver": 1])
                }
            }
        },
        copyCommand("copy", "Copy a key", removesSource: false),
        copyCommand("move", "Move a key", removesSource: true),
        Command(
            "version", "Print the sequence number of the root", operands: 0...Int.max, options: [namespaceOption]
        ) { arguments in
            try Session.run(arguments) { flux in
                print("\(try await root(flux, arguments, for: "flux_kvs_get_version")["rootseq"]?.intValue ?? 0)")
                return 0
            }
        },
        Command(
            "wait", "Wait for a sequence number of the root", usage: "[OPTIONS] version", operands: 1...Int.max,
            options: [namespaceOption]
        ) { arguments in
            guard arguments.operands.count == 1 else { throw CommandError("wait: specify a version") }
            let digits = arguments.operands[0].prefix { $0.isNumber }
            return try Session.run(arguments) { flux in
                do {
                    try await flux.rpc(
                        "kvs.wait-version",
                        ["rootseq": .int(Int64(digits) ?? 0), "namespace": .string(namespace(arguments))])
                } catch { throw CommandError("flux_kvs_wait_version: \(error)") }
                return 0
            }
        },
        Command(
            "getroot", "Print the root", options: [
                namespaceOption, .flag("sequence", "s", "Its sequence number"), .flag("owner", "o", "Its owner"),
                .flag("blobref", "b", "Its blobref"),
            ]
        ) { arguments in
            try Session.run(arguments) { flux in
                let wanted = ["owner", "sequence", "blobref"].first { arguments.has($0) } ?? "treeobj"
                let answer = try await root(flux, arguments, for: "flux_kvs_getroot_get_\(wanted)")
                let reference = answer["rootref"]?.stringValue ?? ""
                if arguments.has("owner") {
                    print("\(UInt32(truncatingIfNeeded: answer["owner"]?.intValue ?? 0))")
                } else if arguments.has("sequence") {
                    print("\(answer["rootseq"]?.intValue ?? 0)")
                } else {
                    print(arguments.has("blobref") ? reference : directoryReference(reference).text(sortedKeys: true))
                }
                return 0
            }
        },
        Command("sync", "Wait until everything is on the disk", options: [namespaceOption] + rootOptions) { arguments in
            try commit(arguments, flags: 4) { _ in }
        },
        kvsEventlog,
    ])

/// The namespace of a command: the option, the environment, or the primary one.
func namespace(_ arguments: Arguments) -> String {
    arguments.value("namespace") ?? Environment["FLUX_KVS_NAMESPACE"] ?? Handle.primaryNamespace
}

/// A key without dots at the end; the root stays a dot.
func normalized(_ key: String) -> String { key.isEmpty ? "." : key }

private func directoryReference(_ blobref: String) -> JSON { ["data": [.string(blobref)], "type": "dirref", "ver": 1] }

/// - Parameter purpose: what a failure is called.
private func root(_ flux: Handle, _ arguments: Arguments, for purpose: String) async throws(CommandError) -> JSON {
    do { return try await flux.query("kvs.getroot", ["namespace": .string(namespace(arguments))]) } catch {
        throw CommandError("\(purpose): \(SystemText.of(error.errnum))")
    }
}

/// What the system calls an error, and behind it what the service had to say.
func reason(_ error: RPCError) -> String {
    let system = SystemText.of(error.errnum)
    return error.text.map { $0 == system ? system : "\(system): \($0)" } ?? system
}

/// No key is empty.
private func checkKey(_ key: String) throws(CommandError) {
    if key.isEmpty { throw CommandError("\(key): Invalid argument") }
}

/// Commits and prints what the options ask for.
private func commit(
    _ transaction: KVSTransaction, _ arguments: Arguments, flags: Int64, _ flux: Handle
) async throws(CommandError) {
    let answer: JSON
    do {
        answer = try await flux.query(
            "kvs.commit",
            [
                "namespace": .string(namespace(arguments)), "flags": .int(flags),
                "ops": .array(transaction.operations),
            ])
    } catch { throw CommandError("flux_kvs_commit: \(reason(error))") }
    let reference = answer["rootref"]?.stringValue ?? ""
    if arguments.has("treeobj-root") {
        print(directoryReference(reference).text(sortedKeys: true))
    } else if arguments.has("blobref") {
        print(reference)
    } else if arguments.has("sequence") {
        print("\(answer["rootseq"]?.intValue ?? 0)")
    }
}

private func commit(
    _ arguments: Arguments, flags: Int64 = 0, _ fill: @escaping @Sendable (inout KVSTransaction) throws -> Void
) throws -> Int32 {
    var transaction = KVSTransaction()
    try fill(&transaction)
    let ready = transaction
    return try Session.run(arguments) { flux in
        try await commit(ready, arguments, flags: flags, flux)
        return 0
    }
}

@Sendable private func putValues(_ arguments: Arguments) throws -> Int32 {
    let flags: Int64 = (arguments.has("no-merge") ? 1 : 0) | (arguments.has("sync") ? 4 : 0)
    return try commit(arguments, flags: flags) { transaction in
        for word in arguments.operands {
            guard let equal = word.firstIndex(of: "=") else {
                throw CommandError("put: you must specify a value as key=value")
            }
            let key = String(word[..<equal])
            try checkKey(key)
            let value = String(word[word.index(after: equal)...])
            let isFree = arguments.has("raw") || arguments.has("treeobj")
            let bytes = try isFree && value == "-" ? Files.standardInputBytes() : Array(value.utf8)
            if arguments.has("treeobj") {
                guard let object = try? TreeObject(parsing: bytes) else { throw CommandError("\(key): Protocol error") }
                transaction.put(key, object: object.json)
            } else if arguments.has("append") {
                transaction.append(key, bytes)
            } else {
                transaction.put(key, bytes)
            }
        }
    }
}

@Sendable private func unlinkKeys(_ arguments: Arguments) throws -> Int32 {
    try Session.run(arguments) { flux in
        var transaction = KVSTransaction()
        for key in arguments.operands {
            do throws(RPCError) {
                let object = try await flux.lookupObject(key, namespace: namespace(arguments), flags: .treeObject)
                let type = object["type"]?.stringValue
                if !arguments.has("recursive"), type == "dir" || type == "dirref" {
                    let entries = try await flux.directory(key, namespace: namespace(arguments))
                    if !entries.isEmpty { throw RPCError(errnum: ENOTEMPTY) }
                }
                transaction.unlink(key)
            } catch {
                if error.errnum == Errno.noEntry, arguments.has("force") {
                    transaction.unlink(key)
                    continue
                }
                throw CommandError("cannot unlink '\(key)': \(SystemText.of(error.errnum))")
            }
        }
        try await commit(transaction, arguments, flags: 0, flux)
        return 0
    }
}

private func copyCommand(_ name: String, _ abstract: String, removesSource: Bool) -> Command {
    Command(
        name, abstract, usage: "[OPTIONS] source destination", operands: 0...Int.max,
        options: [
            .value("src-namespace", "S", "NAME", "The namespace of the source"),
            .value("dst-namespace", "D", "NAME", "The namespace of the destination"),
        ]
    ) { arguments in
        guard arguments.operands.count == 2 else { throw CommandError("\(name): specify srckey dstkey") }
        return try Session.run(arguments) { flux in
            let source = arguments.value("src-namespace") ?? namespace(arguments)
            let destination = arguments.value("dst-namespace") ?? namespace(arguments)
            do throws(RPCError) {
                let object = try await flux.lookupObject(arguments.operands[0], namespace: source, flags: .treeObject)
                var transaction = KVSTransaction()
                transaction.put(arguments.operands[1], object: object)
                try await flux.commit(transaction, namespace: destination)
                if removesSource {
                    var removal = KVSTransaction()
                    removal.unlink(arguments.operands[0])
                    try await flux.commit(removal, namespace: source)
                }
            } catch { throw CommandError("flux_kvs_\(name): \(error)") }
            return 0
        }
    }
}

private let kvsNamespace = Command(
    "namespace", "Make, remove and list namespaces",
    subcommands: [
        Command(
            "create", "Make namespaces", usage: "[OPTIONS] name [name...]", operands: 1...Int.max,
            options: [.value("owner", "o", "UID", "The owner"), .value("rootref", "r", "BLOBREF", "The first root")]
        ) { arguments in
            let owner = try arguments.value("owner").map { text in
                guard let owner = UInt32(text) else { throw CommandError("--owner requires an unsigned integer argument") }
                return Int64(owner)
            }
            return try Session.run(arguments) { flux in
                let reference: String
                if let given = arguments.value("rootref") {
                    reference = given
                } else {
                    reference = emptyDirectory[try await flux.attribute("content.hash")] ?? ""
                }
                for name in arguments.operands {
                    do {
                        try await flux.rpc(
                            "kvs.namespace-create",
                            [
                                "namespace": .string(name), "rootref": .string(reference),
                                "owner": .int(owner ?? -1), "flags": 0,
                            ], nodeID: 0)
                    } catch { throw CommandError("\(name): \(error)") }
                }
                return 0
            }
        },
        Command("remove", "Remove namespaces", usage: "[OPTIONS] name [name...]", operands: 1...Int.max) { arguments in
            try Session.run(arguments) { flux in
                for name in arguments.operands {
                    do { try await flux.rpc("kvs.namespace-remove", ["namespace": .string(name)], nodeID: 0) } catch {
                        throw CommandError("\(name): \(error)")
                    }
                }
                return 0
            }
        },
        Command("list", "List namespaces") { arguments in
            try Session.run(arguments) { flux in
                let list = try await flux.query("kvs.namespace-list")["namespaces"]?.arrayValue ?? []
                print("NAMESPACE                                 OWNER      FLAGS")
                for entry in list {
                    let owner = UInt32(truncatingIfNeeded: entry["owner"]?.intValue ?? 0)
                    let flags = Format.text("0x%08X", [UInt32(truncatingIfNeeded: entry["flags"]?.intValue ?? 0)])
                    let name = entry["namespace"]?.stringValue ?? ""
                    print("\(name.padded(to: 36)) \("\(owner)".padded(leftTo: 10)) \(flags)")
                }
                return 0
            }
        },
    ])

/// Blobref of the empty directory by hash.
private let emptyDirectory = [
    "sha1": "sha1-c0a9faf907dda6216fd73bf81d0b3b21a1a8cb91",
    "sha256": "sha256-61b85efa2a76db9377692c700b4e1edfc480bf224e0e9764b76f8082159d0ca0",
]
