import CommandKit
import Testing

@Suite("Progress bars")
struct ProgressBarTests {
    @Test("a bar fills its width in eighths", arguments: [
        (0, "a│          │  0.0% z"), (1, "a│██▌       │ 25.0% z"), (4, "a│██████████│100.0% z"),
        (5, "a│██████████│125.0% z"),
    ])
    func width(_ count: Int, _ expected: String) {
        var bar = ProgressBar()
        (bar.total, bar.count, bar.before, bar.after) = (4, count, "a", "z")
        #expect(bar.text(width: 21) == expected)
    }

    @Test("a terminal without room shows the texts")
    func narrow() {
        var bar = ProgressBar()
        bar.before = "abc"
        #expect(bar.text(width: 2) == "abc││  0.0% ")
    }

    @Test("clocks are rounded to seconds", arguments: [(0.4, "0:00:00"), (61.6, "0:01:02"), (-3, "0:00:00")])
    func clock(_ seconds: Double, _ expected: String) { #expect(ProgressBar.clock(seconds) == expected) }

    @Test("output cannot move the cursor, colours stay", arguments: [
        ("\u{1b}[31mred\u{1b}[0m", "\u{1b}[31mred\u{1b}[0m"), ("a\u{1b}[2Jb", "ab"), ("\u{1b}7x\u{1b}8", "x"),
        ("\u{1b}[1;5rz", "z"), ("end\u{1b}", "end\u{1b}"), ("\u{1b}[?25lx", "x"),
    ])
    func harmless(_ text: String, _ expected: String) {
        #expect(String(decoding: BottomLine.harmless(Array(text.utf8)), as: UTF8.self) == expected)
    }
}
