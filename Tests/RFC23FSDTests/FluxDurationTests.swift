import RFC23FSD
import Testing

@Suite("RFC 23 Flux Standard Duration")
struct FluxDurationTests {
    @Test(
        "rejected texts name the reason and the place",
        arguments: [
            ("", .notANumber, 0), ("s", .notANumber, 0), ("-1", .outOfRange, 0), ("nan", .outOfRange, 0),
            ("5x", .unknownUnit, 1), ("1S", .unknownUnit, 1), ("1e", .unknownUnit, 1), ("infs", .unitAfterInfinity, 3),
            ("1e999s", .unitAfterInfinity, 5),
        ] as [(String, FluxDuration.ParseError.Reason, Int)])
    func rejected(text: String, reason: FluxDuration.ParseError.Reason, offset: Int) {
        let error = #expect(throws: FluxDuration.ParseError.self) { try FluxDuration(parsing: text) }
        #expect(error?.reason == reason)
        #expect(error?.offset == offset)
    }

    @Test("converts from and to Duration")
    func duration() throws {
        #expect(try FluxDuration(parsing: "1.5s").duration == .milliseconds(1500))
        #expect(FluxDuration(.seconds(90))?.description == "1.5m")
        #expect(FluxDuration(.seconds(-1)) == nil && FluxDuration.infinity.duration == nil)
        #expect(FluxDuration(seconds: 1e300)?.duration == nil && FluxDuration(seconds: .nan) == nil)
    }

    @Test("the exact text reads back", arguments: [0, 0.1, 1 / 3, 1e-300, 1e300, 86_400, .infinity])
    func exact(seconds: Double) throws {
        let duration = try #require(FluxDuration(seconds: seconds))
        #expect(try FluxDuration(parsing: duration.exactText) == duration)
        #expect(!duration.formatted(precision: .max).isEmpty && !duration.formatted(precision: .min).isEmpty)
    }
}
