/// The last line of a terminal, kept for one text while other output scrolls above it.
///
/// Identity: it owns the scroll region of the terminal of standard output. Works with terminals that know the
/// sequences of a VT100.
public final class BottomLine {
    private var size: (rows: Int, columns: Int) = (0, 0)
    private var isShown = false
    private let text: (_ width: Int) -> String

    /// - Parameter text: the line for a width; never longer than that.
    public init(_ text: @escaping (_ width: Int) -> String) { self.text = text }

    /// Shows the line, or shows it anew.
    public func draw() {
        let now = Terminal.size ?? (24, 80)
        if now != size {
            size = now
            // The region ends one row above the line; a row is made for it first.
            put("\u{1b}7\u{1b}[r\u{1b}8\u{1b}D\u{1b}M\u{1b}7\u{1b}[1;\(size.rows - 1)r\u{1b}8")
        }
        isShown = true
        put("\u{1b}7\u{1b}[\(size.rows);1H\u{1b}[2K\u{1b}[?7l\u{1b}[0m\(text(size.columns))\u{1b}[?7h\u{1b}8")
    }

    /// Gives the terminal back; the last text stays.
    public func end() {
        guard isShown else { return }
        isShown = false
        put("\u{1b}7\u{1b}[\(size.rows);1H\u{1b}[K\u{1b}[r\u{1b}8\(text(size.columns))\n")
    }

    private func put(_ text: String) { printBytes(Array(text.utf8)) }

    /// Output without the sequences that would move the cursor or the scroll region; colours stay.
    public static func harmless(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(0x1b) else { return bytes }
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index] == 0x1b, index + 1 < bytes.count else {
                result.append(bytes[index])
                index += 1
                continue
            }
            let next = bytes[index + 1]
            if next == UInt8(ascii: "[") {
                var end = index + 2
                while end < bytes.count, !(0x40...0x7e).contains(bytes[end]) { end += 1 }
                if end < bytes.count, !"rHJfABCDthl".utf8.contains(bytes[end]) { result += bytes[index...end] }
                index = min(end, bytes.count - 1) + 1
            } else if "78DMc".utf8.contains(next) {
                index += 2
            } else {
                result.append(0x1b)
                index += 1
            }
        }
        return result
    }
}
