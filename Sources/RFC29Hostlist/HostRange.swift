/// Hosts that follow each other in a list and differ only in the number at the end of their names.
///
/// A name without a usable number is a range of one, with `number` nil.
struct HostRange: Hashable, Sendable {
    /// What all names begin with; the whole name when there is no number.
    var prefix: String
    /// The numbers behind the prefix, or nil.
    var numbers: ClosedRange<UInt64>?
    /// Digits to which numbers are filled up with zeros; 0 when the smallest number has no leading zero.
    ///
    /// Since numbers only grow in a range, 0 and any width up to the digits of the smallest number print alike; keeping
    /// 0 for all of them makes equal ranges compare equal.
    var width: Int

    /// A name that is not split.
    init(single name: String) {
        prefix = name
        numbers = nil
        width = 0
    }

    /// Names made of a prefix and a number of at least `width` digits.
    init(prefix: String, numbers: ClosedRange<UInt64>, width: Int) {
        self.prefix = prefix
        self.numbers = numbers
        self.width = width > numbers.lowerBound.decimalWidth ? width : 0
    }

    /// A plain host name: the digits at its end are its number, unless they need more than 64 bits.
    init(name: String) {
        let digits = name.utf8.reversed().prefix { 0x30...0x39 ~= $0 }.count
        let split = name.utf8.index(name.utf8.endIndex, offsetBy: -digits)
        guard digits > 0, let number = UInt64(name[split...]) else {
            self.init(single: name)
            return
        }
        self.init(prefix: String(name[..<split]), numbers: number...number, width: digits)
    }

    /// Number of hosts.
    var count: Int {
        guard let numbers else { return 1 }
        return Int(truncatingIfNeeded: numbers.upperBound &- numbers.lowerBound) &+ 1
    }

    /// The name at `offset`, counted from 0.
    func name(at offset: Int) -> String {
        guard let numbers else { return prefix }
        return Self.name(prefix, numbers.lowerBound &+ UInt64(truncatingIfNeeded: offset), width: width)
    }

    /// A prefix followed by a number, filled up with zeros.
    static func name(_ prefix: String, _ number: UInt64, width: Int) -> String {
        var name = prefix
        name.append(padded: number, width: width)
        return name
    }

    /// The hosts `offsets` of this range.
    func part(_ offsets: Range<Int>) -> HostRange {
        guard let numbers, offsets.count < count else { return self }
        let low = numbers.lowerBound + UInt64(offsets.lowerBound)
        return HostRange(prefix: prefix, numbers: low...(low + UInt64(offsets.count - 1)), width: width)
    }

    /// Position of `name` in this range, or nil.
    func offset(of name: String) -> Int? {
        guard let numbers else { return hasSameBytes(prefix, name) ? 0 : nil }
        let bytes = name.utf8
        guard bytes.count > prefix.utf8.count, bytes.starts(with: prefix.utf8) else { return nil }
        let digits = bytes.dropFirst(prefix.utf8.count)
        guard digits.allSatisfy({ 0x30...0x39 ~= $0 }), let number = UInt64(Substring(digits)),
            numbers.contains(number), Swift.max(width, number.decimalWidth) == digits.count
        else { return nil }
        return Int(number - numbers.lowerBound)
    }

    /// Whether the numbers of both ranges can be written with the leading zeros of one of them.
    func hasCompatibleWidth(with other: HostRange) -> Bool {
        guard let low = numbers?.lowerBound, let otherLow = other.numbers?.lowerBound else {
            return numbers == nil && other.numbers == nil
        }
        return low.zeros(atWidth: width) == low.zeros(atWidth: other.width)
            || otherLow.zeros(atWidth: other.width) == otherLow.zeros(atWidth: width)
    }

    /// Whether both ranges may share a pair of brackets.
    func sharesBrackets(with other: HostRange) -> Bool {
        numbers != nil && other.numbers != nil && hasSameBytes(prefix, other.prefix)
    }

    /// Whether a range with another prefix may have the same names: the prefix takes away digits of the number.
    var mayOverlapOtherPrefixes: Bool {
        prefix.utf8.last.map { 0x30...0x39 ~= $0 } ?? false
    }

    /// Takes `next` into this range when it continues it without a gap.
    mutating func extend(by next: HostRange) -> Bool {
        guard let own = numbers, let their = next.numbers, their.lowerBound > 0,
            own.upperBound == their.lowerBound - 1, hasSameBytes(prefix, next.prefix), hasCompatibleWidth(with: next)
        else { return false }
        numbers = own.lowerBound...their.upperBound
        return true
    }
}

/// Whether two texts are the same bytes; `==` of strings would also equate different spellings of one character.
func hasSameBytes(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && left == right
}

extension UInt64 {
    /// Number of decimal digits.
    var decimalWidth: Int {
        var width = 1
        var rest = self
        while rest >= 10 {
            rest /= 10
            width &+= 1
        }
        return width
    }

    /// Number of zeros in front of this number when it is written with at least `width` digits.
    func zeros(atWidth width: Int) -> Int { Swift.max(0, width - decimalWidth) }
}

extension String {
    /// Appends a number, filled up with zeros to `width` digits.
    mutating func append(padded number: UInt64, width: Int) {
        let zeros = number.zeros(atWidth: width)
        if zeros > 0 { append(String(repeating: "0", count: zeros)) }
        append(String(number))
    }
}
