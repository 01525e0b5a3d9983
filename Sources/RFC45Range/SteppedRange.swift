/// Numbers from a minimum on, each made from the one before by an operator and an operand, up to an optional maximum.
///
/// ```swift
/// Array(SteppedRange(minimum: 2, maximum: 20, operand: 2, operator: .multiply)!)   // [2, 4, 8, 16]
/// ```
///
/// Source: RFC 45; RFC 14 for the meaning of the operators.
public struct SteppedRange: Hashable, Sendable {
    /// How one number follows from the one before.
    public enum Operator: String, Hashable, Sendable, CaseIterable {
        /// The operand is added.
        case add = "+"
        /// The number is multiplied by the operand.
        case multiply = "*"
        /// The number is raised to the power of the operand.
        case power = "^"
    }

    /// The first number, at least 1.
    public let minimum: UInt32
    /// No number is greater than this, at least ``minimum``; nil when there is no limit.
    public let maximum: UInt32?
    /// At least 1; at least 2 for ``Operator/multiply`` and ``Operator/power``.
    public let operand: UInt32
    /// How one number follows from the one before.
    public let `operator`: Operator

    /// Creates a range, or nil when the parts do not fit together.
    public init?(minimum: UInt32, maximum: UInt32? = nil, operand: UInt32 = 1, operator: Operator = .add) {
        guard minimum >= 1, operand >= 1, maximum ?? .max >= minimum else { return nil }
        guard `operator` == .add || operand >= 2 else { return nil }
        self.minimum = minimum
        // The largest number is how the reference writes "no limit".
        self.maximum = maximum == .max ? nil : maximum
        self.operand = operand
        self.operator = `operator`
    }

    /// Whether the range may be written without operand and operator.
    var isPlain: Bool { operand == 1 && `operator` == .add }
}

extension SteppedRange: Sequence {
    /// The largest number a range produces; the two above it are markers in the reference's interfaces.
    public static let largestValue: UInt32 = .max - 2

    /// Produces the numbers in ascending order.
    public struct Iterator: IteratorProtocol, Sendable {
        private let range: SteppedRange
        private var following: UInt32?

        init(_ range: SteppedRange) {
            self.range = range
            following = range.clipped(range.minimum)
        }

        /// The next number, or nil after the last.
        public mutating func next() -> UInt32? {
            guard let value = following else { return nil }
            following = range.successor(of: value)
            return value
        }
    }

    /// An iterator over the numbers; without a maximum there are as many as 32 bits can hold.
    public func makeIterator() -> Iterator { Iterator(self) }

    /// The number after `value`, which is one of the range; nil when it was the last.
    ///
    /// Numbers ascend: since every power of 1 is 1, nothing follows it.
    public func successor(of value: UInt32) -> UInt32? {
        switch `operator` {
        case .add:
            let (sum, overflow) = value.addingReportingOverflow(operand)
            return overflow ? nil : clipped(sum)
        case .multiply:
            let (product, overflow) = value.multipliedReportingOverflow(by: operand)
            return overflow ? nil : clipped(product)
        case .power:
            guard value > 1 else { return nil }
            var power = value
            for _ in 1..<operand {
                let (product, overflow) = power.multipliedReportingOverflow(by: value)
                guard !overflow else { return nil }
                power = product
            }
            return clipped(power)
        }
    }

    /// Whether the range produces `value`.
    ///
    /// - Complexity: constant for addition, otherwise linear in the at most 31 numbers before it.
    public func contains(_ value: UInt32) -> Bool {
        guard value >= minimum, clipped(value) != nil else { return false }
        if `operator` == .add { return (value - minimum) % operand == 0 }
        return first { $0 >= value } == value
    }

    private func clipped(_ value: UInt32) -> UInt32? {
        value <= Swift.min(maximum ?? .max, Self.largestValue) ? value : nil
    }
}
