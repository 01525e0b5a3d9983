import FluxJSON
import RFC21JobStates

/// The record of an ended job in little room: times and numbers as they are, texts by number.
///
/// Texts are kept once in a ``SharedTexts``, because most jobs share them: names, directories, host lists, annotations.
public struct PackedJobRecord: Sendable {
    public let id: UInt64
    /// Seconds since 1970-01-01 UTC.
    public let inactiveTime: Double
    private let times: (submit: Double, depend: Double, priority: Double, sched: Double, run: Double, cleanup: Double)
    /// NaN where not known.
    private let duration: Double
    private let expiration: Double
    private let userID: UInt32
    private let priority: UInt32
    /// -1 where not known.
    private let counts: (ntasks: Int32, ncores: Int32, nnodes: Int32)
    private let waitStatus: Int32
    private let texts: Texts
    private let states: UInt8
    private let urgency: Int8
    private let severity: Int8
    private let logVersion: Int8
    private let isSuccessful: Bool

    /// Numbers of texts; 0 is none.
    private struct Texts: Sendable {
        var name: UInt32, cwd: UInt32, queue: UInt32, project: UInt32, bank: UInt32, ranks: UInt32, nodelist: UInt32
        var annotations: UInt32, dependencies: UInt32, exceptionType: UInt32, exceptionNote: UInt32

        var all: [UInt32] {
            [name, cwd, queue, project, bank, ranks, nodelist, annotations, dependencies, exceptionType, exceptionNote]
        }
    }

    /// Packs a record; nil when one of its numbers does not fit, which no real job has.
    public init?(_ record: JobRecord, _ shared: inout SharedTexts) {
        func count(_ value: Int64?) -> Int32? { value.map { Int32(exactly: $0) } ?? -1 }
        guard record.state == .inactive, let userID = UInt32(exactly: record.userID),
            let priority = UInt32(exactly: record.priority), let ntasks = count(record.ntasks),
            let ncores = count(record.ncores), let nnodes = count(record.nnodes), let waitStatus = count(record.waitStatus)
        else { return nil }
        id = record.id
        self.userID = userID
        self.priority = priority
        self.waitStatus = waitStatus
        counts = (ntasks, ncores, nnodes)
        inactiveTime = record.inactiveTime
        times = (
            record.submitTime, record.dependTime, record.priorityTime, record.schedTime, record.runTime,
            record.cleanupTime
        )
        duration = record.duration ?? .nan
        expiration = record.expiration ?? .nan
        states = UInt8(truncatingIfNeeded: record.states.rawValue)
        urgency = Int8(clamping: record.urgency)
        severity = Int8(clamping: record.exception?.severity ?? -1)
        logVersion = Int8(clamping: record.logVersion ?? -1)
        isSuccessful = record.isSuccessful
        texts = Texts(
            name: shared.add(record.name), cwd: shared.add(record.cwd), queue: shared.add(record.queue),
            project: shared.add(record.project), bank: shared.add(record.bank), ranks: shared.add(record.ranks),
            nodelist: shared.add(record.nodelist),
            annotations: shared.add(record.annotations.map { JSON.object($0).text }),
            dependencies: shared.add(record.dependencies.map { JSON.array($0.map { .string($0) }).text }),
            exceptionType: shared.add(record.exception?.type), exceptionNote: shared.add(record.exception?.note))
    }

    /// The record as it was packed.
    public func record(_ shared: SharedTexts) -> JobRecord {
        func count(_ value: Int32) -> Int64? { value < 0 ? nil : Int64(value) }
        func json(_ number: UInt32) -> JSON? { shared[number].flatMap { try? JSON(parsing: $0) } }
        var record = JobRecord(id: id)
        record.userID = Int64(userID)
        record.urgency = Int32(urgency)
        record.priority = Int64(priority)
        record.state = .inactive
        record.states = JobStates(rawValue: UInt32(states))
        (record.submitTime, record.dependTime, record.priorityTime) = (times.submit, times.depend, times.priority)
        (record.schedTime, record.runTime, record.cleanupTime) = (times.sched, times.run, times.cleanup)
        record.inactiveTime = inactiveTime
        record.name = shared[texts.name]
        record.cwd = shared[texts.cwd]
        record.queue = shared[texts.queue]
        record.project = shared[texts.project]
        record.bank = shared[texts.bank]
        record.ranks = shared[texts.ranks]
        record.nodelist = shared[texts.nodelist]
        (record.ntasks, record.ncores, record.nnodes) = (count(counts.ntasks), count(counts.ncores), count(counts.nnodes))
        record.duration = duration.isNaN ? nil : duration
        record.expiration = expiration.isNaN ? nil : expiration
        record.waitStatus = count(waitStatus)
        record.isSuccessful = isSuccessful
        if severity >= 0, let type = shared[texts.exceptionType] {
            record.exception = JobException(type: type, severity: Int32(severity), note: shared[texts.exceptionNote])
        }
        record.annotations = json(texts.annotations)?.objectValue
        record.dependencies = json(texts.dependencies)?.arrayValue?.compactMap(\.stringValue)
        record.logVersion = logVersion < 0 ? nil : Int64(logVersion)
        return record
    }

    /// Gives its texts back; the record must not be unpacked any more.
    public func release(_ shared: inout SharedTexts) {
        for number in texts.all { shared.remove(number) }
    }
}

/// Texts that many records have in common, each kept once, with the number of its users.
public struct SharedTexts: Sendable {
    private var numbers: [String: UInt32] = [:]
    private var texts: [String] = [""]
    private var users: [UInt32] = [0]
    private var free: [UInt32] = []

    public init() {}

    /// Different texts in use.
    public var count: Int { numbers.count }

    /// The number of a text, which has one user more now; 0 for nil.
    public mutating func add(_ text: String?) -> UInt32 {
        guard let text else { return 0 }
        if let number = numbers[text] {
            users[Int(number)] += 1
            return number
        }
        if let number = free.popLast() {
            texts[Int(number)] = text
            users[Int(number)] = 1
            numbers[text] = number
            return number
        }
        let number = UInt32(texts.count)
        texts.append(text)
        users.append(1)
        numbers[text] = number
        return number
    }

    /// A text has one user less; without any it is forgotten.
    public mutating func remove(_ number: UInt32) {
        guard number > 0, users[Int(number)] > 0 else { return }
        users[Int(number)] -= 1
        guard users[Int(number)] == 0 else { return }
        numbers[texts[Int(number)]] = nil
        texts[Int(number)] = ""
        free.append(number)
    }

    /// The text with a number; nil for 0.
    public subscript(number: UInt32) -> String? { number == 0 ? nil : texts[Int(number)] }
}
