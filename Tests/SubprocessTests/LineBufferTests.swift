import Subprocess
import Testing

@Suite("Lines of a child's output")
struct LineBufferTests {
    private func run(_ pieces: [String], limit: Int = 100) -> [String] {
        var buffer = LineBuffer(limit: limit)
        var runs = pieces.map { String(decoding: buffer.append(Array($0.utf8)), as: UTF8.self) }
        runs.append(String(decoding: buffer.takeRest(), as: UTF8.self))
        return runs
    }

    @Test func `whole lines are given out at once and together`() {
        #expect(run(["a\nb\n"]) == ["a\nb\n", ""])
    }

    @Test func `a part of a line waits for its end`() {
        #expect(run(["ab", "c\nd", "e"]) == ["", "abc\n", "", "de"])
    }

    @Test func `a line over the limit is given out in pieces`() {
        #expect(run(["abcd", "ef", "gh\n"], limit: 5) == ["", "abcdef", "gh\n", ""])
    }

    @Test func `fed byte by byte it gives the same bytes`() {
        let text = "one\ntwo\n\nthree"
        #expect(run(text.map { String($0) }).joined() == text)
    }

    @Test func `programs are looked up in the child's PATH`() {
        #expect(Command.candidates(for: "x", path: "/a::/b") == ["/a/x", "./x", "/b/x"])
        #expect(Command.candidates(for: "./x", path: "/a") == ["./x"])
        #expect(Command.candidates(for: "x", path: nil) == ["/bin/x", "/usr/bin/x"])
    }
}
