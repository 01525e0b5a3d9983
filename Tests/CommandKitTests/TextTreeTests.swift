import CommandKit
import Testing

@Suite("Trees of labels")
struct TextTreeTests {
    private func sample(combines: Bool) -> TextTree {
        var inner = TextTree("flux", prefix: "1")
        for name in ["sleep", "sleep", "true"] { inner.append(TextTree(name), combines: combines) }
        var root = TextTree(".")
        root.append(inner, combines: combines)
        root.append(TextTree("last"), combines: combines)
        return root
    }

    @Test("equal leaves are one line")
    func combined() {
        #expect(sample(combines: true).lines(.ascii) == [
            ".", "1 |-- flux", "|   |-- 2*[sleep]", "|   `-- true", "`-- last",
        ])
    }

    @Test("without combination each has a line of its own, and the root may be left out")
    func apart() {
        #expect(sample(combines: false).lines(.compact, skipsRoot: true) == [
            "1 flux", "├─sleep", "├─sleep", "└─true", "last",
        ])
    }

    @Test("long lines are cut")
    func cut() { #expect(sample(combines: true).lines(.box, width: 6)[1] == "1 ├──+") }
}
