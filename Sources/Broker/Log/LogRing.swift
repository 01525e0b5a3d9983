package import Client

/// The last log records of a broker, and the decision what becomes of a new one.
package struct LogRing: Sendable {
    /// What to do with a record besides keeping it.
    package enum Directive: Hashable, Sendable {
        case keep
        /// A line for standard error.
        case print(String)
        /// To the parent.
        case forward
        case writeFile
    }

    package struct Levels: Sendable {
        package var ring = 7
        package var forward = 3
        package var critical = 2
        package var stderr = 3
        /// Every broker prints its own records, instead of the leader printing all.
        package var isLocalMode = false
        package init() {}
    }

    package var levels = Levels()
    /// There is no parent, so nobody but this broker can print its records.
    package var isAlone = false
    package let capacity: Int
    private var records: [String] = []
    private var first = 0
    /// How many records were kept since the last clear.
    package private(set) var count = 0

    package init(capacity: Int) { self.capacity = max(0, capacity) }

    package var used: Int { records.count }
    /// The kept records, the oldest first.
    package var all: [String] { Array(records[first...]) + Array(records[..<first]) }

    package mutating func keep(_ text: String) {
        guard capacity > 0 else { return }
        count += 1
        if records.count < capacity {
            records.append(text)
        } else {
            records[first] = text
            first = (first + 1) % capacity
        }
    }

    package mutating func clear() {
        records = []
        first = 0
    }

    /// - Parameter rank: this broker's rank.
    package func dispose(_ record: LogRecord, rank: UInt32) -> [Directive] {
        var result: [Directive] = []
        let level = record.severity.rawValue
        let isOwn = record.rank == rank || record.rank == nil
        var isPrinted = false
        if isOwn {
            if level <= levels.ring { result.append(.keep) }
            if level <= levels.critical || (levels.isLocalMode || isAlone) && level <= levels.stderr {
                result.append(.print(line(record)))
                isPrinted = true
            }
        }
        if rank == 0 {
            result.append(.writeFile)
            if !levels.isLocalMode && !isPrinted && level <= levels.stderr { result.append(.print(line(record))) }
        } else if level <= levels.forward, !(isAlone && isPrinted) {
            result.append(.forward)
        }
        return result
    }

    private func line(_ record: LogRecord) -> String {
        levels.isLocalMode
            ? "<\(record.severity.rawValue)>\(record.shortText)"
            : "\(Self.longDate(record.timestamp)) \(record.shortText)"
    }

    /// `Nov 21 00:04:00.300000 UTC 2026` for `2026-11-21T00:04:00.300000Z`.
    static func longDate(_ timestamp: Substring) -> String {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = timestamp.split { "-T".contains($0) }
        guard parts.count == 4, let month = Int(parts[1]), (1...12).contains(month), parts[3].hasSuffix("Z") else {
            return String(timestamp)
        }
        return "\(months[month - 1]) \(parts[2]) \(parts[3].dropLast()) UTC \(parts[0])"
    }
}
