/// A host name taken apart once, to be looked for in many ranges.
struct HostName {
    private let text: String
    /// The name without the digits at its end.
    private let stem: String
    private let stemBytes: Int
    private let digits: Int
    /// The digits as a number; nil when there are none or they need more than 64 bits.
    private let number: UInt64?

    init(_ text: String) {
        self.text = text
        digits = text.utf8.reversed().prefix { 0x30...0x39 ~= $0 }.count
        stemBytes = text.utf8.count - digits
        stem = digits == 0 ? text : String(Substring(text.utf8.prefix(stemBytes)))
        number = digits == 0 ? nil : UInt64(Substring(text.utf8.suffix(digits)))
    }

    /// Position of the name in a range, or nil.
    func offset(in range: HostRange) -> Int? {
        guard let numbers = range.numbers else { return hasSameBytes(range.prefix, text) ? 0 : nil }
        let prefixBytes = range.prefix.utf8.count
        guard prefixBytes == stemBytes else {
            // A prefix may end with digits that belong to the name's number.
            return prefixBytes > stemBytes ? range.offset(of: text) : nil
        }
        guard let number, numbers.contains(number), stem == range.prefix,
            digits == Swift.max(range.width, number.decimalWidth)
        else { return nil }
        return Int(truncatingIfNeeded: number &- numbers.lowerBound)
    }
}
