/// The identity of a job: a FLUID, a 64 bit number made of a time, a generator and a sequence number.
///
///     | milliseconds since the generators' epoch | generator | sequence |
///     |                 40 bits                  |  14 bits  | 10 bits  |
///
/// ```swift
/// let id = try JobID(parsing: "ƒuZZybuNNy")
/// id.value                    // 6731191091817518
/// id.dothex                   // "0017.e9fb.8df1.6c2e"
/// id.text(.words)             // "reform-remote-galileo--heart-package-academy"
/// ```
///
/// Source: RFC 19.
public struct JobID: Hashable, Sendable, Comparable {
    /// The whole number.
    public let value: UInt64

    /// The job with this number; every number is a FLUID.
    public init(_ value: UInt64) { self.value = value }

    /// A FLUID from its parts, or nil when one of them has too many bits.
    public init?(timestampMilliseconds: UInt64, generator: UInt16, sequence: UInt16) {
        guard timestampMilliseconds <= Self.maximumTimestamp, generator <= Self.maximumGenerator,
            sequence <= Self.maximumSequence
        else { return nil }
        value = timestampMilliseconds << 24 | UInt64(generator) << 10 | UInt64(sequence)
    }

    /// Largest time, 2^40 - 1 milliseconds: about 35 years.
    public static let maximumTimestamp: UInt64 = 1 << 40 - 1
    /// Largest number of a generator, 16383.
    public static let maximumGenerator: UInt16 = 1 << 14 - 1
    /// Largest sequence number within a millisecond, 1023.
    public static let maximumSequence: UInt16 = 1 << 10 - 1

    /// Milliseconds since the epoch of the generators, in `0 ... 2^40 - 1`.
    public var timestampMilliseconds: UInt64 { value >> 24 }

    /// The generator that made the id, in `0 ... 16383`.
    public var generator: UInt16 { UInt16(truncatingIfNeeded: value >> 10) & Self.maximumGenerator }

    /// The sequence number within the millisecond, in `0 ... 1023`.
    public var sequence: UInt16 { UInt16(truncatingIfNeeded: value) & Self.maximumSequence }

    /// Orders by number, which is loosely the order of submission.
    public static func < (left: JobID, right: JobID) -> Bool { left.value < right.value }
}

/// The name RFC 19 gives to the number.
public typealias FLUID = JobID
