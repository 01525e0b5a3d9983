internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC10Content
internal import Reactor

let collectCommand = Command(
    "gc", "Reclaim unreferenced content while the instance runs", .builtin,
    options: [
        .flag("no-cache", nil, "Bypass broker content cache"),
        .value("maxreqs", nil, "N", "Increase number of concurrent content requests during the mark phase (default 2)"),
        .flag("verbose", "v", "Increase verbosity"),
        .flag("test-mark-only", nil, ""), .value("test-delay-after-list", nil, "SECONDS", ""),
    ], collect)

private func note(_ text: String) { printError("flux: \(text)") }

/// Marks every blob that a checkpoint, a private namespace or the live root leads to, then deletes the rest.
///
/// Source: job-protocol §1.5. The order of the roots matters: what moves from a private namespace into the primary one
/// meanwhile is seen in one of them.
@Sendable private func collect(_ arguments: Arguments) throws -> Int32 {
    let window = try arguments.integer("maxreqs") ?? 2
    guard window > 0 else { throw CommandError("flux: invalid value for maxreqs", isBare: true) }
    return try Session.run(arguments) { flux in
        let level = arguments.count("verbose")
        let information = try await ask(flux, "failed to fetch gc-info", "content-backing.gc-info", ["epoch": 0])
        let epoch = information["current_epoch"]?.intValue ?? 0
        let highWater = information["high_water"]?.intValue ?? 0
        if level > 0 { note("froze epoch at \(epoch), high-water rowid \(highWater)") }

        let roots = try await collectRoots(flux, level, arguments)
        if level > 0 { note("enumerated \(roots.count) total roots") }
        var marker = Marker(flux: flux, epoch: epoch, level: level)
        for root in roots {
            if level > 0 { note("marking from root \(root)") }
            try await marker.mark(root, window: window, bypassingCache: arguments.has("no-cache"))
        }
        try await marker.finish()
        if level > 0 { note("mark phase complete") }
        guard !arguments.has("test-mark-only") else {
            note("stopping after mark phase (test)")
            return 0
        }
        let deleted = try await sweep(flux, epoch, highWater, level)
        note("gc complete: marked \(marker.marked), reclaimed \(deleted) blobs (horizon epoch \(epoch))")
        return 0
    }
}

private func ask(_ flux: Handle, _ what: String, _ topic: String, _ payload: JSON?) async throws -> JSON {
    do throws(RPCError) { return try await flux.query(topic, payload, nodeID: 0) } catch {
        throw CommandError("flux: \(what): \(error)", isBare: true)
    }
}

private func collectRoots(_ flux: Handle, _ level: Int, _ arguments: Arguments) async throws -> [String] {
    var roots: [String] = []
    do throws(RPCError) {
        let checkpoints = Checkpoint.all(try await flux.query("content.checkpoint-get", nodeID: 0))
        roots += checkpoints.map(\.root)
        if level > 0 { note("enumerated \(checkpoints.count) checkpoint roots") }
    } catch {
        guard error.errnum == Errno.noEntry else {
            throw CommandError("flux: checkpoint-get: \(error)", isBare: true)
        }
        if level > 0 { note("no checkpoints found") }
    }
    var names: [String] = []
    do throws(RPCError) {
        let list = try await flux.query("kvs.namespace-list", nodeID: 0)["namespaces"]?.arrayValue ?? []
        names = list.compactMap { $0["namespace"]?.stringValue }.filter { $0 != "primary" }
    } catch {
        guard error.errnum == Errno.noSystem else {
            throw CommandError("flux: kvs.namespace-list: \(error)", isBare: true)
        }
        if level > 0 { note("kvs not loaded; skipping live private namespace roots") }
        return roots
    }
    if let text = arguments.value("test-delay-after-list"), let seconds = Double(text) {
        await flux.reactor.sleep(for: .seconds(seconds))
    }
    var count = 0
    for name in names {
        guard let root = try await root(flux, name) else { continue }
        roots.append(root)
        count += 1
    }
    if level > 0 { note("enumerated \(count) private namespace roots") }
    if let root = try await root(flux, "primary") { roots.append(root) }
    if level > 0 { note("enumerated live primary root") }
    return roots
}

/// The root of a namespace; nil when it is gone.
private func root(_ flux: Handle, _ name: String) async throws -> String? {
    do throws(RPCError) {
        return try await flux.query("kvs.getroot", ["namespace": .string(name)], nodeID: 0)["rootref"]?.stringValue
    } catch {
        if error.errnum == Errno.notSupported { return nil }
        throw CommandError("flux: kvs.getroot \(name): \(error)", isBare: true)
    }
}

/// Tells the backing store, in batches, what is in use.
private struct Marker {
    let flux: Handle
    let epoch: Int64
    let level: Int
    var marked: Int64 = 0
    private var batch: [JSON] = []
    private var seen: Set<Blobref> = []

    init(flux: Handle, epoch: Int64, level: Int) {
        self.flux = flux
        self.epoch = epoch
        self.level = level
    }

    mutating func mark(_ root: String, window: Int, bypassingCache: Bool) async throws {
        guard let reference = try? Blobref(parsing: root) else {
            note("failed to mark from root \(root): Invalid argument")
            throw CommandError("flux: mark phase failed: Invalid argument", isBare: true)
        }
        var walk = TreeWalk(root: reference, skipsSeen: true)
        walk.skip(seen)
        while true {
            let steps = walk.next(window)
            guard !steps.isEmpty else { return }
            let answers = await flux.askAll(
                steps.map { Handle.loadRequest($0.reference, bypassingCache: bypassingCache) })
            for (step, answer) in zip(steps, answers) {
                guard case .success(let message) = answer, let found = walk.enter(step, message.payload ?? []) else {
                    throw CommandError(
                        "flux: \(step.key): cannot load directory object \(step.reference)", isBare: true)
                }
                try await add(step.reference)
                for value in found.values {
                    for reference in value.references { try await add(reference) }
                }
            }
        }
    }

    private mutating func add(_ reference: Blobref) async throws {
        guard seen.insert(reference).inserted else { return }
        batch.append(.string(reference.description))
        if batch.count >= 100 { try await finish() }
    }

    mutating func finish() async throws {
        guard !batch.isEmpty else { return }
        let hashes = batch
        batch = []
        do throws(RPCError) {
            let answer = try await flux.query(
                "content-backing.mark", ["epoch": .int(epoch), "hashes": .array(hashes)], nodeID: 0)
            let count = answer["marked"]?.intValue ?? 0
            marked += count
            if level > 1 { note("marked \(count) blobs") }
        } catch {
            throw CommandError("flux: mark failed: \(error)", isBare: true)
        }
    }
}

private func sweep(_ flux: Handle, _ epoch: Int64, _ highWater: Int64, _ level: Int) async throws -> Int64 {
    if level > 0 { note("starting sweep phase") }
    var (deleted, cursor): (Int64, Int64) = (0, 0)
    while cursor < highWater {
        let answer = try await ask(
            flux, "sweep failed", "content-backing.sweep",
            [
                "epoch": .int(epoch), "cursor": .int(cursor), "high_water": .int(highWater), "delete_cap": 1000,
                "window": 100_000,
            ])
        deleted += answer["deleted"]?.intValue ?? 0
        let next = answer["cursor"]?.intValue ?? highWater
        if level > 1 { note("swept \(answer["deleted"]?.intValue ?? 0) blobs, cursor \(next)/\(highWater)") }
        // A store that does not move on would keep us here for ever.
        guard next > cursor else { break }
        cursor = next
    }
    if level > 0 { note("sweep complete: deleted \(deleted) blobs") }
    return deleted
}
