extension Message {
    /// Reads a message from its parts with sizes, as ``encode()`` writes them.
    ///
    /// Topics and routes end at a NUL byte where they have one (RFC 3 wants it, flux-core does not write it). Parts
    /// that no flag announces are dropped, as flux-core does.
    ///
    /// - Throws: ``DecodeError``; on a connection that means EPROTO.
    /// - Complexity: linear.
    public init(decoding bytes: some Collection<UInt8>) throws(DecodeError) {
        let decoded = bytes.withContiguousStorageIfAvailable { Self.decode(UnsafeRawBufferPointer($0)) }
        if let decoded {
            self = try decoded.get()
        } else {
            self = try Array(bytes).withUnsafeBytes { Self.decode($0) }.get()
        }
    }

    /// Reads a message from bytes in place.
    public init(decoding bytes: UnsafeRawBufferPointer) throws(DecodeError) {
        // The header comes last, so walk to it first.
        var cursor = PartCursor(bytes)
        var last = 0..<0
        var count = 0
        while let part = try cursor.next() {
            last = part
            count &+= 1
        }
        guard count > 0 else { throw DecodeError(reason: .empty, offset: 0) }
        try self.init(header: UnsafeRawBufferPointer(rebasing: bytes[last]), at: last.lowerBound)
        cursor.index = 0
        try takeParts(count: count, end: last.lowerBound) { () throws(DecodeError) in
            UnsafeRawBufferPointer(rebasing: bytes[try cursor.next() ?? last])
        }
    }

    /// Reads a message from its parts.
    ///
    /// - Throws: ``DecodeError`` whose offset is the number of the part.
    public init(parts: [[UInt8]]) throws(DecodeError) {
        guard let header = parts.last else { throw DecodeError(reason: .empty, offset: 0) }
        self = try header.withUnsafeBufferPointer { (bytes) throws(DecodeError) in
            try Message(header: UnsafeRawBufferPointer(bytes), at: parts.count - 1)
        }
        var index = 0
        try takeParts(count: parts.count, end: parts.count - 1) { () throws(DecodeError) in
            defer { index += 1 }
            return parts[index]
        }
    }

    private static func decode(_ bytes: UnsafeRawBufferPointer) -> Result<Message, DecodeError> {
        do throws(DecodeError) { return .success(try Message(decoding: bytes)) } catch { return .failure(error) }
    }

    private init(header bytes: UnsafeRawBufferPointer, at offset: Int) throws(DecodeError) {
        let header: Header
        do throws(DecodeError) { header = try Header(decoding: bytes) } catch {
            throw DecodeError(reason: error.reason, offset: offset)
        }
        guard let kind = Kind(rawValue: header.type) else {
            throw DecodeError(reason: .unknownType(header.type), offset: offset)
        }
        self.kind = kind
        (userID, roles) = (header.userID, header.roles)
        (word12, word16) = (header.word12, header.word16)
        storedFlags = header.flags
    }

    /// Takes what the flags announce from `count` parts, of which the last one is the header.
    private mutating func takeParts<Part: Collection<UInt8>>(
        count: Int, end: Int, next: () throws(DecodeError) -> Part
    ) throws(DecodeError) {
        var left = count
        if storedFlags.contains(.route) {
            var isDelimited = false
            while left > 0, !isDelimited {
                let part = try next()
                left &-= 1
                if part.isEmpty {
                    isDelimited = true
                } else {
                    guard part.first != 0 else {
                        throw DecodeError(reason: .emptyRoute, offset: end)
                    }
                    storedRoutes.append(name(part))
                }
            }
            guard left > 0 else { throw DecodeError(reason: .missingDelimiter, offset: end) }
            storedRoutes.reverse()
        }
        if storedFlags.contains(.topic) {
            guard left > 1 else { throw DecodeError(reason: .missingTopic, offset: end) }
            storedTopic = name(try next())
            left &-= 1
        }
        if storedFlags.contains(.payload) {
            guard left > 1 else { throw DecodeError(reason: .missingPayload, offset: end) }
            storedPayload = Array(try next())
        }
    }

    /// The text of a topic or route up to its NUL byte.
    private mutating func name(_ part: some Collection<UInt8>) -> String {
        let bytes = part.prefix { $0 != 0 }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        let stand = String(decoding: bytes, as: UTF8.self)
        foreignNames[stand] = Array(bytes)
        return stand
    }
}

/// Walks over parts that have their sizes before them.
private struct PartCursor {
    let bytes: UnsafeRawBufferPointer
    var index = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The range of the next part without its size; nil at the end.
    mutating func next() throws(Message.DecodeError) -> Range<Int>? {
        guard index < bytes.count else { return nil }
        var count = Int(bytes[index])
        var start = index &+ 1
        if count == 255 {
            guard bytes.count &- start >= 4 else { throw Message.DecodeError(reason: .truncatedPart, offset: index) }
            count = Int(word(bytes, at: start))
            start &+= 4
        }
        guard bytes.count &- start >= count else { throw Message.DecodeError(reason: .truncatedPart, offset: index) }
        index = start &+ count
        return start..<index
    }
}
