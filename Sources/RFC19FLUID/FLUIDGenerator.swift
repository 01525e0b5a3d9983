/// Makes job ids that are unique among all generators with different numbers.
///
/// It has no clock: the caller says what time it is.
///
/// ```swift
/// var generator = FLUIDGenerator(number: 0)!
/// generator.next(nowMilliseconds: 5)?.sequence   // 0
/// generator.next(nowMilliseconds: 5)?.sequence   // 1
/// ```
///
/// Source: RFC 19; as in flux-core, 1023 ids are made in a millisecond, not 1024.
public struct FLUIDGenerator: Hashable, Sendable {
    /// The number of this generator, in `0 ... 16383`; usually a broker rank.
    public let number: UInt16
    /// The time of the last id in milliseconds; ids are never older than this.
    public private(set) var timestampMilliseconds: UInt64
    private var sequence: UInt16 = 0

    /// - Parameters:
    ///   - number: number of this generator, at most 16383.
    ///   - timestampMilliseconds: where an earlier generator of this number stopped.
    public init?(number: UInt16, timestampMilliseconds: UInt64 = 0) {
        guard number <= JobID.maximumGenerator, timestampMilliseconds <= JobID.maximumTimestamp else { return nil }
        self.number = number
        self.timestampMilliseconds = timestampMilliseconds
    }

    /// The next id, or nil when this millisecond has no ids left (ask again in the next one) or the 40 bits of time
    /// are used up.
    ///
    /// - Parameter now: milliseconds since the epoch of the generators. When the clock goes back, ids continue with the
    ///   latest time seen.
    public mutating func next(nowMilliseconds now: UInt64) -> JobID? {
        guard now <= JobID.maximumTimestamp else { return nil }
        if now > timestampMilliseconds {
            timestampMilliseconds = now
            sequence = 0
        }
        guard sequence < JobID.maximumSequence else { return nil }
        defer { sequence += 1 }
        return JobID(timestampMilliseconds: timestampMilliseconds, generator: number, sequence: sequence)
    }
}
