import FluxJSON
import Testing

@Suite("JSON text")
struct JSONTests {
    @Test("accepted texts print in canonical form", arguments: accepted)
    func accepts(_ text: String, _ canonical: String) throws {
        let json = try JSON(parsing: text)
        #expect(json.text == canonical)
        #expect(try JSON(parsing: json.bytes) == json)
    }

    @Test("refused texts name the reason and the place", arguments: refused)
    func refuses(_ text: String, _ reason: JSON.ParseError.Reason, _ offset: Int) {
        let error = #expect(throws: JSON.ParseError.self) { try JSON(parsing: text) }
        #expect(error?.reason == reason)
        #expect(error?.offset == offset)
    }

    @Test("invalid UTF-8 is refused where it is", arguments: brokenUTF8)
    func refusesBrokenUTF8(_ content: [UInt8], _ offset: Int) {
        for prefix in ["\"", "\"\\n"] {
            let error = #expect(throws: JSON.ParseError.self) {
                try JSON(parsing: Array(prefix.utf8) + content + [0x22])
            }
            #expect(error == JSON.ParseError(reason: .invalidUTF8, offset: prefix.utf8.count + offset))
        }
    }

    @Test("every prefix of a document is refused")
    func prefixes() throws {
        let text = Array(#"{"a":[1,-2.5e3,"x\u00e9\"",true,false,null,{}],"bé":{"c":"日本"}}"#.utf8)
        #expect(throws: Never.self) { try JSON(parsing: text) }
        for end in 0..<text.count {
            #expect(throws: JSON.ParseError.self) { try JSON(parsing: text[..<end]) }
        }
    }

    @Test("depth counts the innermost value")
    func depth() {
        func nested(_ depth: Int, _ inner: String) -> String {
            String(repeating: "[", count: depth) + inner + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try JSON(parsing: nested(2048, "")) }
        #expect(throws: Never.self) { try JSON(parsing: nested(2047, "1")) }
        #expect(throws: JSON.ParseError(reason: .tooDeep(limit: 2048), offset: 2048)) {
            try JSON(parsing: nested(2048, "1"))
        }
        #expect(throws: JSON.ParseError.self) { try JSON(parsing: String(repeating: "[", count: 1_000_000)) }
    }

    @Test("reals read back as they were, whatever their size")
    func reals() throws {
        var generator = Sequence64(state: 42)
        for round in 0..<200_000 {
            let value: Double
            switch round % 4 {
            case 0: value = Double(bitPattern: generator.next())
            case 1: value = Double(generator.next() % 4_000_000_000_000_000) / 1e6
            case 2: value = Double(generator.next()) / Double(generator.next() | 1)
            default: value = Double(generator.next() % 1_000_000) / 1e9
            }
            guard value.isFinite else { continue }
            let text = JSON.real(value).text
            #expect(Double(text) == value, "\(text)")
            #expect(text.contains(".") || text.contains("e"))
            #expect(try JSON(parsing: text) == .real(value), "\(text)")
        }
    }

    @Test("objects keep order, compare without it, and grow an index")
    func objects() {
        var object = JSON.Object()
        for number in 0..<1000 { object["key\(number)"] = .int(Int64(number)) }
        for number in stride(from: 0, to: 1000, by: 3) { object["key\(number)"] = nil }
        #expect(object.count == 666)
        #expect(object["key7"] == 7)
        #expect(object["key9"] == nil)
        #expect(JSON.Object(object.reversed().map { ($0.key, $0.value) }) == object)
        #expect((["b": 1, "a": 2] as JSON) == ["a": 2, "b": 1])
        #expect((["b": 1, "a": ["d": 1, "c": 2]] as JSON).text(sortedKeys: true) == #"{"a":{"c":2,"d":1},"b":1}"#)
        #expect((["e\u{301}": 1] as JSON) != ["\u{e9}": 1])
    }

    @Test("payload errors name the path")
    func payloadErrors() {
        let object: JSON.Object = ["n": 1, "list": ["a", 2], "big": 70000]
        #expect(throws: PayloadError(path: "n", expected: "string", found: "integer")) { try object.string("n") }
        #expect(throws: PayloadError(path: "x", expected: "integer", found: "nothing")) { try object.int("x") }
        #expect(throws: PayloadError(path: "list[1]", expected: "string", found: "integer")) {
            try object.strings("list")
        }
        #expect(throws: PayloadError.self) { try object.int("big", as: UInt16.self) }
        #expect(
            PayloadError(path: "slot", expected: "string", found: nil).inside("tasks[0]").description
                == "tasks[0].slot: expected string, found nothing")
    }
}

@Suite("Base64")
struct Base64Tests {
    @Test("encoded bytes decode to themselves")
    func roundTrip() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
        #expect(Base64.encode(Array("foob".utf8)) == "Zm9vYg==")
    }

    @Test("a foreign character is seen wherever it stands")
    func foreign() {
        let text = Array(Base64.encode(Array(0..<60)).utf8)
        for position in text.indices {
            for character in "\0,-.:@[`{~\u{7f}=".utf8 where character != UInt8(ascii: "=") || position < text.count - 4 {
                var changed = text
                changed[position] = character
                #expect(Base64.decode(String(decoding: changed, as: UTF8.self)) == nil)
            }
        }
    }

    @Test(
        "texts that are nearly right",
        arguments: [
            ("", []), ("Zg==", [0x66]), ("Zg=", [0x66]), ("Zg", [0x66]), ("Zh==", [0x66]), ("Zm8", [0x66, 0x6f]),
            ("====", []), ("Z", nil), ("Z===", nil), ("Zg==Zg==", nil), ("Zm9v=", [0x66, 0x6f, 0x6f]), ("Zm9v\n", nil),
            ("Z-==", nil),
        ] as [(String, [UInt8]?)])
    func nearlyRight(_ text: String, _ bytes: [UInt8]?) {
        #expect(Base64.decode(text) == bytes)
    }
}

struct Sequence64 {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
