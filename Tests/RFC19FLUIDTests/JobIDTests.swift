import RFC19FLUID
import Testing

@Suite("RFC 19 FLUID")
struct JobIDTests {
    @Test(
        "every encoding reads back",
        arguments: [0, 1, 57, 1625, 4_294_967_296, 6_731_191_091_817_518, UInt64.max], JobID.Encoding.allCases)
    func roundTrip(value: UInt64, encoding: JobID.Encoding) throws {
        let id = JobID(value)
        #expect(try JobID(parsing: id.text(encoding)) == id)
        #expect(try JobID(parsing: id.text(encoding), as: encoding) == id)
    }

    @Test("every emoji and every word has its place")
    func tables() throws {
        for value in 0..<UInt64(576) {
            let emoji = JobID(value).emoji
            #expect(emoji.unicodeScalars.count == 1)
            #expect(try JobID(parsing: emoji).value == value)
        }
        for value in 0..<UInt64(1626) {
            let words = JobID(value).words
            #expect(words.hasSuffix("-academy-academy--academy-academy-academy"))
            #expect(try JobID(parsing: words.uppercased(), as: .words).value == value)
        }
        #expect(JobID(1625).words.hasPrefix("amen-"))
        #expect(throws: JobID.ParseError.self) { try JobID(parsing: "\u{1f4a9}x") }
    }

    @Test("what is appended is the text", arguments: JobID.Encoding.allCases)
    func appended(encoding: JobID.Encoding) {
        for shift in 0..<UInt64(64) {
            let id = JobID(0xf731_5a9b_24ce_8d60 >> shift)
            var bytes: [UInt8] = [0x3a]
            id.append(encoding, to: &bytes)
            #expect(bytes == Array(":\(id.text(encoding))".utf8))
        }
    }

    @Test(
        "rejected texts name the reason and the place",
        arguments: [
            ("", .empty, 0), ("18446744073709551616", .tooLarge, 19), ("0x10000000000000000", .tooLarge, 18),
            ("fjpXCZedGfVR", .tooLarge, 11), ("f0", .invalidCharacter, 1), ("f1111111111111", .wrongLength, 1),
            ("1.2.3", .invalidCharacter, 5), ("academy-nosuchword", .unknownWord, 8), ("a-b", .unknownWord, 0),
            ("amen-amen-amen--amen-amen-amen", .tooLarge, 14), ("job.", .empty, 0),
        ] as [(String, JobID.ParseError.Reason, Int)])
    func rejected(text: String, reason: JobID.ParseError.Reason, offset: Int) {
        let error = #expect(throws: JobID.ParseError.self) { try JobID(parsing: text) }
        #expect(error?.reason == reason)
        #expect(error?.offset == offset)
    }

    @Test("parts make an id and come out of it")
    func parts() throws {
        let id = try #require(JobID(timestampMilliseconds: 1_099_511_627_775, generator: 16_383, sequence: 1023))
        #expect(id.value == .max && id.generator == 16_383 && id.sequence == 1023)
        #expect(JobID(timestampMilliseconds: 1 << 40, generator: 0, sequence: 0) == nil)
    }

    @Test("a generator makes 1023 ids in a millisecond and never goes back")
    func generator() throws {
        var generator = try #require(FLUIDGenerator(number: 3))
        var ids: [JobID] = []
        while let id = generator.next(nowMilliseconds: 7) { ids.append(id) }
        #expect(ids.count == 1023 && ids == ids.sorted() && Set(ids).count == 1023)
        #expect(generator.next(nowMilliseconds: 8)?.sequence == 0)
        #expect(generator.next(nowMilliseconds: 2)?.timestampMilliseconds == 8)
        #expect(generator.next(nowMilliseconds: 1 << 40) == nil)
        #expect(FLUIDGenerator(number: 16_384) == nil)
    }
}
