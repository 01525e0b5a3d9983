/// Refuses tabs between tokens and in plain scalars, which libyaml lets pass and the YAML reader of the reference
/// does not.
///
/// The places of libyaml count characters. This walks the bytes once, along with the events.
struct GapCheck {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0
    private var character = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Whether there is no tab, outside comments, between the end of the last event and the start of this one, nor in
    /// this one when it is a plain scalar.
    mutating func accepts(from start: Int, to end: Int, isPlain: Bool) -> Bool {
        var isComment = false
        while character < start, offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "#"): isComment = true
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): isComment = false
            case UInt8(ascii: "\t") where !isComment: return false
            default: break
            }
            step()
        }
        while character < end, offset < bytes.count {
            if isPlain, bytes[offset] == UInt8(ascii: "\t") { return false }
            step()
        }
        return true
    }

    /// Goes on by one character: its first byte and the bytes that continue it.
    private mutating func step() {
        offset += 1
        while offset < bytes.count, bytes[offset] & 0xc0 == 0x80 { offset += 1 }
        character += 1
    }
}
