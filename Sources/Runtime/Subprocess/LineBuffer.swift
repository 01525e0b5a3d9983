/// Cuts what a process writes into runs of whole lines.
///
/// Performs no I/O: the caller appends what it read and takes what is complete. A line longer than the limit is given
/// out in pieces.
public struct LineBuffer: Hashable, Sendable {
    /// Longest line that is kept together, in bytes.
    public let limit: Int
    private var partial: [UInt8] = []

    public init(limit: Int = 4 << 20) { self.limit = max(1, limit) }

    /// Bytes that wait for the end of their line.
    public var count: Int { partial.count }

    /// Takes new bytes and gives the whole lines that are complete now, newline included; empty when there is none.
    public mutating func append(_ bytes: [UInt8]) -> [UInt8] {
        guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else {
            partial.append(contentsOf: bytes)
            return partial.count >= limit ? takeRest() : []
        }
        if partial.isEmpty && end == bytes.count - 1 { return bytes }
        var lines = partial
        lines.append(contentsOf: bytes[...end])
        partial = Array(bytes[(end + 1)...])
        return lines
    }

    /// Takes what is left: the last line of a stream may lack its newline.
    public mutating func takeRest() -> [UInt8] {
        defer { partial = [] }
        return partial
    }
}
