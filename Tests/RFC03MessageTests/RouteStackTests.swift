import RFC03Message
import Testing

@Suite("RFC 3 routes")
struct RouteStackTests {
    /// Each part with its size before it, and a header with the flag `route`.
    private func wire(_ parts: [[UInt8]]) -> [UInt8] {
        var message = Message(.request, flags: .route)
        message.matchtag = 9
        var bytes: [UInt8] = []
        for part in parts {
            let size = part.count
            bytes += size < 255 ? [UInt8(size)] : [255, 0, UInt8(size >> 16), UInt8(size >> 8 & 255), UInt8(size & 255)]
            bytes += part
        }
        bytes.append(0)
        return bytes + message.encode().suffix(21)
    }

    @Test("the wire has the most recent hop first, the interface the oldest")
    func order() throws {
        var message = Message.request("a.b")
        message.pushRoute("first")
        message.pushRoute("second")
        #expect(message.routes == ["first", "second"])
        #expect(message.firstRoute == "first" && message.lastRoute == "second")
        #expect(message.routeStack.isLast("second") && !message.routeStack.isLast("first"))
        let again = try Message(decoding: message.encode())
        #expect(again == message && again.hashValue == message.hashValue)
        #expect(try Message(parts: message.parts) == message)
        #expect(message.popRoute() == "second")
        #expect(message.popRoute() == "first")
        #expect(message.popRoute() == nil)
        #expect(message.flags.contains(.route))
    }

    @Test("a NUL byte ends a name, and names of every length are kept", arguments: [1, 254, 255, 256, 70_000])
    func lengths(count: Int) throws {
        let name = [UInt8](repeating: 0x61, count: count)
        let message = try Message(decoding: wire([name, [0x62, 0, 0x63]]))
        #expect(message.routes == ["b", String(decoding: name, as: UTF8.self)])
        #expect(try Message(decoding: message.encode()) == message)
    }

    @Test("names that are not UTF-8 leave as they came")
    func foreign() throws {
        let message = try Message(decoding: wire([[0xff, 0xfe], [0x61]]))
        #expect(message.parts.prefix(2) == [[0xff, 0xfe], [0x61]])
        #expect(message.nameBytes(message.lastRoute ?? "") == [0xff, 0xfe])
    }

    @Test("what is wrong with routes, and where")
    func refused() {
        let cases: [([UInt8], Message.DecodeError.Reason)] = [
            (wire([[0x61], [0]]), .emptyRoute), (Array(wire([[0x61]])[0..<2] + wire([])[1...]), .missingDelimiter),
            ([5, 0x61], .truncatedPart), ([255, 0, 0], .truncatedPart), ([], .empty),
        ]
        for (bytes, reason) in cases {
            let error = #expect(throws: Message.DecodeError.self) { try Message(decoding: bytes) }
            #expect(error?.reason == reason)
        }
    }
}
