internal import Client
internal import FluxJSON
internal import RFC03Message
internal import RFC18Eventlog
internal import Reactor

/// Appends to the event logs of the job's own KVS namespace, many entries in one commit.
///
/// Identity: it owns what was not written yet. Belongs to the reactor of its handle.
final class GuestLog {
    private let flux: Handle
    private let namespace: String
    /// Bytes by key, in the order in which the keys were first used.
    private var pending: [(key: String, bytes: [UInt8])] = []
    private var pendingBytes = 0
    private var commits = 0
    private var timer: TimerID?
    /// Runs while an event waits that leaves soon.
    private var soonTimer: TimerID?
    private var lastFlush: Int64 = .min
    private var onIdle: (() -> Void)?
    /// Told when too much waits, and again when there is room.
    var onCongestion: ((Bool) -> Void)?
    private var isCongested = false
    /// Told once when the KVS refuses a commit.
    var onFailure: ((RPCError) -> Void)?

    private static let soonDelay = Duration.milliseconds(3)
    /// A commit is sent when this much waits.
    private static let commitBytes = 1 << 20
    private static let congestedBytes = 8 << 20
    private var unconfirmedBytes = 0

    init(flux: Handle, namespace: String) {
        self.flux = flux
        self.namespace = namespace
    }

    /// Appends an event that others wait for: it leaves within ``soonDelay``, so that what a short job has to say is one
    /// commit.
    func post(_ key: String, _ name: String, _ context: JSON?) {
        append(key) { bytes in
            Eventlog.Entry(timestamp: flux.reactor.wallTime, name: name, context: context?.objectValue)
                .append(to: &bytes)
        }
        flushSoon()
    }

    /// Appends an entry that may wait for others: for a moment after a quiet time, else for `period`.
    ///
    /// - Parameter period: the longest wait, in seconds.
    func add(_ key: String, within period: Double, _ write: (inout [UInt8]) -> Void) {
        append(key, write)
        if pendingBytes >= Self.commitBytes {
            flush()
        } else if timer == nil, soonTimer == nil {
            let longest = Int64(min(max(period, 0), 3600) * 1e9)
            let quiet = lastFlush == .min || flux.reactor.now - lastFlush > longest
            timer = flux.reactor.schedule(after: .nanoseconds(quiet ? min(longest, 10_000_000) : longest)) { [self] in
                timer = nil
                flush()
            }
        }
    }

    private func append(_ key: String, _ write: (inout [UInt8]) -> Void) {
        let index: Int
        if let found = pending.firstIndex(where: { $0.key == key }) {
            index = found
        } else {
            index = pending.count
            pending.append((key, []))
        }
        let before = pending[index].bytes.count
        write(&pending[index].bytes)
        pendingBytes += pending[index].bytes.count - before
    }

    /// Writes what waits in a moment.
    func flushSoon() {
        guard soonTimer == nil else { return }
        soonTimer = flux.reactor.schedule(after: Self.soonDelay) { [self] in flush() }
    }

    /// Writes what waits.
    func flush() {
        for timer in [timer, soonTimer] { if let timer { flux.reactor.cancel(timer) } }
        (timer, soonTimer) = (nil, nil)
        guard !pending.isEmpty else { return }
        let ops = pending.map { entry -> JSON in
            [
                "key": .string(entry.key), "flags": 32,
                "dirent": ["ver": 1, "type": "val", "data": .string(Base64.encode(entry.bytes))],
            ]
        }
        let size = pendingBytes
        pending = []
        pendingBytes = 0
        lastFlush = flux.reactor.now
        commits += 1
        unconfirmedBytes += size
        setCongested(unconfirmedBytes > Self.congestedBytes)
        flux.call(
            .request(
                "kvs.commit", json: ["namespace": .string(namespace), "flags": 0, "ops": .array(ops)])
        ) { [self] result in
            commits -= 1
            unconfirmedBytes -= size
            setCongested(unconfirmedBytes > Self.congestedBytes)
            if case .failure(let error) = result {
                onFailure?(error)
                onFailure = nil
            }
            checkIdle()
        }
    }

    private func setCongested(_ value: Bool) {
        guard value != isCongested else { return }
        isCongested = value
        onCongestion?(value)
    }

    /// Writes everything and waits until the KVS has it, also what is added while it waits.
    func drain() async {
        flush()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            onIdle = { continuation.resume() }
            checkIdle()
        }
    }

    private func checkIdle() {
        guard commits == 0, let body = onIdle else { return }
        guard pending.isEmpty else { return flush() }
        onIdle = nil
        body()
    }
}
