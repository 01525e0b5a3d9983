internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC10Content
internal import RFC11TreeObject
internal import RFC19FLUID

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
        let mustRepair = arguments.has("repair")
        if mustRepair, try await isLoaded("kvs", flux) {
            throw failure("fsck", "please unload kvs module before using flux-fsck --repair")
        }
        var checker = Checker(
            flux: flux, isVerbose: arguments.has("verbose"), isQuiet: arguments.has("quiet"), mustRepair: mustRepair)
        let root: Blobref
        var sequence: Int64 = 0
        if let text = arguments.value("rootref") {
            guard let given = try? Blobref(parsing: text) else { throw failure("fsck", "invalid blobref specified") }
            root = given
        } else {
            (root, sequence) = try await newestRoot(flux)
        }
        await checker.check(root)
        if mustRepair {
            try await repair(root, sequence, &checker, isJobAware: arguments.has("job-aware"))
        } else {
            checker.finish()
        }
        return checker.errorCount > 0 ? 1 : 0
    }
}

private func newestRoot(_ flux: Handle) async throws -> (Blobref, Int64) {
    do throws(RPCError) {
        let answer = try await flux.query("content-backing.checkpoint-get", nodeID: 0)
        guard let newest = Checkpoint.all(answer).first, let root = try? Blobref(parsing: newest.root) else {
            throw RPCError(errnum: Errno.proto)
        }
        let time = Format.time(newest.timestamp, "%Y-%m-%dT%T", utc: true)
        print("Checking integrity of checkpoint from \(time)")
        flushOutput()
        return (root, newest.sequence)
    } catch {
        throw failure("fsck", "error fetching checkpoints: \(error)")
    }
}

/// Files what is left of damaged values below `lost+found`, unlinks directories that are gone, and makes that the
/// newest checkpoint.
private func repair(_ root: Blobref, _ sequence: Int64, _ checker: inout Checker, isJobAware: Bool) async throws {
    let flux = checker.flux
    guard let algorithm = Blobref.Algorithm(rawValue: try await flux.attribute("content.hash")) else {
        throw failure("fsck", "could not get content hash name")
    }
    let entries: TreeObject.Directory
    do throws(RPCError) {
        guard let loaded = try await TreeRepair.load(root, flux) else {
            throw RPCError(errnum: Errno.invalid, text: "root tree object is not a directory")
        }
        entries = loaded
    } catch {
        checker.finish()
        return
    }
    var tree = TreeRepair(flux: flux, algorithm: algorithm, root: entries)
    var jobs: [String] = []
    for (key, value) in checker.damaged {
        try await tree.set("lost+found.\(key)", value)
        try await tree.set(key, nil)
        if isJobAware, let job = jobDirectory(key), !jobs.contains(job) { jobs.append(job) }
    }
    for key in checker.lost { try await tree.set(key, nil) }
    for job in jobs {
        guard try await tree.moveToLostAndFound(job) else { continue }
        if checker.isVerbose, let id = try? FLUID(parsing: job) {
            checker.warn("job \(id.f58Plain) moved to lost+found")
        }
    }
    checker.finish()
    if !checker.damaged.isEmpty || !checker.lost.isEmpty {
        let newRoot = try await tree.store()
        let checkpoint = Checkpoint(root: newRoot.description, sequence: sequence + 1, timestamp: Format.now)
        try await flux.rpc("content-backing.checkpoint-put", ["value": checkpoint.json], nodeID: 0)
        checker.warn("Updated primary checkpoint to include lost+found")
    }
    if !checker.damaged.isEmpty || checker.isVerbose { checker.say("Total repairs: \(checker.damaged.count)") }
    if !checker.lost.isEmpty || checker.isVerbose {
        checker.say("Total unlinked directories: \(checker.lost.count)")
    }
}

/// `job.xxxx.xxxx.xxxx.xxxx` at the beginning of a key.
private func jobDirectory(_ key: String) -> String? {
    let parts = key.split(separator: ".")
    guard parts.count > 4, parts[0] == "job",
        parts[1...4].allSatisfy({ $0.utf8.count == 4 && UInt16($0, radix: 16) != nil })
    else { return nil }
    return parts[...4].joined(separator: ".")
}

private struct Checker {
    let flux: Handle
    let isVerbose: Bool
    let isQuiet: Bool
    let mustRepair: Bool
    var errorCount = 0
    /// Damaged values with what is left of each.
    var damaged: [(key: String, rest: TreeObject)] = []
    /// Directories whose blob is gone.
    var lost: [String] = []
    private let hasTerminal = isTerminal(2)
    /// Blobs asked of the store at one time.
    private let window = 1000

    init(flux: Handle, isVerbose: Bool, isQuiet: Bool, mustRepair: Bool) {
        self.flux = flux
        self.isVerbose = isVerbose
        self.isQuiet = isQuiet
        self.mustRepair = mustRepair
    }

    /// An error, which `--quiet` does not hide.
    func say(_ text: String) { printError(hasTerminal ? text : "flux-fsck: \(text)") }

    func warn(_ text: String) { if !isQuiet { say(text) } }

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
                    if mustRepair, step.key.isEmpty {
                        say("cannot load root tree object: \(SystemText.of(error.errnum))")
                        continue
                    }
                    say(
                        error.errnum == Errno.noEntry
                            ? "\(step.key): missing dirref blobref"
                            : "\(step.key): error retrieving dirref blobref: \(SystemText.of(error.errnum))")
                    if mustRepair, error.errnum == Errno.noEntry {
                        lost.append(step.key)
                        warn("\(step.key) unlinked due to missing blobref")
                    }
                case .success(let message):
                    guard let found = walk.enter(step, message.payload ?? []) else {
                        errorCount += 1
                        say("\(step.key.isEmpty ? "root" : step.key): not a directory object")
                        continue
                    }
                    if isVerbose, !step.key.isEmpty { warn(step.key) }
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
            if isVerbose { warn(value.key) }
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
            // Only what is gone for certain is given up; what could not be read now may be there later.
            guard mustRepair, bad.allSatisfy({ $0.1 == Errno.noEntry }) else { continue }
            let rest = value.references.filter { failures[$0] == nil }
            damaged.append((value.key, rest.isEmpty ? .val([]) : .valref(rest)))
            warn("\(value.key) repaired and moved to lost+found")
        }
    }
}
