internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC10Content
internal import RFC11TreeObject

let dumpCommand = Command(
    "dump", "Dump KVS snapshot to a portable archive format", .builtin, usage: "[OPTIONS] OUTFILE", operands: 1...1,
    options: [
        .flag("verbose", "v", "List keys on stderr as they are archived"),
        .flag("quiet", "q", "Don't show periodic progress updates"),
        .flag("checkpoint", nil, "Dump from checkpoint"),
        .flag("no-cache", nil, "Bypass the broker content cache"),
        .flag("ignore-failed-read", nil, "Continue despite read errors"),
        .flag("sd-notify", nil, "Send status updates to systemd via flux-broker(1)"),
        .value("maxreqs", nil, "N", "Max concurrent content requests (default 2)"),
    ], dump)

/// Prints how far dump and restore are: each of the first ten keys, then every hundredth.
struct Progress {
    let verb: String
    let isShown: Bool
    var keys = 0
    var blobs: Int?

    mutating func count(keys more: Int, blobs moreBlobs: Int = 0) {
        keys += more
        if let known = blobs { blobs = known + moreBlobs }
        if more > 0, keys < 10 || keys % 100 == 0 { show("") }
    }

    func finish() { show("\n") }

    private func show(_ end: String) {
        guard isShown else { return }
        let stored = blobs.map { " (\($0) blobs)" } ?? ""
        let past = verb == "dump" ? "archived" : "restored"
        printError("\rflux-\(verb): \(past) \(keys) keys\(stored)", terminator: end)
    }
}

func failure(_ verb: String, _ text: String) -> CommandError { CommandError("flux-\(verb): \(text)", isBare: true) }

@Sendable private func dump(_ arguments: Arguments) throws -> Int32 {
    let window = try arguments.integer("maxreqs") ?? 2
    guard window > 0 else { throw failure("dump", "invalid value for maxreqs") }
    let path = arguments.operands[0]
    return try Session.run(arguments) { flux in
        let writer: ArchiveWriter
        do throws(CommandError) { writer = try ArchiveWriter(path: path) } catch {
            throw failure("dump", error.description)
        }
        let (root, time) = try await source(flux, arguments)
        var progress = Progress(verb: "dump", isShown: !arguments.has("quiet") && !arguments.has("verbose"))
        var walk = TreeWalk(root: root, skipsSeen: false)
        let mustContinue = arguments.has("ignore-failed-read")
        let isDirect = arguments.has("no-cache")
        while true {
            let steps = walk.next(window)
            if steps.isEmpty { break }
            let answers = await flux.askAll(steps.map { Handle.loadRequest($0.reference, bypassingCache: isDirect) })
            for (step, answer) in zip(steps, answers) {
                guard case .success(let message) = answer, let found = walk.enter(step, message.payload ?? []) else {
                    let text =
                        step.key.isEmpty
                        ? "\(step.reference): could not load content: the root is missing or no directory"
                        : "\(archivePath(step.key)): missing blobref 0"
                    guard mustContinue, !step.key.isEmpty else { throw failure("dump", text) }
                    printError("flux-dump: \(text)")
                    continue
                }
                for value in found.values {
                    guard let content = try await content(value, flux, isDirect, mustContinue) else { continue }
                    // Values that are kept inline carry no time, as in flux-core's archives.
                    let isReference = !value.references.isEmpty
                    do throws(CommandError) {
                        try writer.add(archivePath(value.key), content, time: isReference ? time : 0)
                    } catch {
                        throw failure("dump", error.description)
                    }
                    if arguments.has("verbose") { printError(archivePath(value.key)) }
                    progress.count(keys: 1)
                }
            }
        }
        progress.finish()
        do throws(CommandError) { try writer.close() } catch { throw failure("dump", error.description) }
        return 0
    }
}

private func archivePath(_ key: String) -> String {
    String(key.map { $0 == "." ? "/" : $0 })
}

/// Which root to dump, and the time of the archive's entries.
private func source(_ flux: Handle, _ arguments: Arguments) async throws -> (Blobref, Double) {
    if arguments.has("checkpoint") {
        do throws(RPCError) {
            let answer = try await flux.query("content.checkpoint-get", nodeID: 0)
            guard let newest = Checkpoint.all(answer).first, let root = try? Blobref(parsing: newest.root) else {
                throw RPCError(errnum: Errno.proto)
            }
            return (root, newest.timestamp)
        } catch {
            throw failure("dump", "error fetching checkpoints: \(error)")
        }
    }
    do throws(RPCError) {
        let answer = try await flux.query("kvs.getroot", ["namespace": "primary", "flags": 0])
        guard let text = answer["rootref"]?.stringValue, let root = try? Blobref(parsing: text) else {
            throw RPCError(errnum: Errno.proto)
        }
        return (root, Format.now)
    } catch {
        throw failure("dump", "error fetching current KVS root: \(error)")
    }
}

/// The content of a key; nil when it cannot be read and that is to be passed over.
private func content(
    _ value: TreeWalk.Value, _ flux: Handle, _ isDirect: Bool, _ mustContinue: Bool
) async throws -> ArchivedKey? {
    switch value.object {
    case .symlink(let target, let namespace): return .link(namespace.map { "\($0)::\(target)" } ?? target)
    case .val(let bytes):
        guard let bytes = bytes.bytes else { throw failure("dump", "\(archivePath(value.key)): invalid value object") }
        return .value(bytes)
    case .valref(let references):
        var whole: [UInt8] = []
        let answers = await flux.askAll(references.map { Handle.loadRequest($0, bypassingCache: isDirect) })
        for (index, answer) in answers.enumerated() {
            switch answer {
            case .success(let message): whole += message.payload ?? []
            case .failure(let error):
                let text = "\(archivePath(value.key)): missing blobref \(index): \(SystemText.of(error.errnum))"
                guard mustContinue else { throw failure("dump", text) }
                printError("flux-dump: \(text)")
                return nil
            }
        }
        return .value(whole)
    case .dir, .dirref: return nil
    }
}
