internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC10Content

let fsckCommand = Command(
    "fsck", "Check integrity of the content backing store", .builtin,
    options: [
        .flag("verbose", "v", "List keys as they are being validated"),
        .flag("quiet", "q", "Don't output diagnostic messages and discovered errors"),
        .value("rootref", "r", "BLOBREF", "Check integrity starting with BLOBREF"),
        .flag("repair", "R", "Recover what can be recovered"),
        .flag("job-aware", "j", "Treat job directories as a whole when repairing"),
    ], checkStore)

/// Walks the newest checkpoint, past the cache, and asks the backing store for each blob.
///
/// Source: job-protocol §1.5.
@Sendable private func checkStore(_ arguments: Arguments) throws -> Int32 {
    try Session.run(arguments) { flux in
        guard !arguments.has("repair") else {
            if try await isLoaded("kvs", flux) {
                throw CommandError(
                    "flux-fsck: please unload kvs module before using flux-fsck --repair", isBare: true)
            }
            throw CommandError("flux-fsck: --repair is not built yet", isBare: true)
        }
        var checker = Checker(flux: flux, isVerbose: arguments.has("verbose"), isQuiet: arguments.has("quiet"))
        let root: Blobref
        if let text = arguments.value("rootref") {
            guard let given = try? Blobref(parsing: text) else {
                throw CommandError("flux-fsck: invalid blobref specified", isBare: true)
            }
            root = given
        } else {
            root = try await newestRoot(flux, arguments)
        }
        await checker.check(root)
        checker.finish()
        return checker.errorCount > 0 ? 1 : 0
    }
}

private func newestRoot(_ flux: Handle, _ arguments: Arguments) async throws -> Blobref {
    do throws(RPCError) {
        let answer = try await flux.query("content.checkpoint-get", nodeID: 0)
        guard let newest = Checkpoint.all(answer).first, let root = try? Blobref(parsing: newest.root) else {
            throw RPCError(errnum: Errno.proto)
        }
        if !arguments.has("quiet") {
            let time = Format.time(newest.timestamp, "%Y-%m-%dT%T", utc: true)
            print("Checking integrity of checkpoint from \(time)")
            flushOutput()
        }
        return root
    } catch {
        throw CommandError("flux-fsck: error fetching checkpoints: \(error)", isBare: true)
    }
}

private struct Checker {
    let flux: Handle
    let isVerbose: Bool
    let isQuiet: Bool
    var errorCount = 0
    /// Blobs asked of the store at one time.
    private let window = 1000

    init(flux: Handle, isVerbose: Bool, isQuiet: Bool) {
        self.flux = flux
        self.isVerbose = isVerbose
        self.isQuiet = isQuiet
    }

    private func say(_ text: String) {
        if !isQuiet { printError("flux-fsck: \(text)") }
    }

    mutating func finish() {
        if isVerbose || errorCount > 0 { say("Total errors: \(errorCount)") }
    }

    mutating func check(_ root: Blobref) async {
        var walk = TreeWalk(root: root, skipsSeen: false)
        while true {
            let steps = walk.next(window)
            guard !steps.isEmpty else { return }
            let answers = await flux.askAll(steps.map { Handle.loadRequest($0.reference, bypassingCache: true) })
            var values: [TreeWalk.Value] = []
            for (step, answer) in zip(steps, answers) {
                switch answer {
                case .failure(let error):
                    errorCount += 1
                    if step.key.isEmpty {
                        say("cannot load root tree object: \(SystemText.of(error.errnum))")
                    } else {
                        say(
                            error.errnum == Errno.noEntry
                                ? "\(step.key): missing dirref blobref"
                                : "\(step.key): error retrieving dirref blobref: \(SystemText.of(error.errnum))")
                    }
                case .success(let message):
                    guard let found = walk.enter(step, message.payload ?? []) else {
                        errorCount += 1
                        say("\(step.key.isEmpty ? "root" : step.key): not a directory object")
                        continue
                    }
                    if isVerbose, !step.key.isEmpty { say(step.key) }
                    for key in found.malformed {
                        errorCount += 1
                        say("\(key): invalid dirref")
                    }
                    values += found.values
                }
            }
            await check(values)
        }
    }

    private mutating func check(_ values: [TreeWalk.Value]) async {
        let references = values.flatMap(\.references)
        var failures: [Blobref: Int32] = [:]
        var start = 0
        while start < references.count {
            let part = references[start..<min(references.count, start + window)]
            let answers = await flux.askAll(
                part.map { .request("content-backing.validate", payload: $0.digest, nodeID: 0) })
            for (reference, answer) in zip(part, answers) {
                if case .failure(let error) = answer { failures[reference] = error.errnum }
            }
            start += part.count
        }
        for value in values {
            if isVerbose { say(value.key) }
            let bad = value.references.enumerated().compactMap { index, reference in
                failures[reference].map { (index, $0) }
            }
            guard let last = bad.last else { continue }
            errorCount += 1
            if isVerbose {
                for (index, errnum) in bad {
                    say(
                        errnum == Errno.noEntry
                            ? "\(value.key): missing blobref index=\(index)"
                            : "\(value.key): error retrieving blobref index=\(index): \(SystemText.of(errnum))")
                }
            } else {
                say(
                    last.1 == Errno.noEntry
                        ? "\(value.key): missing blobref(s)"
                        : "\(value.key): error retrieving blobref(s): \(SystemText.of(last.1))")
            }
        }
    }
}
