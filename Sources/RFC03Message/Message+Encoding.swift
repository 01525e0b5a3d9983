extension Message {
    /// Bytes of the header, which is the last part.
    public static let headerSize = 20

    /// The parts in order: routes from the most recent one, an empty delimiter, topic, payload, header.
    public var parts: [[UInt8]] {
        var parts: [[UInt8]] = []
        if storedFlags.contains(.route) {
            for route in storedRoutes.reversed() { parts.append(nameBytes(route)) }
            parts.append([])
        }
        if let topic = storedTopic { parts.append(nameBytes(topic)) }
        if let payload = storedPayload { parts.append(payload) }
        var header: [UInt8] = []
        appendHeader(to: &header)
        parts.append(header)
        return parts
    }

    /// The parts, each with its size before it, as they follow each other in one frame.
    public func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    /// Number of bytes that ``encode()`` gives.
    public var encodedSize: Int {
        var size = 1 + Self.headerSize
        if storedFlags.contains(.route) {
            for route in storedRoutes { size &+= sized(nameCount(route)) }
            size &+= 1
        }
        if let topic = storedTopic { size &+= sized(nameCount(topic)) }
        if let payload = storedPayload { size &+= sized(payload.count) }
        return size
    }

    /// Appends what ``encode()`` gives.
    public func append(to bytes: inout [UInt8]) {
        bytes.reserve(encodedSize)
        if storedFlags.contains(.route) {
            for route in storedRoutes.reversed() { append(name: route, to: &bytes) }
            bytes.append(0)
        }
        if let topic = storedTopic { append(name: topic, to: &bytes) }
        if let payload = storedPayload {
            appendSize(payload.count, to: &bytes)
            bytes.append(contentsOf: payload)
        }
        bytes.append(UInt8(Self.headerSize))
        appendHeader(to: &bytes)
    }

    /// The frame of the message on a local connection: magic in host order, size in network order, message.
    public func encodeFrame() -> [UInt8] {
        var bytes: [UInt8] = []
        appendFrame(to: &bytes)
        return bytes
    }

    /// Appends what ``encodeFrame()`` gives; several frames may go out in one write.
    public func appendFrame(to bytes: inout [UInt8]) {
        let size = encodedSize
        bytes.reserve(size + FrameDecoder.headerSize)
        withUnsafeBytes(of: FrameDecoder.magic) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: size).bigEndian) { bytes.append(contentsOf: $0) }
        append(to: &bytes)
    }

    private func nameCount(_ name: String) -> Int {
        foreignNames.isEmpty ? name.utf8.count : foreignNames[name]?.count ?? name.utf8.count
    }

    private func append(name: String, to bytes: inout [UInt8]) {
        if !foreignNames.isEmpty, let foreign = foreignNames[name] {
            appendSize(foreign.count, to: &bytes)
            bytes.append(contentsOf: foreign)
        } else {
            appendSize(name.utf8.count, to: &bytes)
            bytes.append(contentsOf: name.utf8)
        }
    }

    private func appendHeader(to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: Self.headerSize, alignment: 4) { header in
            header[0] = 0x8e
            header[1] = 1
            header[2] = kind.rawValue
            header[3] = storedFlags.rawValue
            header.storeBytes(of: userID.bigEndian, toByteOffset: 4, as: UInt32.self)
            header.storeBytes(of: roles.rawValue.bigEndian, toByteOffset: 8, as: UInt32.self)
            header.storeBytes(of: word12.bigEndian, toByteOffset: 12, as: UInt32.self)
            header.storeBytes(of: word16.bigEndian, toByteOffset: 16, as: UInt32.self)
            bytes.append(contentsOf: header)
        }
    }
}

/// A part of `count` bytes with its size before it: one byte, or 255 and four.
private func sized(_ count: Int) -> Int { count < 255 ? count &+ 1 : count &+ 5 }

private func appendSize(_ count: Int, to bytes: inout [UInt8]) {
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
