public import RFC22Idset

/// How many of a resource are wanted: a number, a choice of numbers, or a range of them.
///
/// ```swift
/// try ResourceCount(parsing: "4")            // .integer(4)
/// try ResourceCount(parsing: "1,2,4")        // .idset
/// try ResourceCount(parsing: "2-16:2:*")     // .range, the numbers 2, 4, 8, 16
/// ```
///
/// Source: RFC 14, "Resource Count", and RFC 45.
public enum ResourceCount: Hashable, Sendable {
    /// Exactly this many, at least 1.
    case integer(UInt32)
    /// One of these numbers; not empty, without 0.
    case idset(Idset)
    /// One of the numbers of a range.
    case range(SteppedRange)

    /// The smallest number that will do.
    public var minimum: UInt32 {
        switch self {
        case .integer(let value): value
        case .idset(let set): set.first ?? 1
        case .range(let range): range.minimum
        }
    }

    /// The largest number that makes sense, or nil when there is no limit.
    public var maximum: UInt32? {
        switch self {
        case .integer(let value): value
        case .idset(let set): set.last
        case .range(let range): range.maximum
        }
    }

    /// Whether `value` will do.
    public func contains(_ value: UInt32) -> Bool {
        switch self {
        case .integer(let integer): integer == value
        case .idset(let set): set.contains(value)
        case .range(let range): range.contains(value)
        }
    }

    /// The smallest number that will do.
    public var first: UInt32? {
        switch self {
        case .integer(let value): value
        case .idset(let set): set.first
        case .range(let range): range.first { _ in true }
        }
    }

    /// The next larger number that will do after `value`, which is one itself; nil when there is none.
    public func next(after value: UInt32) -> UInt32? {
        switch self {
        case .integer: nil
        case .idset(let set): set.next(after: value)
        case .range(let range): range.successor(of: value)
        }
    }

    /// The numbers that will do, ascending; without a maximum there are as many as 32 bits can hold.
    public var values: some Sequence<UInt32> {
        sequence(state: Optional(self.first)) { state -> UInt32? in
            guard let value = state ?? nil else { return nil }
            state = next(after: value)
            return value
        }
    }
}
