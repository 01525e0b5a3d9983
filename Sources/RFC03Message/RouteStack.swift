internal import Glibc

/// The hops that a message took, as their bytes on the wire.
///
/// Kept this way a message is decoded, forwarded and compared without making a `String` of every hop.
public struct RouteStack: Hashable, Sendable {
    /// The parts in wire order, the most recent hop first: each with its size before it.
    private(set) var bytes: [UInt8] = []
    /// Number of hops.
    public private(set) var count = 0

    /// No hops.
    public init() {}

    /// Hops by name, the oldest first.
    public init(_ names: [String]) {
        for name in names { push(name) }
    }

    /// Hops as they are on the wire: parts of which none is empty or begins with NUL.
    init(wire: UnsafeRawBufferPointer, count: Int) {
        self.count = count
        guard let base = wire.baseAddress, !wire.isEmpty else { return }
        if memchr(base, 0, wire.count) == nil {
            bytes = Array(wire)
        } else {
            // A zero is either a NUL byte behind a name, which is no part of it, or in the size of a long one.
            var index = 0
            while let part = Self.part(of: wire, at: index) {
                let name = wire[part].prefix { $0 != 0 }
                appendSize(name.count, to: &bytes)
                bytes.append(contentsOf: name)
                index = part.upperBound
            }
        }
    }

    /// Whether there are no hops.
    public var isEmpty: Bool { count == 0 }

    /// The most recent hop, to which a response goes next.
    public var last: String? {
        bytes.withUnsafeBytes { bytes in Self.part(of: bytes, at: 0).map { Self.name(bytes[$0]) } }
    }

    /// Where the message began.
    public var first: String? {
        bytes.withUnsafeBytes { bytes in
            var oldest: Range<Int>?
            while let part = Self.part(of: bytes, at: oldest?.upperBound ?? 0) { oldest = part }
            return oldest.map { Self.name(bytes[$0]) }
        }
    }

    /// The hops by name, the oldest first. A name that is not UTF-8 is repaired; see ``parts``.
    public var names: [String] { parts.reversed().map { String(decoding: $0, as: UTF8.self) } }

    /// The bytes of the hops, the most recent one first.
    public var parts: [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        bytes.withUnsafeBytes { all in
            while let part = Self.part(of: all, at: parts.last?.endIndex ?? 0) { parts.append(bytes[part]) }
        }
        return parts
    }

    /// Adds a hop.
    public mutating func push(_ name: String) {
        var head: [UInt8] = []
        head.reserveCapacity(name.utf8.count + 5 + bytes.count)
        appendSize(name.utf8.count, to: &head)
        head.append(contentsOf: name.utf8)
        head.append(contentsOf: bytes)
        bytes = head
        count &+= 1
    }

    /// Removes the most recent hop and returns it; nil without hops.
    @discardableResult
    public mutating func pop() -> String? {
        guard let part = bytes.withUnsafeBytes({ Self.part(of: $0, at: 0) }) else { return nil }
        let name = bytes.withUnsafeBytes { Self.name($0[part]) }
        bytes.removeFirst(part.upperBound)
        count &-= 1
        return name
    }

    /// Whether the most recent hop has this name.
    public func isLast(_ name: String) -> Bool {
        bytes.withUnsafeBytes { bytes in
            guard let part = Self.part(of: bytes, at: 0), part.count == name.utf8.count else { return false }
            return bytes[part].elementsEqual(name.utf8)
        }
    }

    private static func name(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        String(decoding: UnsafeRawBufferPointer(rebasing: bytes), as: UTF8.self)
    }

    /// The range of the part whose size is at `index`, which is known to be whole; nil at the end.
    private static func part(of bytes: UnsafeRawBufferPointer, at index: Int) -> Range<Int>? {
        guard index < bytes.count else { return nil }
        let short = Int(bytes[index])
        let start = short < 255 ? index &+ 1 : index &+ 5
        return start..<(start &+ (short < 255 ? short : Int(word(bytes, at: index &+ 1))))
    }
}
