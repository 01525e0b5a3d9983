/// A return code of PMI, carried on the wire as `rc=`.
///
/// Range: -1 … 13; other numbers are kept as they came.
/// Source: RFC 13, "Return Codes".
public struct PMIStatus: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let success = PMIStatus(rawValue: 0)
    public static let fail = PMIStatus(rawValue: -1)
    public static let notInitialized = PMIStatus(rawValue: 1)
    public static let noMemory = PMIStatus(rawValue: 2)
    public static let invalidArgument = PMIStatus(rawValue: 3)
    public static let invalidKey = PMIStatus(rawValue: 4)
    public static let invalidKeyLength = PMIStatus(rawValue: 5)
    public static let invalidValue = PMIStatus(rawValue: 6)
    public static let invalidValueLength = PMIStatus(rawValue: 7)
    public static let invalidLength = PMIStatus(rawValue: 8)
    public static let invalidArgumentCount = PMIStatus(rawValue: 9)
    public static let invalidArguments = PMIStatus(rawValue: 10)
    public static let invalidParsedCount = PMIStatus(rawValue: 11)
    public static let invalidKeyValuePointer = PMIStatus(rawValue: 12)
    public static let invalidSize = PMIStatus(rawValue: 13)

    /// What went wrong, as a person would say it.
    public var description: String {
        switch rawValue {
        case 0: "operation completed successfully"
        case -1: "operation failed"
        case 1: "PMI not initialized"
        case 2: "input buffer not large enough"
        case 3: "invalid argument"
        case 4: "invalid key argument"
        case 5: "invalid key length argument"
        case 6: "invalid val argument"
        case 7: "invalid val length argument"
        case 8: "invalid length argument"
        case 9: "invalid number of arguments"
        case 10: "invalid args argument"
        case 11: "invalid num_parsed length argument"
        case 12: "invalid keyvalp argument"
        case 13: "invalid size argument"
        default: "PMI error \(rawValue)"
        }
    }
}

/// The longest strings of a PMI conversation, as `cmd=maxes` tells them.
///
/// Units: bytes with the terminating NUL of a C string, so a usable text is one byte shorter.
public struct PMILimits: Hashable, Sendable {
    /// Name of the key value space.
    public var kvsName: Int
    /// A key.
    public var key: Int
    /// A value.
    public var value: Int

    public init(kvsName: Int, key: Int, value: Int) {
        self.kvsName = kvsName
        self.key = key
        self.value = value
    }

    /// What Flux offers: 64, 64, 1024. Observed: flux-core 0.88.
    public static let flux = PMILimits(kvsName: 64, key: 64, value: 1024)
}
