import KVSClient

/// What writers have sent and what they were answered, and so what a store must hold after any crash.
///
/// Each writer has a directory of its own; the i-th transaction of a writer is known by its number, so the state after any
/// set of them can be computed.
struct CommitModel {
    struct Writer {
        var sent = 0
        var acknowledged: Set<Int> = []
        /// Answered with an error of the store: not done.
        var refused: Set<Int> = []
    }

    private(set) var writers: [Writer]
    /// The newest version of the root that anybody was told.
    private(set) var version: Int64 = 0

    init(writers: Int) { self.writers = Array(repeating: Writer(), count: writers) }

    mutating func begin(_ writer: Int) -> (number: Int, transaction: KVSTransaction) {
        writers[writer].sent += 1
        let number = writers[writer].sent
        var transaction = KVSTransaction()
        for (key, value) in Self.changes(number) {
            if let value { transaction.put("w\(writer).\(key)", Array(value.utf8)) } else { transaction.unlink("w\(writer).\(key)") }
        }
        transaction.append("log.w\(writer)", Array("\(number) ".utf8))
        return (number, transaction)
    }

    mutating func acknowledge(_ writer: Int, _ number: Int, version: Int64) {
        writers[writer].acknowledged.insert(number)
        self.version = max(self.version, version)
    }

    mutating func refuse(_ writer: Int, _ number: Int) { writers[writer].refused.insert(number) }

    /// Small values, one that becomes a blob, and removals.
    static func changes(_ number: Int) -> [(key: String, value: String?)] {
        var changes: [(String, String?)] = [("last", "\(number)"), ("deep.k\(number % 10)", "\(number)")]
        if number % 3 == 0 { changes.append(("large", String(repeating: "\(number),", count: 40))) }
        if number % 4 == 0 { changes.append(("deep.k\((number + 5) % 10)", nil)) }
        return changes
    }

    /// The keys of a writer after these transactions.
    static func state(after numbers: [Int]) -> [String: String] {
        var state: [String: String] = [:]
        for number in numbers { for (key, value) in changes(number) { state[key] = value } }
        return state
    }

    /// What is wrong with what a writer finds: its log, and its keys with their values. Empty when nothing is.
    func problems(_ writer: Int, log: [Int], state: [String: String]) -> [String] {
        let known = writers[writer], there = Set(log)
        var problems: [String] = []
        func report(_ what: String, _ numbers: Set<Int>) {
            if !numbers.isEmpty { problems.append("w\(writer): \(what): \(numbers.sorted())") }
        }
        report("acknowledged and lost", known.acknowledged.subtracting(there))
        report("refused and done", known.refused.intersection(there))
        report("never sent", there.filter { !(1...max(1, known.sent)).contains($0) })
        if log != there.sorted() { problems.append("w\(writer): out of order or doubled: \(log)") }
        let expected = Self.state(after: log)
        for key in Set(expected.keys).union(state.keys).sorted() where expected[key] != state[key] {
            problems.append("w\(writer).\(key) is \(state[key] ?? "absent"), not \(expected[key] ?? "absent")")
        }
        return problems
    }
}
