import KVSClient

/// Changes of the primary namespace by all jobs of a turn: one commit, with those who wait for it.
struct PrimaryWriter {
    private var transaction = KVSTransaction()
    private var waiting: [@Sendable () -> Void] = []
    var isCommitting = false
    var isFlushScheduled = false

    var isEmpty: Bool { transaction.isEmpty }

    mutating func add(_ body: (inout KVSTransaction) -> Void, done: (@Sendable () -> Void)? = nil) {
        body(&transaction)
        if let done { waiting.append(done) }
    }

    mutating func take() -> (KVSTransaction, [@Sendable () -> Void]) {
        defer {
            transaction = KVSTransaction()
            waiting = []
        }
        return (transaction, waiting)
    }
}
