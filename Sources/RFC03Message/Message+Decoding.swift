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
        while let part = try cursor.next() { last = part }
        guard last.upperBound > 0 else { throw DecodeError(reason: .empty, offset: 0) }
        let header = try Header(part: bytes, last, at: last.lowerBound)
        let kind = try header.kind(at: last.lowerBound)

        // No other initializer does the rest: what is delegated is copied once more when it is returned.
        var routes = RouteStack()
        var topic: TopicText?
        var payload: [UInt8]?
        cursor.index = 0
        if header.flags.contains(.route) {
            let (end, count) = try cursor.skipRoutes(before: last)
            routes = RouteStack(wire: UnsafeRawBufferPointer(rebasing: bytes[..<end]), count: count)
        }
        if header.flags.contains(.topic) {
            guard let part = try cursor.next(), part != last else {
                throw DecodeError(reason: .missingTopic, offset: last.lowerBound)
            }
            topic = TopicText(UnsafeRawBufferPointer(rebasing: bytes[part]))
        }
        if header.flags.contains(.payload) {
            guard let part = try cursor.next(), part != last else {
                throw DecodeError(reason: .missingPayload, offset: last.lowerBound)
            }
            payload = Array(UnsafeRawBufferPointer(rebasing: bytes[part]))
        }
        self.kind = kind
        userID = header.userID
        roles = header.roles
        word12 = header.word12
        word16 = header.word16
        storedFlags = header.flags
        routeStack = routes
        storedTopic = topic?.text
        foreignTopic = topic?.foreign
        storedPayload = StoredPayload(payload)
    }

    /// Reads a message from its parts, as a socket that keeps them apart delivers them.
    ///
    /// - Throws: ``DecodeError`` whose offset is the number of the part.
    public init(parts: [[UInt8]]) throws(DecodeError) {
        guard let end = parts.last else { throw DecodeError(reason: .empty, offset: 0) }
        let last = parts.count - 1
        let header = try end.withUnsafeBufferPointer { (bytes) throws(DecodeError) in
            try Header(part: UnsafeRawBufferPointer(bytes), 0..<bytes.count, at: last)
        }
        let kind = try header.kind(at: last)
        var routes = RouteStack()
        var topic: TopicText?
        var payload: [UInt8]?
        var next = 0
        if header.flags.contains(.route) {
            guard let delimiter = parts.firstIndex(where: \.isEmpty), delimiter < last else {
                throw DecodeError(reason: .missingDelimiter, offset: last)
            }
            guard !parts[..<delimiter].contains(where: { $0[0] == 0 }) else {
                throw DecodeError(reason: .emptyRoute, offset: last)
            }
            var wire: [UInt8] = []
            for part in parts[..<delimiter] {
                appendSize(part.count, to: &wire)
                wire.append(contentsOf: part)
            }
            routes = wire.withUnsafeBytes { RouteStack(wire: $0, count: delimiter) }
            next = delimiter + 1
        }
        if header.flags.contains(.topic) {
            guard next < last else { throw DecodeError(reason: .missingTopic, offset: last) }
            topic = parts[next].withUnsafeBytes { TopicText($0) }
            next += 1
        }
        if header.flags.contains(.payload) {
            guard next < last else { throw DecodeError(reason: .missingPayload, offset: last) }
            payload = parts[next]
        }
        self.init(kind, header, routes, topic, payload)
    }

    private static func decode(_ bytes: UnsafeRawBufferPointer) -> Result<Message, DecodeError> {
        do throws(DecodeError) { return .success(try Message(decoding: bytes)) } catch { return .failure(error) }
    }

    private init(_ kind: Kind, _ header: Header, _ routes: RouteStack, _ topic: TopicText?, _ payload: [UInt8]?) {
        self.kind = kind
        (userID, roles) = (header.userID, header.roles)
        (word12, word16) = (header.word12, header.word16)
        storedFlags = header.flags
        routeStack = routes
        (storedTopic, foreignTopic) = (topic?.text, topic?.foreign)
        storedPayload = StoredPayload(payload)
    }
}

/// A topic up to its NUL byte, where it has one.
private struct TopicText {
    let text: String
    /// Its bytes when they are not UTF-8.
    var foreign: [UInt8]?

    init(_ part: UnsafeRawBufferPointer) {
        var count = 0
        var all: UInt8 = 0
        while count < part.count, part[count] != 0 {
            all |= part[count]
            count &+= 1
        }
        let bytes = UnsafeRawBufferPointer(rebasing: part[..<count])
        text = String(decoding: bytes, as: UTF8.self)
        if all >= 0x80, String(validating: bytes, as: UTF8.self) == nil { foreign = Array(bytes) }
    }
}

extension Message.Header {
    /// Reads the header in a range of bytes; `offset` is what an error names.
    @inline(__always)
    fileprivate init(part bytes: UnsafeRawBufferPointer, _ range: Range<Int>, at offset: Int) throws(Message
        .DecodeError)
    {
        do throws(Message.DecodeError) {
            try self.init(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]))
        } catch {
            throw Message.DecodeError(reason: error.reason, offset: offset)
        }
    }

    @inline(__always)
    fileprivate func kind(at offset: Int) throws(Message.DecodeError) -> Message.Kind {
        guard let kind = Message.Kind(rawValue: type) else {
            throw Message.DecodeError(reason: .unknownType(type), offset: offset)
        }
        return kind
    }
}

/// Walks over parts that have their sizes before them.
private struct PartCursor {
    let bytes: UnsafeRawBufferPointer
    var index = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The range of the next part without its size; nil at the end.
    @inline(__always)
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

    /// Walks over the routes and their delimiter; says where the routes end and how many there are.
    mutating func skipRoutes(before last: Range<Int>) throws(Message.DecodeError) -> (end: Int, count: Int) {
        var count = 0
        while let part = try next(), part != last {
            if part.isEmpty { return (part.lowerBound &- 1, count) }
            guard bytes[part.lowerBound] != 0 else {
                throw Message.DecodeError(reason: .emptyRoute, offset: last.lowerBound)
            }
            count &+= 1
        }
        throw Message.DecodeError(reason: .missingDelimiter, offset: last.lowerBound)
    }
}
