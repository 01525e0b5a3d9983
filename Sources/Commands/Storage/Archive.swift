internal import Client
internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import KVSClient
internal import RFC23FSD
internal import RFC37FileArchive

private let nameOption = Option.value("name", "n", aliases: ["tags"], "NAME", "The archive (default main)")
private let namespaceOption = Option.flag("no-force-primary", nil, "Use the namespace of the environment, not primary")

let archiveCommand = Command(
    "archive", "Keep files in the key value store", .builtin,
    subcommands: [
        Command(
            "create", "Put files into an archive", .builtin, usage: "[-n NAME] [-C DIR] [--preserve] PATH ...",
            operands: 1...Int.max,
            options: [
                nameOption, namespaceOption, .value("directory", "C", "DIR", "Change to DIR before reading files"),
                .optional("verbose", "v", "LEVEL", "Print the paths"),
                .flag("overwrite", nil, "Replace an archive of that name"), .flag("append", nil, "Add to it"),
                .flag("preserve", nil, "Keep the data over a restart of Flux"),
                .flag("mmap", nil, "Read large files when they are extracted instead of storing them"),
                .value("chunksize", nil, "N[KMG]", "Longest blob in bytes, 0 for no limit (default 1M)"),
                .value("small-file-threshold", nil, "N[KMG]", "Larger files become blobs (default 1K)"),
            ], createArchive),
        Command(
            "remove", "Remove an archive", .builtin, usage: "[-n NAME] [-f]",
            options: [nameOption, namespaceOption, .flag("force", "f", "That there is none is no error")]
        ) { arguments in
            try Session.run(arguments) { flux in
                let place = ArchivePlace(arguments)
                try await place.remove(flux, mustExist: !arguments.has("force"))
                return 0
            }
        },
        Command(
            "extract", "Write the files of an archive", .builtin, usage: "[-n NAME] [--overwrite] [-C DIR] [PATTERN]",
            operands: 0...1,
            options: [
                nameOption, namespaceOption, .optional("verbose", "v", "LEVEL", "Show paths on standard error"),
                .value("directory", "C", "DIR", "Change to DIR before writing files"),
                .flag("overwrite", nil, "Replace files that exist"),
                .optional("waitcreate", nil, "FSD", "Wait until there is an archive"),
                .flag("list-only", "t", "Print the paths and write nothing"),
            ], extractArchive),
        Command(
            "list", "List the files of an archive", .builtin, usage: "[-n NAME] [PATTERN]", operands: 0...1,
            options: [
                nameOption, namespaceOption, .flag("long", "l", "Show type, permissions and size"),
                .flag("raw", nil, "Print the stored objects (RFC 37)"),
            ]
        ) { arguments in
            try Session.run(arguments) { flux in
                let elements = try await ArchivePlace(arguments).elements(flux, matching: arguments.operands.first)
                for element in elements {
                    if arguments.has("raw") {
                        print(element.text, terminator: "")
                    } else {
                        print(listing(element, isLong: arguments.has("long")))
                    }
                }
                return 0
            }
        },
    ])

/// A line about one object of an archive.
private func listing(_ element: JSON, isLong: Bool) -> String {
    guard let path = element["path"]?.stringValue, let mode = element["mode"]?.intValue else { return "invalid fileref" }
    guard isLong else { return path }
    // What no archive can hold is listed too, so that it can be found.
    return (try? FileEntry(json: element))?.listing
        ?? "? 0\(String(mode & 0o777, radix: 8)) \("\(element["size"]?.intValue ?? 0)".padded(leftTo: 8)) \(path)"
}

@Sendable private func extractArchive(_ arguments: Arguments) throws -> Int32 {
    let seconds = try arguments.value("waitcreate").map { text in
        guard let duration = FluxDuration(text) else {
            throw CommandError("could not parse --waitcreate timeout: Invalid argument")
        }
        return duration.seconds
    }
    if let folder = arguments.value("directory"), chdir(folder) != 0 {
        throw CommandError("chdir \(folder): \(SystemText.of(errno))")
    }
    return try Session.run(arguments) { flux in
        let elements = try await ArchivePlace(arguments).elements(
            flux, matching: arguments.operands.first, isAwaited: arguments.has("waitcreate"), within: seconds)
        if arguments.has("list-only") {
            for element in elements { print(listing(element, isLong: arguments.has("verbose"))) }
        } else {
            try await ArchiveExtraction(flux, arguments).write(elements)
        }
        return 0
    }
}

/// Where an archive is kept.
struct ArchivePlace: Sendable {
    let name: String
    let namespace: String

    init(_ arguments: Arguments) {
        name = arguments.value("name") ?? "main"
        let chosen = arguments.has("no-force-primary") ? Environment["FLUX_KVS_NAMESPACE"] : nil
        namespace = chosen ?? Handle.primaryNamespace
    }

    /// The RFC 37 objects.
    var key: String { "archive.\(name)" }
    /// References to the blobs, which keep them alive over a restart.
    var blobsKey: String { "archive.\(name)_blobs" }

    /// The objects of the archive, those whose path matches a pattern of the shell.
    ///
    /// - Parameter seconds: how long to wait for an archive; nil waits for ever.
    func elements(
        _ flux: Handle, matching pattern: String?, isAwaited: Bool = false, within seconds: Double? = nil
    ) async throws(CommandError) -> [JSON] {
        let flags: KVSLookupFlags = isAwaited ? .waitCreate : []
        let elements: [JSON]
        do throws(RPCError) {
            let answer = try await flux.query(
                isAwaited ? "kvs-watch.lookup" : "kvs.lookup",
                ["key": .string(key), "namespace": .string(namespace), "flags": .int(flags.rawValue)], within: seconds)
            elements = try Self.decode(answer["val"] ?? .null).arrayValue ?? []
        } catch {
            if error.errnum == Errno.timedOut { throw CommandError("\(key): key was not created within timeout window") }
            throw CommandError("KVS lookup \(key): \(error)")
        }
        guard let pattern else { return elements }
        let matching = elements.filter { element in
            element["path"]?.stringValue.map { fnmatch(pattern, $0, 0) == 0 } ?? false
        }
        if matching.isEmpty { printError("flux-archive: No files matched pattern '\(pattern)'") }
        return matching
    }

    static func decode(_ object: JSON) throws(RPCError) -> JSON {
        let bytes = try Handle.bytes(ofValue: object)
        do throws(JSON.ParseError) { return try JSON(parsing: bytes) } catch {
            throw RPCError(errnum: Errno.invalid, topic: "kvs.lookup")
        }
    }

    /// Removes the archive and takes back its mapped files.
    func remove(_ flux: Handle, mustExist: Bool) async throws(CommandError) {
        if mustExist {
            do throws(RPCError) { _ = try await flux.lookupObject(key, namespace: namespace) } catch {
                throw CommandError("\(key) does not exist")
            }
        }
        var transaction = KVSTransaction()
        transaction.unlink(key)
        transaction.unlink(blobsKey)
        do throws(RPCError) { try await flux.commit(transaction, namespace: namespace) } catch {
            printError("flux-archive: unlink \(key),\(blobsKey): \(error)")
        }
        do throws(RPCError) {
            try await flux.rpc("content.mmap-remove", ["tag": .string(name)], nodeID: 0)
        } catch {
            printError("flux-archive: unmap \(name): \(error)")
        }
    }
}
