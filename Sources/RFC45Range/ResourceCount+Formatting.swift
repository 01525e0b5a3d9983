import RFC22Idset

extension ResourceCount: CustomStringConvertible {
    /// How a count is written.
    public struct Format: Hashable, Sendable {
        /// Parts that have their usual value are left out, and consecutive ids are ranges: `1-4`, `2+`.
        public let isShort: Bool
        /// Counts of several numbers are enclosed in square brackets.
        public let usesBrackets: Bool

        /// The form with as few parts as possible: `1-5:2`.
        public static let short = Format(isShort: true, usesBrackets: false)
        /// The form with all parts: `1-5:2:+`.
        public static let long = Format(isShort: false, usesBrackets: false)

        /// The same with square brackets around counts of several numbers.
        public var bracketed: Format { Format(isShort: isShort, usesBrackets: true) }
    }

    /// Most ids that ``Format/long`` writes one by one; larger sets are written as ranges.
    public static let longestList = 1 << 20

    /// The short text; parsing it gives an equal count, except that the range of one number becomes that number.
    public var description: String { formatted(.short) }

    /// The count as text.
    public func formatted(_ format: Format) -> String {
        switch self {
        case .integer(let value):
            return String(value)
        case .idset(let set):
            let isList = !format.isShort && set.count <= Self.longestList
            let setFormat: Idset.Format = isList ? .list : .ranges
            return set.formatted(format.usesBrackets ? setFormat.bracketed : setFormat)
        case .range(let range):
            if range.maximum == range.minimum { return String(range.minimum) }
            let text = range.formatted(isShort: format.isShort)
            return format.usesBrackets ? "[\(text)]" : text
        }
    }
}

extension SteppedRange {
    /// `minimum-maximum:operand:operator`; the short form leaves out what has its usual value.
    fileprivate func formatted(isShort: Bool) -> String {
        var text = maximum.map { "\(minimum)-\($0)" } ?? "\(minimum)+"
        if !isShort || !isPlain, !isShort || operand > 1 { text += ":\(operand)" }
        if !isShort || `operator` != .add { text += ":\(`operator`.rawValue)" }
        return text
    }
}
