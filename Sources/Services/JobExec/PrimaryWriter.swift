import KVSClient

/// Changes of the primary namespace by all jobs of a turn: one commit, with those who wait for it to be on its way.
///
/// The store keeps the order in which commits were sent, so whoever goes on once one is sent comes after it.
struct PrimaryWriter {
    private var transaction = KVSTransaction()
    private var waiting: [@Sendable () -> Void] = []
    var isFlushScheduled = false

    var isEmpty: Bool { transaction.isEmpty }

    mutating func add(_ body: (inout KVSTransaction) -> Void, sent: (@Sendable () -> Void)? = nil) {
        body(&transaction)
        if let sent { waiting.append(sent) }
    }

    mutating func take() -> (KVSTransaction, [@Sendable () -> Void]) {
        defer {
            transaction = KVSTransaction()
            waiting = []
        }
        return (transaction, waiting)
    }
}
