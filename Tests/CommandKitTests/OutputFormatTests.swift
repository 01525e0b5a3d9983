import CommandKit
import Testing

@Suite("Formats of listings")
struct OutputFormatTests {
    private static let headings = ["name": "NAME", "note": "NOTE", "n": "N", "t": "TIME", "x": "X"]
    private static let rows: [[String: FieldValue]] = [
        ["name": .text("alpha"), "note": .empty, "n": .int(10), "t": .real(90), "x": .real(0.5)],
        ["name": .text("ƒ1"), "note": .empty, "n": .int(9), "t": .real(0), "x": .real(0.005)],
    ]

    private static let formats: [(String, [String])] = [
        ("{name:>6}|{n:<3}|", ["  NAME|N  |", " alpha|10 |", "    ƒ1|9  |"]),
        ("{name:<3.3+}|", ["NAME|", "al+|", "ƒ1 |"]),
        ("{name} ?:{note:>5}{n:>3}", ["NAME  N", "alpha 10", "ƒ1  9"]),
        ("+:{name:>2} {n}", [" NAME N", "alpha 10", "   ƒ1 9"]),
        ("{t!F:>6h}", ["  TIME", "  1.5m", "     -"]),
        ("{t!H}", ["TIME", "0:01:30", "0:00:00"]),
        ("{x!P}", ["X", "50%", "0.50%"]),
        ("{n:.2f}", ["N", "10.00", "9.00"]),
        ("{n:^5}|", ["  N  |", " 10  |", "  9  |"]),
        ("{n:*>4}", ["   N", "**10", "***9"]),
        ("sort:n {name}", ["NAME", "ƒ1", "alpha"]),
        ("sort:-n {name}", ["NAME", "alpha", "ƒ1"]),
        ("{{{n}}}", ["{N}", "{10}", "{9}"]),
    ]

    @Test("lines are as flux-core's commands in Python print them", arguments: formats)
    func lines(_ text: String, _ expected: [String]) throws {
        let format = try OutputFormat(text, headings: Self.headings)
        let lines = try format.lines(for: Self.rows, hasHeader: true) { row, field in row[field] ?? .empty }
        #expect(lines == expected)
    }

    @Test("unknown fields, open braces and bad specs are refused", arguments: ["{bogus}", "{name", "}", "{n:>5.q}"])
    func refused(_ text: String) {
        #expect(throws: CommandError.self) { _ = try OutputFormat(text, headings: Self.headings) }
    }

    @Test("lines are cut at a width")
    func width() throws {
        let format = try OutputFormat("{name}{name}", headings: Self.headings)
        let lines = try format.lines(for: Self.rows, hasHeader: false, width: 6) { row, field in row[field] ?? .empty }
        #expect(lines == ["alpha+", "ƒ1ƒ1"])
    }
}
