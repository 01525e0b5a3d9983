import RFC45Range
import Testing

@Suite("RFC 45 counts and ranges")
struct ResourceCountTests {
    @Test(
        "rejected texts name the reason and the place",
        arguments: [
            ("", .notANumber, 0), ("0", .notANumber, 0), ("01", .notANumber, 0), ("4294967296", .tooLarge, 0),
            ("4-1", .descending, 2), ("1-4:2:-", .unknownOperator, 6), ("1-4:1:*", .doesNotAscend, 6),
            ("[[1]]", .mismatchedBrackets, 1), ("1+5", .trailingText, 2), ("{\"min\":0}", .notACountInJSON, 0),
        ] as [(String, ResourceCount.ParseError.Reason, Int)])
    func rejected(text: String, reason: ResourceCount.ParseError.Reason, offset: Int) {
        let error = #expect(throws: ResourceCount.ParseError.self) { try ResourceCount(parsing: text) }
        #expect(error?.reason == reason)
        #expect(error?.offset == offset)
    }

    @Test("values ascend and end", arguments: ["2+:2:^", "3+:2:*", "1+:1:^", "1+:2147483648", "5-9", "1-100:7", "1,4"])
    func values(text: String) {
        guard let count = ResourceCount(text) else { return }
        let values = Array(count.values.prefix(1000))
        #expect(zip(values, values.dropFirst()).allSatisfy(<))
        #expect(values.allSatisfy(count.contains) && values.first == count.minimum)
        #expect(ResourceCount(count.formatted(.long.bracketed)) == count)
        #expect((try? ResourceCount(json: count.json)) == count)
    }

    @Test("long lists stay short")
    func long() throws {
        #expect(try ResourceCount(parsing: "1-2147483647").formatted(.long) == "1-2147483647")
    }
}
