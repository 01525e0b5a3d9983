import Glibc

/// A table on standard output that grows line by line while the measurements run.
enum Report {
    static func heading(_ title: String, _ columns: [String]) {
        print("\n\(title)")
        line(columns)
    }

    /// Prints the first column to the left, the others to the right.
    static func line(_ cells: [String]) {
        var text = padded(cells[0], 52, left: true)
        for cell in cells.dropFirst() { text += padded(cell, 14, left: false) }
        print(text)
        fflush(nil)
    }

    /// Says on a terminal what is being measured; the next line of the table takes its place.
    static func progress(_ text: String) {
        guard isatty(2) == 1 else { return }
        complain("\r\u{1b}[K\(text)")
    }

    /// A remark below a line of the table.
    static func note(_ text: String) {
        print("    \(text)")
        fflush(nil)
    }

    /// A time with three digits and the unit that fits: `1.23 ms`.
    static func time(_ seconds: Double) -> String {
        switch seconds {
        case ..<0, .infinity: "-"
        case ..<1e-6: "\(digits(seconds * 1e9)) ns"
        case ..<1e-3: "\(digits(seconds * 1e6)) µs"
        case ..<1: "\(digits(seconds * 1e3)) ms"
        case 1...: "\(digits(seconds)) s"
        default: "-"
        }
    }

    /// How many times as much the reference takes; above 1 is in our favour.
    static func ratio(_ ours: Double, _ reference: Double?) -> String {
        guard let reference, ours > 0, reference.isFinite else { return "-" }
        return "\(digits(reference / ours))×"
    }

    /// A number with three significant digits.
    static func digits(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        let places = abs(value) < 10 ? 2 : abs(value) < 100 ? 1 : 0
        let scale = [1.0, 10, 100][places]
        let whole = Int((abs(value) * scale).rounded())
        let sign = value < 0 ? "-" : ""
        guard places > 0 else { return "\(sign)\(whole)" }
        let fraction = String(whole % Int(scale))
        return "\(sign)\(whole / Int(scale)).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
    }

    private static func padded(_ text: String, _ width: Int, left: Bool) -> String {
        let space = String(repeating: " ", count: max(1, width - text.count))
        return left ? text + space : space + text
    }
}
