extension Message {
    /// Bytes of the header, which is the last part.
    public static let headerSize = 20

    /// The parts in order: routes from the most recent one, an empty delimiter, topic, payload, header.
    public var parts: [[UInt8]] {
        var parts: [[UInt8]] = []
        if storedFlags.contains(.route) {
            for route in routeStack.parts { parts.append(Array(route)) }
            parts.append([])
        }
        if let topic = storedTopic { parts.append(foreignTopic ?? Array(topic.utf8)) }
        if let payload { parts.append(payload) }
        parts.append(
            withUnsafeTemporaryAllocation(byteCount: 1 + Self.headerSize, alignment: 1) { buffer in
                var writer = PartWriter(buffer)
                writeHeader(to: &writer)
                return Array(buffer[1...])
            })
        return parts
    }

    /// The parts, each with its size before it, as they follow each other in one frame.
    public func encode() -> [UInt8] {
        guard storedPayload.isPrinted else { return printed.encode() }
        let size = encodedSize
        return [UInt8](unsafeUninitializedCapacity: size) { bytes, count in
            var writer = PartWriter(UnsafeMutableRawBufferPointer(bytes))
            writeHead(to: &writer)
            if let payload { payload.withUnsafeBytes { writer.write($0) } }
            writeHeader(to: &writer)
            count = writer.count
        }
    }

    /// Number of bytes that ``encode()`` gives.
    public var encodedSize: Int {
        var size = 1 + Self.headerSize
        if storedFlags.contains(.route) { size &+= routeStack.bytes.count &+ 1 }
        if let topic = storedTopic { size &+= sized(foreignTopic?.count ?? topic.utf8.count) }
        if let payload { size &+= sized(payload.count) }
        return size
    }

    /// Appends what ``encode()`` gives.
    public func append(to bytes: inout [UInt8]) {
        guard storedPayload.isPrinted else { return printed.append(to: &bytes) }
        let size = encodedSize
        bytes.reserve(size)
        let ends = size &- (payload?.count ?? 0)
        withUnsafeTemporaryAllocation(byteCount: ends, alignment: 1) { buffer in
            var writer = PartWriter(buffer)
            writeHead(to: &writer)
            let headCount = writer.count
            writeHeader(to: &writer)
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<headCount]))
            if let payload { bytes.append(contentsOf: payload) }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[headCount..<writer.count]))
        }
    }

    /// The frame of the message on a local connection: magic in host order, size in network order, message.
    public func encodeFrame() -> [UInt8] {
        var bytes: [UInt8] = []
        appendFrame(to: &bytes)
        return bytes
    }

    /// Appends what ``encodeFrame()`` gives; several frames may go out in one write.
    public func appendFrame(to bytes: inout [UInt8]) {
        guard storedPayload.isPrinted else { return printed.appendFrame(to: &bytes) }
        let size = encodedSize
        bytes.reserve(size + FrameDecoder.headerSize)
        withUnsafeBytes(of: FrameDecoder.magic) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: size).bigEndian) { bytes.append(contentsOf: $0) }
        append(to: &bytes)
    }

    /// What comes before the bytes of the payload.
    private func writeHead(to writer: inout PartWriter) {
        if storedFlags.contains(.route) {
            routeStack.bytes.withUnsafeBytes { writer.write($0) }
            writer.write(size: 0)
        }
        if let foreignTopic {
            writer.write(size: foreignTopic.count)
            foreignTopic.withUnsafeBytes { writer.write($0) }
        } else if let topic = storedTopic {
            writer.write(size: topic.utf8.count)
            writer.write(topic)
        }
        if let payload { writer.write(size: payload.count) }
    }

    /// The header and its size.
    private func writeHeader(to writer: inout PartWriter) {
        writer.write(size: Self.headerSize)
        writer.write(0x8e01_0000 | UInt32(kind.rawValue) << 8 | UInt32(storedFlags.rawValue))
        writer.write(userID)
        writer.write(roles.rawValue)
        writer.write(word12)
        writer.write(word16)
    }
}

/// Writes parts into memory that has been measured before.
private struct PartWriter {
    private let bytes: UnsafeMutableRawBufferPointer
    /// Number of bytes written.
    private(set) var count = 0

    init(_ bytes: UnsafeMutableRawBufferPointer) { self.bytes = bytes }

    mutating func write(_ source: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: bytes[count...]).copyMemory(from: source)
        count &+= source.count
    }

    /// A number of four bytes, big endian.
    mutating func write(_ number: UInt32) {
        bytes.storeBytes(of: number.bigEndian, toByteOffset: count, as: UInt32.self)
        count &+= 4
    }

    mutating func write(_ text: String) {
        let done: Void? = text.utf8.withContiguousStorageIfAvailable { write(UnsafeRawBufferPointer($0)) }
        if done == nil { Array(text.utf8).withUnsafeBytes { write($0) } }
    }

    /// The size in front of a part: one byte, or 255 and four.
    mutating func write(size: Int) {
        bytes[count] = UInt8(truncatingIfNeeded: min(size, 255))
        count &+= 1
        if size >= 255 { write(UInt32(truncatingIfNeeded: size)) }
    }
}

/// A part of `count` bytes with its size before it: one byte, or 255 and four.
private func sized(_ count: Int) -> Int { count < 255 ? count &+ 1 : count &+ 5 }

/// Appends the size of a part.
func appendSize(_ count: Int, to bytes: inout [UInt8]) {
    if count < 255 {
        bytes.append(UInt8(truncatingIfNeeded: count))
    } else {
        bytes.append(255)
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: count).bigEndian) { bytes.append(contentsOf: $0) }
    }
}

extension [UInt8] {
    /// Makes room for `more` bytes without giving up growth in steps that keep many appends linear.
    fileprivate mutating func reserve(_ more: Int) {
        if capacity &- count < more { reserveCapacity(Swift.max(count &+ more, isEmpty ? 0 : capacity &* 2)) }
    }
}
