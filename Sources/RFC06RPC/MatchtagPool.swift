/// Numbers that connect responses with requests: always the lowest one that is free, from 1.
///
/// 0 is not in the pool, it says that no response is expected.
///
/// Complexity: constant while few numbers are in use; taking looks over one bit for each number in use.
public struct MatchtagPool: Hashable, Sendable {
    /// Bit n of word w: number 64 w + n is in use.
    private var words: [UInt64] = [1]
    /// Words before this one are full.
    private var firstOpen = 0

    /// Creates a pool with every number free.
    public init() {}

    /// Takes the lowest free number.
    public mutating func take() -> UInt32 {
        while firstOpen < words.count, words[firstOpen] == .max { firstOpen += 1 }
        if firstOpen == words.count { words.append(0) }
        let bit = (~words[firstOpen]).trailingZeroBitCount
        words[firstOpen] |= 1 << UInt64(bit)
        return UInt32(truncatingIfNeeded: firstOpen * 64 + bit)
    }

    /// Gives a number back; nothing happens when it is free or 0.
    public mutating func giveBack(_ tag: UInt32) {
        let word = Int(tag / 64)
        guard tag != 0, word < words.count else { return }
        words[word] &= ~(1 << UInt64(tag % 64))
        firstOpen = min(firstOpen, word)
    }

    /// Whether a number is in use.
    public func isInUse(_ tag: UInt32) -> Bool {
        let word = Int(tag / 64)
        return tag != 0 && word < words.count && words[word] & 1 << UInt64(tag % 64) != 0
    }
}
