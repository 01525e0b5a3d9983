import FluxJSON
import RFC46Shape
import Testing

@Suite("RFC 46 shapes")
struct ShapeTests {
    @Test(
        "rejected texts name the reason and the place",
        arguments: [
            ("", .unexpectedEnd, 0), ("slot", .unexpectedEnd, 4), ("node/", .unexpectedEnd, 5),
            ("node=4-1", .invalidCount, 5), ("node=1.5", .unexpectedCharacter, 6), ("[node;]", .unexpectedCharacter, 6),
            ("node{a:\"x}", .unclosedQuote, 7), ("node{a:[1,}", .unexpectedEnd, 11), ("node{a:[x]}", .invalidValue, 7),
            ("node{a:99999999999999999999}", .invalidValue, 7), ("slot/node/slot/core", .missingLabel, 10),
        ] as [(String, Shape.ParseError.Reason, Int)])
    func rejected(text: String, reason: Shape.ParseError.Reason, offset: Int) {
        let error = #expect(throws: Shape.ParseError.self) { try Shape(parsing: text) }
        #expect(error?.reason == reason)
        #expect(error?.offset == offset)
    }

    @Test("depth is limited", arguments: ["n/", "n{a:{", "["])
    func depth(part: String) {
        #expect(throws: Shape.ParseError.self) { try Shape(parsing: String(repeating: part, count: 10_000) + "n") }
    }

    @Test("arrays end at their own bracket")
    func arrays() throws {
        let text = "[node{a:[1,[']','x']]}/core;gpu{b:[]}]"
        #expect(
            try Shape(parsing: text).resources().text
                == #"[{"type":"node","count":1,"a":[1,["]","x"]],"with":[{"type":"core","count":1}]},"#
                + #"{"type":"gpu","count":1,"b":[]}]"#)
    }
}
