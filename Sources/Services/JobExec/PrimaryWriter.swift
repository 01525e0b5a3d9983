import FluxJSON
import KVSClient
import RFC19FLUID
import Service

/// Changes of the primary namespace by all jobs, in few commits: links to the jobs' namespaces, and what takes their place
/// when jobs end.
///
/// The store keeps the order in which commits were sent, so whoever goes on once one is sent comes after it. The link of a
/// job that ends before it was sent is not needed any more.
struct PrimaryWriter {
    private var links: [JobID: String] = [:]
    private var grafts = KVSTransaction()
    private var waiting: [@Sendable () -> Void] = []
    private var waitingForStore: [@Sendable () -> Void] = []
    /// When links are sent.
    private var pacer = Pacer(interval: 0.01, burst: 8)
    private var isLinkFlushExpected = false
    private var isGraftFlushExpected = false
    /// Commits that are not answered yet.
    var underWay = 0

    var isEmpty: Bool { links.isEmpty && grafts.isEmpty }

    /// Links a job to its namespace.
    ///
    /// - Parameter now: seconds on a clock that does not go back.
    /// - Returns: in how many seconds ``take(now:)`` is due; nil when it is expected anyway.
    mutating func link(_ id: JobID, to namespace: String, now: Double) -> Double? {
        links[id] = namespace
        guard !isLinkFlushExpected, !isGraftFlushExpected else { return nil }
        isLinkFlushExpected = true
        return pacer.delay(at: now)
    }

    /// Puts what the namespace of a job contains in its place.
    ///
    /// - Parameters:
    ///   - root: blobref of the namespace's root.
    ///   - sent: runs when the change is on its way.
    ///   - stored: runs when everybody reads it.
    /// - Returns: whether ``take(now:)`` is due at the end of this turn and not expected yet.
    mutating func graft(
        _ id: JobID, root: String, sent: @escaping @Sendable () -> Void, stored: @escaping @Sendable () -> Void
    ) -> Bool {
        links[id] = nil
        grafts.put("\(id.kvs).guest", object: ["data": [.string(root)], "type": "dirref", "ver": 1])
        waiting.append(sent)
        waitingForStore.append(stored)
        defer { isGraftFlushExpected = true }
        return !isGraftFlushExpected
    }

    /// What one commit takes along, and who is to be told when.
    struct Batch {
        let transaction: KVSTransaction
        let sent: [@Sendable () -> Void]
        let stored: [@Sendable () -> Void]
    }

    /// Takes everything out.
    mutating func take(now: Double) -> Batch {
        var transaction = grafts
        for (id, namespace) in links.sorted(by: { $0.key < $1.key }) {
            transaction.link("\(id.kvs).guest", to: ".", namespace: namespace)
        }
        if !isEmpty { pacer.spend(at: now) }
        defer {
            links.removeAll(keepingCapacity: true)
            grafts = KVSTransaction()
            (waiting, waitingForStore) = ([], [])
            (isLinkFlushExpected, isGraftFlushExpected) = (false, false)
        }
        return Batch(transaction: transaction, sent: waiting, stored: waitingForStore)
    }
}
