/// Splits the byte stream of a local connection into messages.
///
/// Performs no I/O: the caller appends what it read and takes out whole messages.
///
///     | magic 0xffee0012, host order | size, big endian | message    |
///     |           4 bytes            |     4 bytes      | size bytes |
///
/// Source: RFC 3 defines the message. The frame is the local connector's, observed on the wire of flux-core 0.88:
/// `size` does not count the 8 header bytes.
public struct FrameDecoder: Sendable {
    /// Why a stream cannot be read on; the connection has to be closed.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// A frame begins with something else than the magic number.
        case badMagic(UInt32)
        /// A frame is announced longer than the limit.
        case tooLong(Int, limit: Int)
        /// A frame holds something that is not a message.
        case badMessage(Message.DecodeError)

        public var description: String {
            switch self {
            case .badMagic(let word): "connection: frame begins with \(String(word, radix: 16)), not ffee0012"
            case .tooLong(let size, let limit): "connection: frame of \(size) bytes exceeds the limit of \(limit)"
            case .badMessage(let error): "connection: \(error)"
            }
        }
    }

    /// The number that begins a frame, as the host stores it.
    public static let magic: UInt32 = 0xffee_0012
    /// Bytes before the message.
    public static let headerSize = 8
    /// Largest accepted message in bytes, header not included.
    public let limit: Int
    private var pending: [UInt8] = []
    private var consumed = 0

    /// - Parameter limit: largest accepted message in bytes, header not included.
    public init(limit: Int = 1 << 30) { self.limit = limit }

    /// Bytes that wait for the rest of their frame, or to be taken.
    public var pendingCount: Int { pending.count - consumed }

    /// Takes bytes that were read.
    public mutating func append(_ bytes: some Sequence<UInt8>) {
        compact()
        pending.append(contentsOf: bytes)
    }

    /// Takes bytes that were read.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        compact()
        pending.append(contentsOf: bytes)
    }

    /// The next whole message without its header, or nil when more bytes are needed.
    ///
    /// - Throws: ``Failure``; the connection cannot be resynchronized and must be closed.
    public mutating func next() throws(Failure) -> ArraySlice<UInt8>? {
        try nextRange().map { pending[$0] }
    }

    /// The next whole message decoded, or nil when more bytes are needed.
    ///
    /// - Throws: ``Failure``; the connection cannot be resynchronized and must be closed.
    public mutating func nextMessage() throws(Failure) -> Message? {
        guard let range = try nextRange() else { return nil }
        do throws(Message.DecodeError) {
            return try pending.withUnsafeBufferPointer { (bytes) throws(Message.DecodeError) in
                try Message(decoding: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[range])))
            }
        } catch {
            throw .badMessage(error)
        }
    }

    private mutating func nextRange() throws(Failure) -> Range<Int>? {
        guard pendingCount >= Self.headerSize else { return nil }
        let (magic, size) = pending.withUnsafeBytes {
            ($0.loadUnaligned(fromByteOffset: consumed, as: UInt32.self), Int(word($0, at: consumed + 4)))
        }
        guard magic == Self.magic else { throw .badMagic(magic) }
        guard size <= limit else { throw .tooLong(size, limit: limit) }
        guard pendingCount - Self.headerSize >= size else {
            // Room for a large frame is made once, not by doubling; not all that a stranger announces.
            if size > 1 << 16 { pending.reserveCapacity(consumed + Self.headerSize + min(size, 1 << 26)) }
            return nil
        }
        let start = consumed + Self.headerSize
        consumed = start + size
        return start..<consumed
    }

    /// Drops what was taken, when that is cheap.
    private mutating func compact() {
        if consumed == pending.count {
            // A buffer that once held a large message is not kept for ever.
            pending.removeAll(keepingCapacity: pending.capacity <= 1 << 20)
            consumed = 0
        } else if consumed > pending.count / 2 {
            pending.removeFirst(consumed)
            consumed = 0
        }
    }
}
