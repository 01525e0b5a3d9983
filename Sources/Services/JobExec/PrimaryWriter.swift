import KVSClient

/// Changes of the primary namespace by all jobs of a turn: one commit, with those who wait for it to be on its way.
///
/// The store keeps the order in which commits were sent, so whoever goes on once one is sent comes after it.
struct PrimaryWriter {
    private var transaction = KVSTransaction()
    private var waiting: [@Sendable () -> Void] = []
    private var waitingForStore: [@Sendable () -> Void] = []
    var isFlushScheduled = false
    /// Commits that are not answered yet.
    var underWay = 0

    var isEmpty: Bool { transaction.isEmpty }

    /// - Parameters:
    ///   - sent: runs when the change is on its way.
    ///   - stored: runs when everybody reads it.
    mutating func add(
        _ body: (inout KVSTransaction) -> Void, sent: (@Sendable () -> Void)? = nil,
        stored: (@Sendable () -> Void)? = nil
    ) {
        body(&transaction)
        if let sent { waiting.append(sent) }
        if let stored { waitingForStore.append(stored) }
    }

    /// What one commit takes along, and who is to be told when.
    struct Batch {
        let transaction: KVSTransaction
        let sent: [@Sendable () -> Void]
        let stored: [@Sendable () -> Void]
    }

    mutating func take() -> Batch {
        defer {
            transaction = KVSTransaction()
            waiting = []
            waitingForStore = []
        }
        return Batch(transaction: transaction, sent: waiting, stored: waitingForStore)
    }
}
